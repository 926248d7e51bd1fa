"""cooldown, duplicate_within and recipient_known_for: what was let through before decides."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import EVERY_RULE, Spent

USDC = 10**6
HOUR = timedelta(hours=1)


def dealing(world, recipient: str | None, ago: timedelta | None, rules=("pay",)) -> Spent:
    at = None if ago is None else world.noon - ago
    to = None if recipient is None else world.at(recipient)
    return Spent(intent="i", counter="count", base_units=1, recipient=to, rules=rules, at=at)


def paid(world, recipient: str, usdc: int, ago: timedelta | None, **more) -> Spent:
    at = None if ago is None else world.noon - ago
    units, to = usdc * USDC, world.at(recipient)
    row = {"counter": "outflow", "asset": world.at("usdc"), "base_units": units, "usd": Decimal(usdc), "recipient": to}
    return Spent(**({"intent": "i", "at": at} | row | more))


def decided(world, rule: str, *calls, spent=(), **facts) -> str:
    return str(world.judge(world.rules(*rule.split("\n")), *calls, facts=world.facts(spent=spent, **facts)).decision)


COOL = "id: pay, allow: transfer, when: {cooldown: {min: 1h}}"
COOL_EACH = "id: pay, allow: transfer, when: {cooldown: {min: 1h, per: recipient}}"


@pytest.mark.parametrize(
    ("ago", "decision"),
    [(HOUR, "allow"), (HOUR - timedelta(microseconds=1), "deny"), (timedelta(0), "deny"), (None, "deny")],
)
def test_cooldown_waits_until_the_time_has_passed_and_what_is_open_was_just_now(world, ago, decision) -> None:
    call = world.transfer("usdc", "alice", 1)
    assert decided(world, COOL, call, spent=(dealing(world, None, ago),)) == decision


def test_cooldown_asks_only_for_what_its_own_rule_let_through(world) -> None:
    call = world.transfer("usdc", "alice", 1)
    assert decided(world, COOL, call, spent=(dealing(world, None, timedelta(0), ("other",)),)) == "allow"
    assert decided(world, COOL, call, spent=(dealing(world, None, timedelta(0), (EVERY_RULE,)),)) == "deny"


def test_cooldown_per_recipient_asks_for_this_recipient(world) -> None:
    before = (dealing(world, None, timedelta(0)), dealing(world, "alice", timedelta(0)))
    assert decided(world, COOL_EACH, world.transfer("usdc", "bob", 1), spent=before) == "allow"
    assert decided(world, COOL_EACH, world.transfer("usdc", "alice", 1), spent=before) == "deny"


def test_cooldown_in_a_deny_rule_and_duplicate_within_in_an_allow_rule_are_faults(world) -> None:
    with pytest.raises(DocumentError, match="cooldown is for allow and escalate rules"):
        world.rules("id: r, deny: transfer, when: {cooldown: {min: 1h}}")
    with pytest.raises(DocumentError, match="duplicate_within is for deny and escalate rules"):
        world.rules("id: r, allow: transfer, when: {duplicate_within: 1h}")
    with pytest.raises(DocumentError, match="as in 24h"):
        world.rules("id: r, deny: transfer, when: {duplicate_within: soon}")


TWICE = "id: pay, allow: [transfer, approval]\nid: twice, deny: [transfer, approval], when: {duplicate_within: 24h}"


@pytest.mark.parametrize(
    ("row", "decision"),
    [
        (("alice", 5, HOUR), "deny"),
        (("alice", 5, None), "deny"),
        (("alice", 5, timedelta(days=1)), "allow"),
        (("alice", 6, HOUR), "allow"),
        (("bob", 5, HOUR), "allow"),
    ],
)
def test_a_duplicate_is_the_same_amount_asset_and_recipient_within_the_time(world, row, decision) -> None:
    call = world.transfer("usdc", "alice", 5 * USDC)
    assert decided(world, TWICE, call, spent=(paid(world, *row),)) == decision


def test_a_duplicate_in_another_token_is_none(world) -> None:
    same = paid(world, "alice", 5, HOUR, asset=world.at("dai"))
    assert decided(world, TWICE, world.transfer("usdc", "alice", 5 * USDC), spent=(same,)) == "allow"


def test_a_duplicate_inside_the_proposal_is_one(world) -> None:
    call = world.transfer("usdc", "alice", 5 * USDC)
    assert decided(world, TWICE, call, call) == "deny"
    assert decided(world, TWICE, call, world.transfer("usdc", "bob", 5 * USDC)) == "allow"


def test_between_own_accounts_nothing_is_a_duplicate(world) -> None:
    call = world.transfer("usdc", "cold", 5 * USDC)
    assert decided(world, TWICE, call, call) == "allow"


def test_the_coin_paid_out_of_what_wraps_it_is_paid_and_for_oneself_it_is_not(world) -> None:
    rules = world.rules(
        "id: all, allow: [wrap, unwrap]", "id: twice, deny: [wrap, unwrap], when: {duplicate_within: 24h}"
    )
    unwrap = {"asset": world.at("weth"), "amount": 5, "bought": "native", "bought_minimum": 5}
    row = paid(world, "alice", 0, HOUR, asset=world.at("weth"), base_units=5)
    twice = next(rule.when[0] for rule in rules.rules if rule.id == "twice")
    for to, again in ((world.at("alice"), True), (world.at("bob"), False), (world.account, False), (None, False)):
        effect = world.effect(Kind.UNWRAP, counterparty=to, **unwrap)
        subject = Subject(effect, world.propose(), world.book, world.facts(spent=(row,)), (effect,), 0)
        assert twice.judge(subject) is again


def test_delegating_votes_again_takes_nothing_twice(world) -> None:
    rules = world.rules("id: twice, deny: delegation, when: {duplicate_within: 24h}")
    for amount, again in ((None, False), (5, True)):
        effect = world.effect(Kind.DELEGATION, asset=world.at("dai"), amount=amount, counterparty=world.at("alice"))
        subject = Subject(effect, world.propose(), world.book, world.facts(), (effect, effect), 1)
        assert rules.rules[0].when[0].judge(subject) is again


def test_an_allowance_that_stands_since_nobody_knows_when_denies(world) -> None:
    standing = paid(world, "uniswap-v3", 5, None, standing=True)
    policy = world.rules(*TWICE.split("\n"))
    verdict = world.judge(policy, world.approve("usdc", "uniswap-v3", 5 * USDC), facts=world.facts(spent=(standing,)))
    assert verdict.decision == "deny"
    assert "since when the same allowance stands is unknown" in verdict.reasons[0].message


KNOWN = "id: pay, allow: transfer, when: {recipient_known_for: {min: 7d}}"
WEEK = timedelta(days=7)


@pytest.mark.parametrize(("ago", "decision"), [(WEEK, "allow"), (WEEK - timedelta(seconds=1), "deny"), (None, "deny")])
def test_a_recipient_is_known_from_the_first_time_it_was_let_through(world, ago, decision) -> None:
    call = world.transfer("usdc", "alice", 1)
    assert decided(world, KNOWN, call, spent=(dealing(world, "alice", ago, ("other",)),)) == decision
    assert decided(world, KNOWN, call, spent=(dealing(world, "bob", ago),)) == "deny"


def test_a_recipient_is_known_since_the_book_has_it(world) -> None:
    call = world.transfer("usdc", "alice", 1)
    noon = int(world.noon.timestamp())
    for since, decision in ((noon - 604800, "allow"), (noon - 604799, "deny")):
        assert decided(world, KNOWN, call, known_since={world.at("alice"): since}) == decision


def test_an_entry_of_unknown_age_is_unknown_and_a_stranger_is_not_known(world) -> None:
    verdict = world.judge(world.rules(KNOWN), world.transfer("usdc", "alice", 1))
    assert (verdict.decision, "since when the book has alice is unknown" in verdict.reasons[0].message) == (
        "deny",
        True,
    )
    escalate = "approvals: {quorum: 1, of: [ann], expires: 1h}, when: {recipient_known_for: {min: 7d}}"
    policy = world.rules("id: free, allow: transfer", f"id: ask, escalate: transfer, {escalate}")
    assert world.judge(policy, world.transfer("usdc", "alice", 1)).decision == "deny", "unknown denies"
    assert world.judge(policy, world.transfer("usdc", world.stranger, 1)).decision == "allow", "it fails"


def test_the_account_knows_itself(world) -> None:
    assert decided(world, KNOWN, world.transfer("usdc", "self", 1)) == "allow"
