"""share_of_balance: what leaves, as a share of what was there, summed over the proposal."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USDC = 10**6
ETHER = 10**18
QUARTER = "id: pay, allow: [transfer, swap, withdraw, approval], when: {share_of_balance: {max: 25}}"


def decided(world, rule: str, *calls, **balances) -> str:
    known = {"native" if label == "native" else world.at(label): amount for label, amount in balances.items()}
    return str(world.judge(world.rules(*rule.split("\n")), *calls, facts=world.facts(balances=known)).decision)


def test_the_share_is_exact_and_includes_the_bound(world) -> None:
    assert decided(world, QUARTER, world.transfer("usdc", "alice", 25), usdc=100) == "allow"
    assert decided(world, QUARTER, world.transfer("usdc", "alice", 25), usdc=99) == "deny"
    third = "id: pay, allow: transfer, when: {share_of_balance: {max: 33.333333333333333333}}"
    assert decided(world, third, world.transfer("usdc", "alice", 1), usdc=3) == "deny"


def test_the_share_is_summed_for_each_asset(world) -> None:
    calls = (world.transfer("usdc", "alice", 20), world.transfer("dai", "alice", 20))
    assert decided(world, QUARTER, *calls, usdc=100, dai=100) == "allow"
    assert decided(world, QUARTER, *calls, world.transfer("usdc", "bob", 6), usdc=100, dai=100) == "deny"


def test_a_balance_that_is_not_known_passes_nothing(world) -> None:
    call = world.transfer("usdc", "alice", 1)
    assert decided(world, QUARTER, call) == "deny"
    assert decided(world, QUARTER.replace("25", "200"), call) == "deny", "a bound is no number of base units"
    most = "id: pay, allow: transfer\nid: most, deny: transfer, when: {share_of_balance: {above: 90}}"
    assert decided(world, most, call) == "deny"
    assert decided(world, most, call, usdc=2) == "allow"
    assert decided(world, most, call, usdc=1) == "deny"


def test_of_nothing_even_one_unit_is_too_much(world) -> None:
    assert decided(world, QUARTER, world.transfer("usdc", "alice", 1), usdc=0) == "deny"


def test_what_takes_nothing_of_the_balance_has_no_share(world) -> None:
    assert decided(world, QUARTER, world.withdraw("usdc", 1, world.stranger), usdc=100) == "deny"


def test_native_coin_has_a_balance_too(world) -> None:
    assert decided(world, QUARTER, world.pay_native("alice", ETHER), native=4 * ETHER) == "allow"
    assert decided(world, QUARTER, world.pay_native("alice", ETHER), native=4 * ETHER - 1) == "deny"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 10**30), st.lists(st.integers(0, 10**30), min_size=1, max_size=4), st.integers(0, 100))
def test_the_decision_is_that_of_exact_arithmetic(world, balance: int, parts: list[int], percent: int) -> None:
    rule = f"id: pay, allow: transfer, when: {{share_of_balance: {{max: {percent}}}}}"
    calls = [world.transfer("usdc", "alice", part) for part in parts]
    expected = "allow" if sum(parts) * 100 <= percent * balance else "deny"
    assert decided(world, rule, *calls, usdc=balance) == expected
