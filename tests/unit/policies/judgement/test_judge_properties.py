"""What holds of every policy and every proposal, tried on generated ones."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treasurer.policies.check.check import check
from treasurer.policies.conditions.bounds import Bounds
from treasurer.policies.judgement.limits import counted
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.verdict import WORST_FIRST

RELAXED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
USDC = 10**6
CONDITIONS = (
    "to: {book: payees}",
    "to: alice",
    "to: {book: blocked}",
    "asset: [usdc]",
    "asset: [usdc, dai]",
    "amount: {max: 100}",
    "amount: {above: 50}",
    "usd: {max: 100}",
    "usd: {above: 100}",
    "usd: {below: 150, min: 10}",
    "provenance: [operator]",
    "spender: {book: venues}",
)
rules = st.builds(
    lambda word, kinds, when: (word, kinds, when),
    st.sampled_from(["allow", "escalate", "deny"]),
    st.sets(st.sampled_from(["transfer", "approval", "swap"]), min_size=1),
    st.lists(st.sampled_from(CONDITIONS), max_size=3, unique_by=lambda text: text.split(":")[0]),
)
policies = st.lists(rules, min_size=1, max_size=6)
payments = st.tuples(
    st.sampled_from(["usdc", "dai"]), st.sampled_from(["alice", "bob", "mallory", "cold"]), st.integers(0, 160)
)
proposals = st.lists(payments, min_size=1, max_size=4)


def written(rule: tuple[str, set[str], list[str]], number: int) -> str:
    word, kinds, when = rule
    text = f"id: r{number}, {word}: [{', '.join(sorted(kinds))}], when: {{{', '.join(when)}}}"
    return text + (", approvals: {quorum: 1, of: [ann], expires: 1h}" if word == "escalate" else "")


def calls_of(world, proposal):
    decimals = {"usdc": 6, "dai": 18}
    return [world.transfer(token, to, amount * 10 ** decimals[token]) for token, to, amount in proposal]


def strictness(verdict) -> int:
    return len(WORST_FIRST) - WORST_FIRST.index(verdict.decision)


@RELAXED
@given(policies, proposals, st.sampled_from([(), ("dai",), ("usdc", "dai")]), st.randoms())
def test_the_order_of_rules_never_matters(world, policy, proposal, unpriced, chance: random.Random) -> None:
    texts = [written(rule, number) for number, rule in enumerate(policy)]
    facts, calls = world.facts(unpriced=unpriced), calls_of(world, proposal)
    verdict = world.judge(world.rules(*texts), *calls, facts=facts)
    chance.shuffle(texts)
    shuffled = world.judge(world.rules(*texts), *calls, facts=facts)
    assert shuffled.decision == verdict.decision
    assert {reason.rule for reason in shuffled.reasons} == {reason.rule for reason in verdict.reasons}


@RELAXED
@given(policies, proposals, st.sampled_from([(), ("dai",)]))
def test_taking_an_allow_rule_away_or_adding_a_deny_rule_never_lets_more_through(
    world, policy, proposal, unpriced
) -> None:
    facts, calls = world.facts(unpriced=unpriced), calls_of(world, proposal)
    texts = [written(rule, number) for number, rule in enumerate(policy)]
    verdict = world.judge(world.rules(*texts), *calls, facts=facts)
    without = [text for text in texts if "allow:" not in text] or ["id: none, deny: vote"]
    assert strictness(world.judge(world.rules(*without), *calls, facts=facts)) >= strictness(verdict)
    for condition in CONDITIONS:
        more = world.rules(*texts, f"id: extra, deny: [transfer, approval], when: {{{condition}}}")
        assert strictness(world.judge(more, *calls, facts=facts)) >= strictness(verdict)


@RELAXED
@given(policies, proposals)
def test_without_prices_nothing_passes_that_was_denied_with_them(world, policy, proposal) -> None:
    """Only rules that do not ask for a price may still speak: an unknown never turns a deny into a yes by itself."""
    texts = [written(rule, number) for number, rule in enumerate(policy)]
    judged = world.rules(*texts)
    blind = world.judge(judged, *calls_of(world, proposal), facts=world.facts(unpriced=("usdc", "dai")))
    seeing = world.judge(judged, *calls_of(world, proposal))
    assert strictness(blind) >= strictness(seeing)


@RELAXED
@given(st.integers(1, 300), st.lists(st.integers(1, 299), max_size=3))
def test_splitting_a_payment_inside_a_proposal_never_passes_more(world, total: int, cuts: list[int]) -> None:
    policy = world.rules(
        "id: small, allow: transfer, when: {to: {book: payees}, usd: {max: 100}}",
        "id: large, escalate: transfer, when: {to: {book: payees}, usd: {above: 100, max: 200}}, "
        "approvals: {quorum: 1, of: [ann], expires: 1h}",
    )
    edges = sorted({0, total, *(cut for cut in cuts if cut < total)})
    parts = [after - before for before, after in pairwise(edges)]
    whole = world.judge(policy, world.transfer("usdc", "alice", total * USDC))
    split = world.judge(policy, *(world.transfer("usdc", "alice", part * USDC) for part in parts))
    assert split.decision == whole.decision


@RELAXED
@given(
    st.lists(
        st.tuples(st.integers(0, 5000), st.integers(1, 60), st.sampled_from(["pay", "approve", "pay two", "revoke"])),
        min_size=1,
        max_size=25,
    )
)
def test_what_passes_in_any_window_never_exceeds_its_limit(world, steps) -> None:
    """Over a whole batch: payments of any window, with every allowance still open, stay within 100."""
    policy = (
        "version: 1\nname: t\nchains: [1]\nlimits: [{id: cap, counts: outflow, asset: usdc, window: 10m, max: 100}]\n"
        "rules: [{id: all, allow: [transfer, approval]}]\n"
    )
    moment, lines, moves = 0, [], []
    for gap, amount, what in steps:
        moment += gap // 10
        units = amount * USDC
        pay = world.transfer("usdc", "alice", units)
        calls = {
            "pay": [pay],
            "pay two": [pay, pay],
            "approve": [world.approve("usdc", "uniswap-v3", units)],
            "revoke": [world.approve("usdc", "uniswap-v3", 0)],
        }[what]
        at = f"2026-11-{23 + moment // 86400}T{moment // 3600 % 24:02}:{moment // 60 % 60:02}:{moment % 60:02}Z"
        plain = "[" + ",".join(call.model_dump_json() for call in calls) + "]"
        lines.append(f'{{"id":"l","chain_id":1,"from":"{world.account}","calls":{plain},"at":"{at}"}}')
        moves.append((moment, amount, what))
    bundle = PolicyBundle.from_bytes(policy.encode(), world.book_text.encode())
    answers = list(check(lines, bundle, prices={}, balances={}, static=True))
    passed = [move for move, answer in zip(moves, answers, strict=True) if answer["verdict"] == "allow"]
    gone: list[tuple[int, int]] = []
    standing = 0
    for now, amount, what in passed:
        if what == "revoke":
            gone.append((now, standing))  # until now all of it could be taken
            standing = 0
            continue
        if what == "approve":
            standing += amount
        else:
            gone.append((now, amount * (2 if what == "pay two" else 1)))
        assert standing + sum(out for at, out in gone if now - 600 < at <= now) <= 100


@RELAXED
@given(proposals)
def test_counting_is_never_netted(world, proposal) -> None:
    """A proposal counts the sum of what its calls count alone, also where some of it comes back."""
    calls = calls_of(world, proposal)
    back = [world.withdraw("usdc", 10**12), world.swap("weth", 10**18, "usdc", 10**12)]
    for mixed in (calls, [*calls, *back], [*back, *calls]):
        together = totals(world.counted(*mixed))
        assert together == sum((totals(world.counted(call)) for call in mixed), Counter())
    for counter, asset in totals(world.counted(*calls)):
        assert totals(world.counted(*back, *calls))[counter, asset] >= totals(world.counted(*calls))[counter, asset]


def totals(rows) -> Counter:
    """Base units and USD by counter and asset."""
    found: Counter = Counter()
    for row in rows:
        assert row.base_units >= 0
        assert row.usd >= 0
        found[row.counter, row.asset] += row.base_units
        found[row.counter, "usd"] += row.usd
    return found


@RELAXED
@given(proposals)
def test_a_proposal_is_counted_once_and_once_for_each_that_it_deals_with(world, proposal) -> None:
    calls = calls_of(world, proposal)
    effects = world.judge(world.policy("rules: []"), *calls).effects
    rows = counted(effects, world.propose(*calls), world.book, world.facts())
    assert {row.recipient for row in rows if row.counter == "count"} == {None, *(world.at(to) for _, to, _ in proposal)}
    assert [row.base_units for row in rows if row.counter == "count"] == [1] * (1 + len({to for _, to, _ in proposal}))


numbers = st.decimals(min_value=0, max_value=1000, places=2)


@RELAXED
@given(st.dictionaries(st.sampled_from(["max", "min"]), numbers, min_size=1), numbers, numbers)
def test_bounds_over_an_interval_agree_with_every_number_in_it(bounds, one: Decimal, other: Decimal) -> None:
    if bounds.get("min", 0) > bounds.get("max", 1000):
        with pytest.raises(ValueError, match="no number"):
            Bounds.model_validate(bounds)
        return
    judged, (least, most) = Bounds.model_validate(bounds), sorted((one, other))
    points = {judged.holds(point, point) for point in (least, most, (least + most) / 2)}
    whole = judged.holds(least, most)
    assert whole is None or points == {whole}
