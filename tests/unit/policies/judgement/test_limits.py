"""What a proposal counts, and what a window holds."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from treasurer.policies.facts import Fees, Spent
from treasurer.wallets.call import Call

USDC = 10**6
ETHER = 10**18


def outflow_usd(world, *calls: Call, **facts) -> Decimal | None:
    rows = [row for row in world.counted(*calls, facts=world.facts(**facts)) if row.counter == "outflow"]
    return None if any(row.usd is None for row in rows) else sum((row.usd for row in rows), Decimal(0))


def test_a_transfer_counts_its_amount_and_one_to_self_or_an_own_account_nothing(world) -> None:
    assert outflow_usd(world, world.transfer("usdc", "alice", 5 * USDC)) == 5
    assert outflow_usd(world, world.pay_native("alice", ETHER)) == 2500
    assert outflow_usd(world, world.transfer("usdc", "self", 5 * USDC)) == 0
    assert outflow_usd(world, world.transfer("usdc", "cold", 5 * USDC)) == 0


def test_a_swap_counts_what_its_minimum_may_lose(world) -> None:
    approve = world.approve("usdc", "uniswap-v3", 2500 * USDC)
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", ETHER)) == 0
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", ETHER * 99 // 100)) == 25
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", 2 * ETHER)) == 0, "never netted"
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", ETHER, world.stranger)) == 2500
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", ETHER), unpriced=("weth",)) == 2500
    assert outflow_usd(world, approve, world.swap("usdc", 2500 * USDC, "weth", ETHER), unpriced=("usdc",)) is None


def test_turnover_counts_swaps_gross(world) -> None:
    calls = (world.approve("usdc", "uniswap-v3", 2500 * USDC), world.swap("usdc", 2500 * USDC, "weth", ETHER))
    (row,) = [row for row in world.counted(*calls) if row.counter == "turnover"]
    assert (row.base_units, row.usd) == (2500 * USDC, 2500)


def test_an_open_approval_counts_its_amount_and_a_settled_one_nothing(world) -> None:
    approve = world.approve("usdc", "uniswap-v3", 7 * USDC)
    (row,) = world.counted(approve)
    assert (row.usd, row.standing, row.recipient) == (7, True, world.at("uniswap-v3"))
    assert not any(row.standing for row in world.counted(approve, world.swap("usdc", 7 * USDC, "weth", 0)))


def test_a_second_approval_of_a_spender_counts_the_larger_amount(world) -> None:
    pair = f"{world.at('usdc')}:{world.at('uniswap-v3')}"
    approve = world.approve("usdc", "uniswap-v3", 7 * USDC)
    assert outflow_usd(world, approve, allowances={pair: 100 * USDC}) == 100
    assert outflow_usd(world, approve, allowances={pair: 2 * USDC}) == 7
    assert outflow_usd(world, approve, world.approve("usdc", "uniswap-v3", 1 * USDC)) == 8, "both may be spent"


def test_positions_for_self_count_nothing_and_for_others_in_full(world) -> None:
    approve = world.approve("usdc", "aave-v3", 9 * USDC)
    assert outflow_usd(world, approve, world.supply("usdc", 9 * USDC)) == 0
    assert outflow_usd(world, approve, world.supply("usdc", 9 * USDC, world.stranger)) == 9
    assert outflow_usd(world, world.withdraw("usdc", 9 * USDC)) == 0
    assert outflow_usd(world, world.withdraw("usdc", 9 * USDC, "cold")) == 0
    assert outflow_usd(world, world.withdraw("usdc", 9 * USDC, world.stranger)) == 9


def test_an_amount_without_a_bound_counts_as_the_largest_there_is(world) -> None:
    (row,) = world.counted(world.withdraw("usdc", 2**256 - 1, world.stranger))
    assert row.base_units == 2**256 - 1


def test_wrapping_counts_nothing_and_borrowing_as_borrow(world) -> None:
    assert world.counted(Call.encode(world.at("weth"), "deposit()", value=ETHER)) == ()
    assert world.counted(Call.encode(world.at("weth"), "withdraw(uint256)", ETHER)) == ()
    (row,) = world.counted(world.borrow("usdc", 4 * USDC))
    assert (row.counter, row.usd) == ("borrow", 4)


def test_gas_counts_the_gas_limit_at_the_maximum_fee(world) -> None:
    facts = world.facts(fees=Fees(gas_limit=100_000, max_fee_per_gas=10**10), not_held=())
    (row,) = [row for row in world.counted(world.pay_native("self", 0), facts=facts) if row.counter == "gas"]
    assert (row.base_units, row.usd) == (10**15, Decimal("2.5"))


def limited(world, limit: str, *calls: Call, **facts):
    policy = world.policy(f"limits: [{{id: cap, {limit}}}]\nrules: [{{id: a, allow: [transfer, swap, approval]}}]\n")
    return world.judge(policy, *calls, facts=world.facts(**facts))


def spent(world, usd: int, at, **more) -> Spent:
    row = {
        "intent": "i",
        "counter": "outflow",
        "asset": world.at("usdc"),
        "base_units": usd * USDC,
        "usd": Decimal(usd),
    }
    return Spent(**(row | more), at=at)


def test_a_window_leaves_out_its_beginning_and_holds_its_end(world) -> None:
    limit, day = "counts: outflow, asset: usd, window: 24h, max: 100", timedelta(hours=24)
    call = world.transfer("usdc", "alice", 60 * USDC)
    for at, decision in (
        (world.noon - day, "allow"),
        (world.noon - day + timedelta(microseconds=1), "deny"),
        (world.noon, "deny"),
        (None, "deny"),
    ):
        assert limited(world, limit, call, spent=(spent(world, 60, at),)).decision == decision, at


def test_an_allowance_left_open_counts_whatever_its_age(world) -> None:
    limit, call = "counts: outflow, asset: usd, window: 24h, max: 100", world.transfer("usdc", "alice", 60 * USDC)
    old = spent(world, 60, world.noon - timedelta(days=300), standing=True)
    assert limited(world, limit, call, spent=(old,)).decision == "deny"


def test_the_maximum_is_included_and_the_reason_says_the_numbers(world) -> None:
    limit = "counts: outflow, asset: usd, window: 24h, max: 100"
    assert limited(world, limit, world.transfer("usdc", "alice", 100 * USDC)).decision == "allow"
    verdict = limited(world, limit, world.transfer("usdc", "alice", 100 * USDC + 1))
    (reason,) = verdict.reasons
    assert (verdict.decision, reason.rule, reason.actual, reason.limit) == (
        "deny",
        "cap",
        "USD 100.000001",
        "USD 100.00",
    )


def test_a_limit_on_a_token_counts_that_token_alone_and_swaps_by_what_is_sold(world) -> None:
    limit = "counts: outflow, asset: usdc, window: 24h, max: 100"
    assert limited(world, limit, world.transfer("dai", "alice", 1000 * ETHER)).decision == "allow"
    assert limited(world, limit, world.transfer("usdc", "alice", 101 * USDC)).decision == "deny"
    for amount, decision in ((100, "allow"), (101, "deny")):
        calls = (world.approve("usdc", "uniswap-v3", amount * USDC), world.swap("usdc", amount * USDC, "weth", ETHER))
        assert limited(world, limit, *calls).decision == decision


def test_an_unpriced_outflow_breaks_a_limit_in_usd_and_not_one_in_its_token(world) -> None:
    call = world.transfer("dai", "alice", 1)
    verdict = limited(world, "counts: outflow, asset: usd, window: 24h, max: 100", call, unpriced=("dai",))
    assert "the price of dai is unknown" in verdict.reasons[0].message
    assert (
        limited(world, "counts: outflow, asset: dai, window: 24h, max: 100", call, unpriced=("dai",)).decision
        == "allow"
    )


def test_count_counts_proposals(world) -> None:
    limit, call = "counts: count, window: 1h, max: 2", world.transfer("usdc", "alice", 1)
    one = Spent(intent="i", counter="count", base_units=1, at=world.noon)
    assert limited(world, limit, call, spent=(one,)).decision == "allow"
    assert limited(world, limit, call, spent=(one, one)).decision == "deny"


def test_limits_hold_for_escalations_too_and_no_approval_lifts_them(world) -> None:
    policy = world.policy(
        "limits: [{id: cap, counts: outflow, asset: usd, window: 24h, max: 100}]\n"
        "rules: [{id: ask, escalate: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}}]\n"
    )
    assert world.judge(policy, world.transfer("usdc", "alice", 100 * USDC)).decision == "escalate"
    assert world.judge(policy, world.transfer("usdc", "alice", 101 * USDC)).decision == "deny"


@pytest.mark.parametrize(("not_held", "decision", "skipped"), [(("gas",), "allow", ("cap",)), ((), "deny", ())])
def test_a_gas_limit_is_skipped_only_where_the_judgement_says_so(world, not_held, decision, skipped) -> None:
    limit = "counts: gas, asset: usd, window: 24h, max: 1"
    verdict = limited(world, limit, world.transfer("usdc", "alice", 1), not_held=not_held)
    assert (verdict.decision, verdict.skipped) == (decision, skipped)


def test_a_gas_limit_holds_the_worst_gas(world) -> None:
    limit = "counts: gas, asset: usd, window: 24h, max: 2.5"
    for gas, decision in ((100_000, "allow"), (100_001, "deny")):
        fees = Fees(gas_limit=gas, max_fee_per_gas=10**10)
        assert limited(world, limit, world.transfer("usdc", "alice", 1), fees=fees, not_held=()).decision == decision
