"""usd, amount and slippage_bps where numbers are as large as calldata can hold."""

from __future__ import annotations

import pytest

MOST = 2**255


@pytest.mark.parametrize("minimum", [0, 1, MOST])
def test_a_slippage_of_any_size_is_judged_and_told(world, minimum: int) -> None:
    rule = "id: s, allow: swap, when: {sell: [dai], slippage_bps: {max: 50, against: oracle}}"
    approve, swap = world.approve("usdc", "uniswap-v3", 1), world.swap("usdc", 1, "weth", minimum)
    verdict = world.judge(world.rules(rule), approve, swap)
    assert verdict.decision == "deny"
    rule = rule.replace("dai", "usdc")
    assert world.judge(world.rules(rule), approve, swap).decision == ("allow" if minimum == MOST else "deny")


@pytest.mark.parametrize("condition", ["usd: {max: 1}", "amount: {max: 1}"])
def test_the_largest_amount_there_is_is_judged_and_told(world, condition: str) -> None:
    rule = f"id: s, allow: transfer, when: {{{condition}}}"
    assert world.judge(world.rules(rule), world.transfer("dai", "alice", 2**256 - 1)).decision == "deny"
