"""gas_price_gwei, gas_limit and fee: the worst that the proposal's gas can cost."""

from __future__ import annotations

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import Fees

GWEI = 10**9


def decided(world, when: str, fees: Fees | None, word: str = "allow", **facts) -> str:
    free = () if word == "allow" else ("id: free, allow: transfer",)
    policy = world.rules(*free, f"id: r, {word}: transfer, when: {{{when}}}")
    return str(world.judge(policy, world.transfer("usdc", "alice", 1), facts=world.facts(fees=fees, **facts)).decision)


@pytest.mark.parametrize(
    ("when", "passes", "fails"),
    [
        ("gas_price_gwei: {max: 50}", (21000, 50 * GWEI), (21000, 50 * GWEI + 1)),
        ("gas_price_gwei: {below: 0.5}", (21000, GWEI // 2 - 1), (21000, GWEI // 2)),
        ("gas_limit: {max: 100000}", (100_000, 1), (100_001, 1)),
        ("fee: {max: 0.01}", (100_000, 100 * GWEI), (100_001, 100 * GWEI)),
        ("fee: {usd: {max: 25}}", (100_000, 100 * GWEI), (100_001, 100 * GWEI)),
    ],
)
def test_the_bound_is_included_and_one_more_is_not(world, when: str, passes, fails) -> None:
    for (gas, price), decision in ((passes, "allow"), (fails, "deny")):
        fees = Fees(gas_limit=gas, max_fee_per_gas=price)
        assert decided(world, when, fees) == decision, (when, gas, price)


@pytest.mark.parametrize("when", ["gas_price_gwei: {max: 50}", "gas_limit: {max: 1}", "fee: {max: 1}"])
def test_gas_that_is_not_known_passes_nothing(world, when: str) -> None:
    assert decided(world, when, None) == "deny"
    assert decided(world, when.replace("max", "above"), None, "deny") == "deny"


def test_a_coin_without_a_price_makes_a_fee_in_usd_unknown(world) -> None:
    fees = Fees(gas_limit=1, max_fee_per_gas=1)
    blind = {key: price for key, price in world.facts().prices.items() if key != "native"}
    assert decided(world, "fee: {usd: {max: 25}}", fees, prices=blind) == "deny"
    assert decided(world, "fee: {max: 25}", fees, prices=blind) == "allow"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("fee: {usd: {max: 1}, max: 1}", "units and usd cannot be bounded at once"),
        ("fee: {usd: {mx: 1}}", 'did you mean "max"'),
        ("fee: {}", "at least one of max"),
        ("gas_limit: {max: -1}", "zero or more"),
    ],
)
def test_bounds_that_say_nothing_are_faults(world, when: str, words: str) -> None:
    with pytest.raises(DocumentError, match=words):
        world.rules(f"id: r, allow: transfer, when: {{{when}}}")
