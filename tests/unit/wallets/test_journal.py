"""The journal: transitions only along the table, one intent a nonce, one digest a key."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets.errors import JournalError, KeyConflict
from treasurer.wallets.journal import (
    ENDED,
    IN_FLIGHT,
    SETTLED,
    SUCCEEDED,
    TRANSITIONS,
    UNSIGNED,
    Journal,
    State,
    StoredProposal,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ACCOUNT = "0x" + "11" * 20


def _journal(intents: int = 1) -> tuple[Journal, list[str], sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("PRAGMA foreign_keys = ON")
    journal = Journal(connection)
    journal.create_tables()
    journal.store_proposal(
        StoredProposal(key="k", digest="d", run="r", proposal={}, answer={}, decision="allow", policy_cid="c"), NOW
    )
    opened = [
        journal.open(key="k", position=n, chain_id=1, account=ACCOUNT, digest="d", at=NOW).intent
        for n in range(intents)
    ]
    return journal, opened, connection


@given(st.lists(st.sampled_from(State), max_size=40))
def test_it_moves_along_the_table_and_nowhere_else(wanted: list[State]) -> None:
    journal, [intent], _ = _journal()
    current = State.RESERVED
    for state in wanted:
        if state in TRANSITIONS[current]:
            journal.move(intent, state, NOW)
            current = state
        else:
            with pytest.raises(JournalError):
                journal.move(intent, state, NOW)
        assert journal.intent(intent).state is current


def test_every_state_is_reached_and_the_settled_ones_are_left_by_nothing() -> None:
    reached, edge = {State.RESERVED}, {State.RESERVED}
    while edge := {following for state in edge for following in TRANSITIONS[state]} - reached:
        reached |= edge
    assert reached == set(State) == set(TRANSITIONS)
    assert {state for state in State if not TRANSITIONS[state]} == SETTLED


def test_signed_is_never_unsigned_again() -> None:
    """Once a signature exists the budget may not be given back but for another transaction on the same nonce."""
    reached, edge = {State.SIGNED}, {State.SIGNED}
    while edge := {following for state in edge for following in TRANSITIONS[state]} - reached:
        reached |= edge
    assert reached.isdisjoint(UNSIGNED | {State.CLEARED, State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.DROPPED})
    assert reached & SETTLED == {State.FINALIZED, State.REVERTED, State.REPLACED}


def test_the_groups_of_states_leave_none_out() -> None:
    assert set(State) == IN_FLIGHT | ENDED | {State.RESERVED}
    assert ENDED.isdisjoint(IN_FLIGHT)
    assert SUCCEEDED <= ENDED


def test_two_intents_never_hold_one_nonce() -> None:
    journal, [one, two], _ = _journal(2)
    for intent in (one, two):
        journal.move(intent, State.APPROVED, NOW)
    journal.move(one, State.CLEARED, NOW, nonce=5)
    with pytest.raises(sqlite3.IntegrityError):
        journal.move(two, State.CLEARED, NOW, nonce=5)
    assert journal.next_nonce(1, ACCOUNT, 2) == 6
    assert journal.next_nonce(1, ACCOUNT, 9) == 9


def _attempt(journal: Journal, intent: str, clearance: str) -> None:
    journal.add_attempt(intent, signing_hash="s", clearance={"n": clearance}, clearance_hash=clearance, transaction={})


def test_bytes_of_a_void_attempt_may_be_cleared_again_for_a_twin() -> None:
    journal, [one, two], _ = _journal(2)
    for intent in (one, two):
        journal.move(intent, State.APPROVED, NOW)
    journal.move(one, State.CLEARED, NOW, nonce=5)
    _attempt(journal, one, "first")
    journal.void_attempt("s")
    assert journal.intent(one).nonce is None
    _attempt(journal, two, "second")
    attempt = journal.attempt(two)
    assert attempt is not None
    assert attempt.clearance_hash == "second"
    with pytest.raises(JournalError):
        _attempt(journal, two, "an attempt that stands is never overwritten")


def test_a_key_stands_for_one_digest() -> None:
    journal, _, _ = _journal()
    assert journal.known("k", "d") is not None
    assert journal.known("other", "d") is None
    with pytest.raises(KeyConflict):
        journal.known("k", "another")
