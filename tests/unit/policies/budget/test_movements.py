"""Where movements are told apart, limits see sums: whoever adds up either finds the same."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treasurer.policies.budget.windows import Windows
from treasurer.policies.facts import Movements
from treasurer.policies.judgement.judge import judge

POLICY = """
limits:
  - {id: hour, counts: outflow, asset: usd, window: 1h, max: 100}
  - {id: day, counts: outflow, asset: usdc, window: 24h, max: 300}
  - {id: each, counts: outflow, asset: usd, window: 24h, max: 150, per: recipient}
  - {id: paid, counts: outflow, asset: usd, window: 24h, max: 120, rule: pay}
  - {id: often, counts: count, window: 1h, max: 6}
rules:
  - {id: pay, allow: transfer, when: {to: {book: payees}}}
  - {id: lend, allow: [transfer, approval], when: {asset: [dai, usdc]}}
  - {id: again, deny: transfer, when: {usd: {above: 40}, duplicate_within: 2h}}
"""
STEPS = st.lists(
    st.tuples(
        st.integers(0, 7200),
        st.sampled_from(["usdc", "dai"]),
        st.sampled_from(["alice", "bob", "cold"]),
        st.integers(1, 60),
        st.sampled_from(["pay", "pay", "pay", "approve", "revoke"]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_limits_say_the_same_of_sums_as_of_each_movement(world, steps) -> None:
    policy = world.policy(POLICY)
    windows, at = Windows(policy), world.noon
    for gap, token, who, amount, what in steps:
        at += timedelta(seconds=gap)
        units = amount * 10 ** {"usdc": 6, "dai": 18}[token]
        call = world.transfer(token, who, units)
        if what != "pay":
            call = world.approve(token, "uniswap-v3", units if what == "approve" else 0)
        spent = windows.spent(at)
        assert isinstance(spent, Movements)
        summed = world.judge(policy, call, facts=world.facts(at=at).model_copy(update={"spent": spent}))
        each = world.judge(policy, call, facts=world.facts(at=at, spent=tuple(spent)))
        assert summed.model_dump_json() == each.model_dump_json()
        assert all(row.standing or (row.at is not None and row.at <= at) for row in spent.sums)
        if summed.decision != "deny":
            windows.revoke(summed.effects, 1, at)
            windows.add(judge(policy, world.book, world.propose(call), world.facts(at=at)).spent, at)
