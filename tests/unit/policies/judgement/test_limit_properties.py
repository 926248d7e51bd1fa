"""What holds of every set of limits, tried on generated ones: their order, more of them, and splitting."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treasurer.policies.budget.windows import Windows
from treasurer.policies.verdict import WORST_FIRST

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
DECIMALS = {"usdc": 6, "dai": 18}
RULES = (
    "{id: small, allow: transfer, when: {usd: {max: 60}}}",
    "{id: people, allow: transfer, when: {to: {book: payees}}}",
    "{id: cool, allow: transfer, when: {asset: [dai], cooldown: {min: 10m}}}",
    "{id: ask, escalate: transfer, when: {usd: {above: 120}}, approvals: {quorum: 1, of: [ann], expires: 1h}}",
    "{id: twice, deny: transfer, when: {asset: [dai], duplicate_within: 10m}}",
    "{id: share, deny: transfer, when: {share_of_balance: {above: 50}}}",
)
LIMITS = (
    "counts: outflow, asset: usd, max: 150",
    "counts: outflow, asset: usdc, max: 90, per: recipient",
    "counts: outflow, asset: usd, max: 100, per: asset",
    "counts: outflow, asset: usd, max: 70, rule: small",
    "counts: outflow, asset: usd, max: 110, rule: [people, ask]",
    "counts: outflow, asset: usd, max: 40, to: {book: blocked}",
    "counts: count, max: 3",
    "counts: count, max: 1, per: recipient",
    "counts: count, max: 2, rule: people, to: alice",
)
payment = st.tuples(st.sampled_from(["usdc", "dai"]), st.sampled_from(["alice", "bob", "mallory"]), st.integers(0, 99))
proposals = st.lists(st.lists(payment, min_size=1, max_size=3), min_size=1, max_size=8)
limits = st.lists(st.sampled_from(LIMITS), max_size=5, unique=True)
NEEDED = RULES[:2] + RULES[3:4]
"""The rules that limits name."""
chosen = st.lists(st.sampled_from(sorted(set(RULES) - set(NEEDED))), max_size=3, unique=True).map(
    lambda more: [*NEEDED, *more]
)


def policy_of(world, written: list[str], rules: list[str]):
    named = ", ".join(f"{{id: l{LIMITS.index(limit)}, window: 20m, {limit}}}" for limit in written)
    return world.policy(f"limits: [{named}]\nrules: [{', '.join(rules)}]\n")


def calls_of(world, payments):
    return [world.transfer(token, to, amount * 10 ** DECIMALS[token]) for token, to, amount in payments]


def facts_of(world, spent, at):
    balances = {world.at("usdc"): 150 * 10**6, world.at("dai"): 150 * 10**18}
    return world.facts(spent=spent, at=at, balances=balances)


def past(world, policy, earlier) -> tuple:
    """What is in the windows after the earlier proposals, under the policy without limits."""
    windows, now = Windows(policy), world.noon
    free = policy.model_copy(update={"limits": ()})
    for payments in earlier:
        now += timedelta(minutes=1)
        verdict = world.judge(free, *calls_of(world, payments), facts=facts_of(world, windows.spent(now), now))
        windows.add(verdict.spent, now)
    return windows.spent(now), now


def strictness(verdict) -> int:
    return len(WORST_FIRST) - WORST_FIRST.index(verdict.decision)


@RELAXED
@given(limits, chosen, proposals, st.randoms())
def test_the_order_of_limits_rules_and_payments_never_matters(
    world, written, rules, steps, chance: random.Random
) -> None:
    policy = policy_of(world, written, rules)
    spent, now = past(world, policy, steps[:-1])
    calls, facts = calls_of(world, steps[-1]), facts_of(world, spent, now)
    verdict = world.judge(policy, *calls, facts=facts)
    chance.shuffle(written)
    chance.shuffle(rules)
    chance.shuffle(calls)
    shuffled = world.judge(policy_of(world, written, rules), *calls, facts=facts)
    assert shuffled.decision == verdict.decision
    assert {reason.rule for reason in shuffled.reasons} == {reason.rule for reason in verdict.reasons}
    assert sorted(map(repr, shuffled.spent)) == sorted(map(repr, verdict.spent))


@RELAXED
@given(limits, chosen, proposals, st.sampled_from(LIMITS))
def test_one_more_limit_never_lets_more_through(world, written, rules, steps, extra: str) -> None:
    fewer = [limit for limit in written if limit != extra]
    policy = policy_of(world, [*fewer, extra], rules)
    spent, now = past(world, policy, steps[:-1])
    calls, facts = calls_of(world, steps[-1]), facts_of(world, spent, now)
    without = world.judge(policy_of(world, fewer, rules), *calls, facts=facts)
    assert strictness(world.judge(policy, *calls, facts=facts)) >= strictness(without)


@RELAXED
@given(limits, chosen, proposals)
def test_more_that_was_spent_never_lets_more_through(world, written, rules, steps) -> None:
    policy = policy_of(world, written, rules)
    spent, now = past(world, policy, steps[:-1])
    calls = calls_of(world, steps[-1])
    fresh = world.judge(policy, *calls, facts=facts_of(world, (), now))
    assert strictness(world.judge(policy, *calls, facts=facts_of(world, spent, now))) >= strictness(fresh)


@RELAXED
@given(limits, st.lists(st.tuples(payment, st.integers(0, 900)), min_size=1, max_size=15))
def test_splitting_across_proposals_never_passes_more_than_the_windows(world, written, steps) -> None:
    """Whatever a stranger's own bookkeeping finds in any window is within each limit."""
    policy = policy_of(world, written, list(NEEDED))
    windows, now, passed = Windows(policy), world.noon, []
    for (token, to, amount), seconds in steps:
        now += timedelta(seconds=seconds)
        facts = facts_of(world, windows.spent(now), now)
        verdict = world.judge(policy, *calls_of(world, [(token, to, amount)]), facts=facts)
        if verdict.decision != "deny":
            windows.add(verdict.spent, now)
            passed.append((now, token, to, amount))
    for end, *_ in passed:
        within = [step for step in passed if end - timedelta(minutes=20) < step[0] <= end]
        usd = {to: sum(amount for _, _, other, amount in within if other == to) for to in ("alice", "bob", "mallory")}
        usdc = {to: sum(a for _, token, other, a in within if (token, other) == ("usdc", to)) for to in usd}
        each = {token: sum(amount for _, other, _, amount in within if other == token) for token in DECIMALS}
        if LIMITS[0] in written:
            assert sum(usd.values()) <= 150
        if LIMITS[1] in written:
            assert all(total <= 90 for total in usdc.values())
        if LIMITS[2] in written:
            assert all(total <= 100 for total in each.values())
        if LIMITS[5] in written:
            assert usd["mallory"] <= 40
        if LIMITS[6] in written:
            assert len(within) <= 3
        if LIMITS[7] in written:
            assert all(sum(other == to for _, _, other, _ in within) <= 1 for to in usd)
