"""Journal: every Intent's row from proposal to finality, and every signing attempt under it, in the guard's database.

Methods take part in the caller's open transaction: none of them begins or commits one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from ..errors import JournalError, KeyConflict
from .states import TRANSITIONS, State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS proposals (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, run TEXT NOT NULL, proposal TEXT NOT NULL, answer TEXT NOT NULL,
    decision TEXT NOT NULL, policy_cid TEXT NOT NULL, created_at TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS intents (
    intent TEXT PRIMARY KEY, key TEXT NOT NULL REFERENCES proposals(key), position INTEGER NOT NULL,
    chain_id INTEGER NOT NULL, account TEXT NOT NULL, lane TEXT NOT NULL, nonce INTEGER, state TEXT NOT NULL,
    hash TEXT, digest TEXT NOT NULL, record TEXT, why TEXT NOT NULL DEFAULT '', block_number INTEGER, block_hash TEXT,
    changed_at TEXT NOT NULL, UNIQUE (key, position)
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_intent_a_nonce ON intents (chain_id, account, lane, nonce) WHERE nonce IS NOT
NULL; CREATE TABLE IF NOT EXISTS attempts (
    signing_hash TEXT PRIMARY KEY, intent TEXT NOT NULL REFERENCES intents(intent), clearance TEXT NOT NULL,
    clearance_hash TEXT NOT NULL, transaction_json TEXT NOT NULL, raw TEXT, hash TEXT, void INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


class IntentRow(BaseModel):
    """One row of the journal; ``hash`` is the transaction's, ``record`` the CID of the Record that cleared it."""

    model_config = ConfigDict(frozen=True)

    intent: str
    key: str
    position: int
    chain_id: int
    account: str
    lane: str
    nonce: int | None
    state: State
    hash: str | None
    digest: str
    record: str | None
    why: str
    block_number: int | None
    block_hash: str | None


class Attempt(BaseModel):
    """One cleared signing hash of an intent; ``raw`` is set once the signer has answered."""

    model_config = ConfigDict(frozen=True)

    signing_hash: str
    intent: str
    clearance: dict[str, Any]
    clearance_hash: str
    transaction: dict[str, Any]
    raw: str | None
    hash: str | None


class StoredProposal(BaseModel):
    """A proposal as submitted, with the first answer given to its key."""

    model_config = ConfigDict(frozen=True)

    key: str
    digest: str
    run: str
    proposal: dict[str, Any]
    answer: dict[str, Any]
    decision: str
    policy_cid: str


_INTENT_COLUMNS = ", ".join(IntentRow.model_fields)


