"""allowance_after: a cap on what a spender may take in all."""

from __future__ import annotations

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.wallets.call import Call

USDC = 10**6
CAP = "id: cap, allow: [approval, permit], when: {allowance_after: {max: 1000}}"


def decided(world, rule: str, *calls, **facts) -> str:
    return str(world.judge(world.rules(*rule.split("\n")), *calls, facts=world.facts(**facts)).decision)


def test_an_approval_is_held_by_what_it_results_in(world) -> None:
    assert decided(world, CAP, world.approve("usdc", "uniswap-v3", 1000 * USDC)) == "allow"
    assert decided(world, CAP, world.approve("usdc", "uniswap-v3", 1000 * USDC + 1)) == "deny"


def test_raising_an_allowance_counts_what_stood_before(world) -> None:
    pair = f"{world.at('usdc')}:{world.at('uniswap-v3')}"
    more = Call.encode(world.at("usdc"), "increaseAllowance(address,uint256)", world.at("uniswap-v3"), 400 * USDC)
    assert decided(world, CAP, more, allowances={pair: 600 * USDC}) == "allow"
    assert decided(world, CAP, more, allowances={pair: 600 * USDC + 1}) == "deny"
    assert decided(world, CAP, more, more, allowances={pair: 600 * USDC}) == "deny", "twice in one proposal"
    assert decided(world, CAP, more) == "deny", "what stood before is not known"


def test_the_cap_may_be_in_usd_and_needs_a_price(world) -> None:
    rule = "id: cap, allow: approval, when: {allowance_after: {usd: {max: 2500}}}"
    assert decided(world, rule, world.approve("weth", "uniswap-v3", 10**18)) == "allow"
    assert decided(world, rule, world.approve("weth", "uniswap-v3", 10**18 + 1)) == "deny"
    assert decided(world, rule, world.approve("weth", "uniswap-v3", 1), unpriced=("weth",)) == "deny"


@pytest.mark.parametrize("amount", [2**256 - 1, 2**96 - 1, 101])
def test_unlimited_is_more_than_any_bound(world, amount: int) -> None:
    supplies = {world.at("dai"): 100}
    rule = f"id: large, deny: approval, when: {{allowance_after: {{above: {10**99}}}}}"
    found = world.judge(
        world.rules("id: a, allow: approval", rule),
        world.approve("dai", "uniswap-v3", amount),
        facts=world.facts(total_supplies=supplies),
    )
    assert "large" in {reason.rule for reason in found.reasons}


def test_what_allows_nobody_anything_fails(world) -> None:
    assert (
        decided(
            world, "id: cap, allow: transfer, when: {allowance_after: {max: 5}}", world.transfer("usdc", "alice", 1)
        )
        == "deny"
    )


@pytest.mark.parametrize("note", ["votes", "debt", ""])
def test_whether_a_delegation_lets_somebody_borrow_is_told_by_its_amount_and_not_by_words(world, note: str) -> None:
    cap = world.rules("id: cap, deny: delegation, when: {allowance_after: {above: 4}}").rules[0].when[0]
    for amount, above in ((None, False), (5, True), (10**6 * 5, True)):
        fields = {"asset": world.at("usdc"), "amount": None if amount is None else amount * 10**6, "note": note}
        effect = world.effect(Kind.DELEGATION, counterparty=world.at("alice"), **fields)
        assert cap.judge(Subject(effect, world.propose(), world.book, world.facts(), (effect,), 0)) is above
