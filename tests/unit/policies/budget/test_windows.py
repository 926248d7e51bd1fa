"""Windows: a batch is judged on what a ledger of every movement would have said, in as few rows as can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treasurer.policies.budget.windows import Windows
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Spent
from treasurer.policies.language.policy import Policy

USDC = 10**6
RELAXED = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLAIN = "{id: day, counts: outflow, asset: usd, window: 30m, max: 200}, {id: n, counts: count, window: 20m, max: 9}"
EACH = "{id: each, counts: outflow, asset: usd, window: 10m, max: 60, per: recipient}"
TO = "{id: to, counts: outflow, asset: usdc, window: 20m, max: 80, to: alice}"
BY_RULE = "{id: rule, counts: count, window: 20m, max: 3, rule: usdc}, {id: gifts, counts: outflow, asset: usd, "
BY_RULE += "window: 10m, max: 50, rule: [dai, all]}"
FREE = "{id: usdc, allow: transfer, when: {asset: [usdc]}}, {id: dai, allow: transfer, when: {asset: [dai]}}, "
FREE += "{id: all, allow: [approval, transfer], when: {amount: {max: 30}}}"
COOL = "{id: usdc, allow: transfer, when: {asset: [usdc], cooldown: {min: 5m, per: recipient}}}, "
COOL += "{id: dai, allow: [transfer, approval], when: {asset: [dai], cooldown: {min: 2m}}}, {id: all, allow: approval}"
TWICE = "{id: twice, deny: transfer, when: {duplicate_within: 7m}}"
KNOWN = "{id: usdc, allow: transfer, when: {asset: [dai], recipient_known_for: {min: 4m}}}, "
KNOWN += "{id: dai, allow: transfer, when: {asset: [usdc], amount: {max: 20}}}, {id: all, allow: approval}"
POLICIES = {
    "plain": (PLAIN, FREE),
    "each recipient": (f"{PLAIN}, {EACH}", FREE),
    "to somebody": (f"{TO}, {EACH}", FREE),
    "by rule": (f"{BY_RULE}, {EACH}", FREE),
    "cooldown": (PLAIN, COOL),
    "cooldown alone": ("", COOL),
    "duplicates": (EACH, f"{FREE}, {TWICE}"),
    "known": (PLAIN, KNOWN),
}
steps = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.sampled_from(["usdc", "dai"]),
        st.sampled_from(["alice", "bob", "mallory"]),
        st.sampled_from([1, 15, 25, 40]),
        st.sampled_from(["pay", "pay", "pay", "approve", "revoke"]),
    ),
    min_size=1,
    max_size=25,
)


def call_of(world, step):
    _, token, to, amount, what = step
    units = 0 if what == "revoke" else amount * 10 ** (6 if token == "usdc" else 18)
    return world.transfer(token, to, units) if what == "pay" else world.approve(token, to, units)


@pytest.mark.parametrize("name", POLICIES)
@RELAXED
@given(steps=steps)
def test_a_batch_gets_the_verdicts_that_every_movement_by_itself_would_give(world, name: str, steps) -> None:
    limits, rules = POLICIES[name]
    policy = world.policy(f"limits: [{limits}]\nrules: [{rules}]\n")
    windows, told, now = Windows(policy), [], world.noon
    for number, step in enumerate(steps):
        now += timedelta(seconds=step[0])
        call = call_of(world, step)
        brief = world.judge(policy, call, facts=world.facts(at=now, spent=windows.spent(now)))
        whole = world.judge(policy, call, facts=world.facts(at=now, spent=tuple(told)))
        assert brief.decision == whole.decision, (number, step, brief.reasons, whole.reasons)
        if whole.decision == "deny":
            continue
        windows.revoke(brief.effects, 1, now)
        windows.add(brief.spent, now)
        for effect in whole.effects:
            if effect.kind is Kind.REVOCATION:
                gone = (effect.asset, effect.counterparty)
                ends = {"standing": False, "at": now}
                told = [
                    row.model_copy(update=ends) if row.standing and (row.asset, row.recipient) == gone else row
                    for row in told
                ]
        told += [row if row.standing else row.model_copy(update={"at": now}) for row in whole.spent]


def test_plain_limits_need_a_constant_number_of_rows_however_many_lines(world) -> None:
    policy = world.policy(f"limits: [{PLAIN.replace('max: 200', 'max: 200000')}]\nrules: [{FREE}]\n")
    windows = Windows(policy)
    for number in range(300):
        now = world.noon + timedelta(seconds=number)
        call = world.transfer("usdc", "0x" + f"{number:040x}"[::-1], USDC)
        windows.add(world.judge(policy, call).spent, now)
    assert len(windows.spent(now)) == 2


def test_what_no_window_reaches_is_forgotten_but_for_the_first_dealing(world) -> None:
    for name, left in (("each recipient", 0), ("known", 1), ("cooldown alone", 0)):
        limits, rules = POLICIES[name]
        windows = Windows(world.policy(f"limits: [{limits}]\nrules: [{rules}]\n"))
        windows.add(
            world.judge(world.policy("rules: [{id: a, allow: transfer}]\n"), world.transfer("usdc", "alice", 1)).spent,
            world.noon,
        )
        assert len(windows.spent(world.noon + timedelta(days=1))) == left, name


def test_a_revocation_inside_permit2_or_one_that_may_fail_leaves_the_tokens_own_allowance_standing(world) -> None:
    policy = Policy.read(
        b"version: 1\nname: x\nchains: [1]\nlimits:\n"
        b"  - {id: out, counts: outflow, asset: usd, window: 1h, max: 150}\n",
        world.book,
    )
    windows, token, spender, permit2 = Windows(policy), "0x" + "1" * 40, "0x" + "2" * 40, "0x" + "3" * 40
    open_row = Spent(
        intent="a",
        counter="outflow",
        asset=token,
        base_units=100,
        usd=100,
        recipient=spender,
        chain_id=1,
        standing=True,
    )
    windows.add([open_row, open_row.model_copy(update={"base_units": 1, "keeper": permit2})], world.noon)
    revoked = Effect(kind=Kind.REVOCATION, asset=token, amount=0, counterparty=spender, keeper=permit2)
    windows.revoke([revoked], 1, world.noon)
    tried = Effect(kind=Kind.REVOCATION, asset=token, amount=0, counterparty=spender, may_fail=True)
    windows.revoke([tried], 1, world.noon)
    later = windows.spent(world.noon + timedelta(hours=2))
    assert [row.base_units for row in later if row.standing] == [100]