class Journal:
    """The tables ``proposals``, ``intents`` and ``attempts`` behind one connection."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)

    def known(self, key: str, digest: str) -> StoredProposal | None:
        """What was submitted under ``key``, None where nothing was. Raises KeyConflict where its digest is another."""
        stored = self.proposal(key)
        if stored is not None and stored.digest != digest:
            raise KeyConflict(
                f"intent key {key} already stands for digest {stored.digest}: another effect needs a key of its own"
            )
        return stored

    def proposal(self, key: str) -> StoredProposal | None:
        """The stored proposal of a key."""
        row = self._connection.execute(
            "SELECT key, digest, run, proposal, answer, decision, policy_cid FROM proposals WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        return StoredProposal(
            key=row[0], digest=row[1], run=row[2], proposal=json.loads(row[3]), answer=json.loads(row[4]),
            decision=row[5], policy_cid=row[6],
        )  # fmt: skip

    def store_proposal(self, stored: StoredProposal, at: datetime) -> None:
        """Write the first answer to a key."""
        self._connection.execute(
            "INSERT INTO proposals (key, digest, run, proposal, answer, decision, policy_cid, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (stored.key, stored.digest, stored.run, json.dumps(stored.proposal), json.dumps(stored.answer),
             stored.decision, stored.policy_cid, at.isoformat()),
        )  # fmt: skip

    def open(self, *, key: str, position: int, chain_id: int, account: str, digest: str, at: datetime) -> IntentRow:
        """A new intent in state ``reserved``: call number ``position`` of the proposal under ``key``."""
        intent = f"{key[2:14]}.{position}"
        self._connection.execute(
            "INSERT INTO intents (intent, key, position, chain_id, account, lane, state, digest, changed_at)"
            " VALUES (?, ?, ?, ?, ?, 'account', ?, ?, ?)",
            (intent, key, position, chain_id, account, State.RESERVED, digest, at.isoformat()),
        )
        return self.intent(intent)

    def intent(self, intent: str) -> IntentRow:
        """The row of an intent; raises JournalError where there is none."""
        for row in self._select("WHERE intent = ?", (intent,)):
            return row
        raise JournalError(f"no intent {intent} in the journal", next_command="treasurer wallet journal")

    def intents(self, key: str) -> list[IntentRow]:
        """The intents of one key by position."""
        return list(self._select("WHERE key = ? ORDER BY position", (key,)))

    def page(self, since: int, limit: int) -> list[IntentRow]:
        """At most ``limit`` of all intents in the order they were opened, leaving out the first ``since``."""
        return list(self._select("ORDER BY rowid LIMIT ? OFFSET ?", (limit, since)))

    def in_states(self, states: frozenset[State]) -> list[IntentRow]:
        """The intents in any of these states, oldest first."""
        marks = ", ".join("?" * len(states))
        return list(self._select(f"WHERE state IN ({marks}) ORDER BY rowid", tuple(states)))

    def unmoved(self, states: frozenset[State], since: datetime) -> list[tuple[IntentRow, datetime]]:
        """The intents in any of these states that moved last before ``since``, and when that was, oldest first."""
        found = []
        for row in self.in_states(states):
            query = "SELECT changed_at FROM intents WHERE intent = ?"
            moved = datetime.fromisoformat(self._connection.execute(query, (row.intent,)).fetchone()[0])
            if moved < since:
                found.append((row, moved))
        return found

    def move(self, intent: str, to: State, at: datetime, **fields: Any) -> None:
        """Move an intent along the table of transitions, setting ``fields`` of its row. Raises JournalError
        otherwise.
        """
        current = self.intent(intent)
        if to not in TRANSITIONS[current.state]:
            raise JournalError(f"intent {intent} cannot go from {current.state} to {to}")
        names = ["state", "changed_at", *fields]
        assignments = ", ".join(f"{name} = ?" for name in names)
        self._connection.execute(
            f"UPDATE intents SET {assignments} WHERE intent = ?",  # noqa: S608 - names are ours
            (to, at.isoformat(), *fields.values(), intent),
        )

    def next_nonce(self, chain_id: int, account: str, on_chain: int) -> int:
        """The lowest nonce that neither the chain nor this journal has used. ``on_chain``: the account's pending
        count.
        """
        taken = self._connection.execute(
            "SELECT max(nonce) FROM intents WHERE chain_id = ? AND account = ? AND lane = 'account'",
            (chain_id, account),
        ).fetchone()[0]
        return on_chain if taken is None else max(on_chain, taken + 1)

    def add_attempt(
        self,
        intent: str,
        *,
        signing_hash: str,
        clearance: dict[str, Any],
        clearance_hash: str,
        transaction: dict[str, Any],
    ) -> None:
        """A signing hash was cleared. Raises JournalError where an earlier clearance of it stands."""
        written = self._connection.execute(
            # The bytes of an attempt that is void may be cleared again, for the same intent or for a twin of it.
            "INSERT INTO attempts (signing_hash, intent, clearance, clearance_hash, transaction_json)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (signing_hash) DO UPDATE SET intent = excluded.intent,"
            " clearance = excluded.clearance, clearance_hash = excluded.clearance_hash, raw = NULL, hash = NULL,"
            " void = 0 WHERE void = 1",
            (signing_hash, intent, json.dumps(clearance), clearance_hash, json.dumps(transaction)),
        )
        if written.rowcount != 1:
            raise JournalError(f"the bytes {signing_hash} are cleared already, and that clearance stands")

    def store_signed(self, signing_hash: str, raw: str, transaction_hash: str) -> None:
        """Keep the signed bytes, before anybody sends them."""
        self._connection.execute(
            "UPDATE attempts SET raw = ?, hash = ? WHERE signing_hash = ?", (raw, transaction_hash, signing_hash)
        )

    def void_attempt(self, signing_hash: str) -> None:
        """The signer never signed it and never will: the attempt's nonce is free again."""
        self._connection.execute("UPDATE attempts SET void = 1 WHERE signing_hash = ?", (signing_hash,))
        self._connection.execute(
            "UPDATE intents SET nonce = NULL WHERE intent = (SELECT intent FROM attempts WHERE signing_hash = ?)",
            (signing_hash,),
        )

    def attempt(self, intent: str) -> Attempt | None:
        """The newest attempt of an intent that is not void."""
        row = self._connection.execute(
            "SELECT signing_hash, intent, clearance, clearance_hash, transaction_json, raw, hash FROM attempts"
            " WHERE intent = ? AND void = 0 ORDER BY rowid DESC LIMIT 1",
            (intent,),
        ).fetchone()
        if row is None:
            return None
        return Attempt(
            signing_hash=row[0], intent=row[1], clearance=json.loads(row[2]), clearance_hash=row[3],
            transaction=json.loads(row[4]), raw=row[5], hash=row[6],
        )  # fmt: skip

    def _select(self, clause: str, values: tuple[Any, ...]) -> Iterator[IntentRow]:
        query = f"SELECT {_INTENT_COLUMNS} FROM intents {clause}"  # noqa: S608 - columns and clauses are ours
        for row in self._connection.execute(query, values).fetchall():
            yield IntentRow.model_validate(dict(zip(IntentRow.model_fields, row, strict=True)))
