"""timelock: what was just written into the book is not used yet."""

from __future__ import annotations

import pytest

from treasurer.policies.errors import DocumentError

POLICY = "timelock: {book: 24h}\nrules: [{id: all, allow: [transfer, approval, swap]}]\n"


def judged(world, *calls, known=None, **facts):
    noon = int(world.noon.timestamp())
    since = {world.at(label): noon - seconds for label, seconds in (known or {}).items()}
    fields = {"known_since": since, "not_held": ("gas", "breakers")} | facts
    return world.judge(world.policy(POLICY), *calls, facts=world.facts(**fields))


@pytest.mark.parametrize(
    ("known", "decision"),
    [
        ({"alice": 86400, "usdc": 86400}, "allow"),
        ({"alice": 86399, "usdc": 86400}, "deny"),
        ({"alice": 86400, "usdc": 60}, "deny"),
        ({"usdc": 86400}, "deny"),
        ({}, "deny"),
    ],
)
def test_target_and_counterparty_must_be_in_the_book_so_long(world, known, decision: str) -> None:
    verdict = judged(world, world.transfer("usdc", "alice", 1), known=known)
    assert verdict.decision == decision
    assert all(reason.rule == "timelock" for reason in verdict.reasons if decision == "deny")


def test_a_spender_must_be_in_the_book_so_long(world) -> None:
    call = world.approve("usdc", "uniswap-v3", 1)
    assert judged(world, call, known={"usdc": 10**6, "uniswap-v3": 10**6}).decision == "allow"
    assert judged(world, call, known={"usdc": 10**6, "uniswap-v3": 5}).decision == "deny"


def test_strangers_and_the_account_itself_are_no_entries_of_the_book(world) -> None:
    for to in (world.stranger, "self"):
        assert judged(world, world.transfer("usdc", to, 1), known={"usdc": 86400}).decision == "allow"


def test_revoking_needs_no_waiting(world) -> None:
    assert judged(world, world.approve("usdc", "uniswap-v3", 0)).decision == "allow"


def test_where_it_is_not_held_it_is_reported_as_skipped(world) -> None:
    verdict = judged(world, world.transfer("usdc", "alice", 1), not_held=("gas", "breakers", "timelock"))
    assert (verdict.decision, verdict.skipped) == ("allow", ("timelock",))


def test_no_rule_may_be_called_timelock(world) -> None:
    with pytest.raises(DocumentError, match="give it another id"):
        world.rules("id: timelock, allow: transfer")
