"""Ledger: what each account was cleared for, reserved when judged and settled at finality. One table of the guard's
database.

Every method takes part in the caller's transaction and never begins or commits one: budget, journal and log stand or
fall together. An open reservation counts in every window; a settled one from its inclusion time; an allowance that was
left open counts whatever its age, until it is revoked (it then ages from the revocation) or consumed (what was taken
ages from then).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Context, Decimal

from ..errors import LedgerError
from ..facts import EVERY_RULE, Spent

_AGAINST_US = Context(prec=60, rounding=ROUND_CEILING)
_TABLE = """
CREATE TABLE IF NOT EXISTS ledger (
    account TEXT NOT NULL,
    intent TEXT NOT NULL,
    position INTEGER NOT NULL,
    counter TEXT NOT NULL CHECK (counter IN ('outflow', 'turnover', 'borrow', 'gas', 'count')),
    chain_id INTEGER,
    asset TEXT,
    base_units TEXT NOT NULL,
    usd TEXT,
    recipient TEXT,
    rules TEXT NOT NULL,
    standing INTEGER NOT NULL,
    keeper TEXT,
    settled INTEGER NOT NULL DEFAULT 0,
    at TEXT,
    PRIMARY KEY (intent, position)
) STRICT
"""
_INDEX = "CREATE INDEX IF NOT EXISTS ledger_by_account ON ledger (account, at)"
_SINCE_SCHEMA_1 = {"rules": f"TEXT NOT NULL DEFAULT '{EVERY_RULE}'", "keeper": "TEXT"}
"""Columns that a table of schema 1 lacks: what it holds was let through by rules that nobody knows any more, so it
counts for all; and its allowances lie at their tokens.
"""
_SPENT = (
    "SELECT intent, counter, chain_id, asset, base_units, usd, recipient, rules, standing, keeper, at FROM ledger"
    " WHERE account = ? AND intent IS NOT ? AND (at IS NULL OR at > ?) ORDER BY rowid"
)
_FIRST = (
    "SELECT intent, counter, chain_id, asset, base_units, usd, recipient, rules, standing, keeper, min(at) FROM ledger"
    " WHERE account = ? AND intent IS NOT ? AND at <= ? AND counter = 'count' AND recipient IS NOT NULL"
    " GROUP BY recipient ORDER BY recipient"
)
"""With min() SQLite takes the other columns from the row that has the least."""


class Ledger:
    """The ledger in one SQLite database. ``connection`` is the guard's, in explicit transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Make the table where it is not there yet, and give one of schema 1 its further columns."""
        self._connection.execute(_TABLE)
        present = {row[1] for row in self._connection.execute("PRAGMA table_info(ledger)")}
        for name, kind in _SINCE_SCHEMA_1.items():
            if name not in present:
                self._connection.execute(f"ALTER TABLE ledger ADD COLUMN {name} {kind}")
        self._connection.execute(_INDEX)

    def reserve(self, account: str, intent: str, spent: Iterable[Spent]) -> None:
        """Reserve for ``intent``; a reservation of it that is still open is replaced. Raises LedgerError once it is
        settled.
        """
        if self._count(intent, settled=True):
            raise LedgerError(f"intent {intent} is settled: a new effect needs an intent of its own")
        self._connection.execute("DELETE FROM ledger WHERE intent = ?", (intent,))
        self._insert(account, intent, 0, spent)

    def settle(self, intent: str, at: datetime) -> None:
        """The transaction was included at ``at`` and is final. Settling again moves the time. Raises LedgerError for
        none.
        """
        if not self._count(intent):
            raise LedgerError(f"nothing is reserved under intent {intent}: it cannot be settled")
        self._connection.execute(
            "UPDATE ledger SET settled = 1, at = CASE standing WHEN 1 THEN NULL ELSE ? END WHERE intent = ?",
            (_write(at), intent),
        )

    def release(self, intent: str) -> None:
        """Give an open reservation back. Nothing reserved is fine; raises LedgerError once it is settled."""
        if self._count(intent, settled=True):
            raise LedgerError(f"intent {intent} is settled: what happened cannot be given back")
        self._connection.execute("DELETE FROM ledger WHERE intent = ?", (intent,))

    def revoke(
        self, account: str, chain_id: int, asset: str, spender: str, at: datetime, *, keeper: str | None = None
    ) -> None:
        """A revocation is final: what the allowance still permitted may have been taken until ``at``, and ages from
        then. ``keeper``: the contract that keeps the allowance, where that is not the token.
        """
        for row in self._standing(account, chain_id, asset, spender, keeper):
            self._connection.execute("UPDATE ledger SET standing = 0, at = ? WHERE rowid = ?", (_write(at), row[0]))

    def consume(
        self,
        account: str,
        chain_id: int,
        asset: str,
        spender: str,
        base_units: int,
        at: datetime,
        *,
        keeper: str | None = None,
    ) -> int:
        """The spender took ``base_units``: converted from standing allowances, the oldest first, never counted twice.

        Returns the base units that no standing allowance covers: an outflow that nobody was cleared for.
        """
        left = base_units
        for rowid, intent, counter, written, usd, rules in self._standing(account, chain_id, asset, spender, keeper):
            if left == 0:
                break
            allowed = int(written)
            taken = min(allowed, left)
            left -= taken
            self._connection.execute("DELETE FROM ledger WHERE rowid = ?", (rowid,))
            parts = [(taken, False, at)] + ([(allowed - taken, True, None)] if allowed > taken else [])
            for amount, standing, when in parts:
                part = Spent(
                    intent=intent,
                    counter=counter,
                    asset=asset,
                    base_units=amount,
                    usd=None if usd is None else _share(Decimal(usd), amount, allowed),
                    recipient=spender,
                    chain_id=chain_id,
                    rules=_names(rules),
                    standing=standing,
                    keeper=keeper,
                    at=when,
                )
                self._insert(account, intent, self._next(intent), [part], settled=True)
        return left

    def spent(
        self,
        account: str,
        *,
        now: datetime,
        without_intent: str | None = None,
        since: datetime | None = None,
        first_dealings: bool = False,
    ) -> tuple[Spent, ...]:
        """What counts for ``account`` at ``now``: open reservations, standing allowances, and what was settled.

        ``since`` leaves out what was settled at or before it (no window reaches there); ``first_dealings`` adds, of
        what is so old, the first dealing with each counterparty. Times after ``now`` count, too.
        """
        start = "" if since is None else _write(min(since, now))
        rows = list(self._connection.execute(_SPENT, (account, without_intent, start)))
        if first_dealings:
            rows += self._connection.execute(_FIRST, (account, without_intent, start))
        return tuple(_read(row) for row in rows)

    def _insert(self, account: str, intent: str, first: int, spent: Iterable[Spent], *, settled: bool = False) -> None:
        self._connection.executemany(
            "INSERT INTO ledger (account, position, settled, intent, counter, chain_id, asset, base_units, usd,"
            " recipient, rules, standing, keeper, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    account,
                    first + position,
                    settled,
                    intent,
                    row.counter,
                    row.chain_id,
                    row.asset,
                    str(row.base_units),
                    None if row.usd is None else str(row.usd),
                    row.recipient,
                    " ".join(row.rules),
                    row.standing,
                    row.keeper,
                    _write(row.at) if settled and row.at is not None else None,
                )
                for position, row in enumerate(spent)
            ],
        )

    def _standing(
        self, account: str, chain_id: int, asset: str, spender: str, keeper: str | None
    ) -> list[tuple[int, str, str, str, str | None, str]]:
        return self._connection.execute(
            "SELECT rowid, intent, counter, base_units, usd, rules FROM ledger WHERE account = ? AND chain_id = ?"
            " AND asset = ? AND recipient = ? AND keeper IS ? AND standing = 1 AND settled = 1 ORDER BY rowid",
            (account, chain_id, asset, spender, keeper),
        ).fetchall()

    def _count(self, intent: str, *, settled: bool = False) -> int:
        query = "SELECT count(*) FROM ledger WHERE intent = ? AND settled >= ?"
        return int(self._connection.execute(query, (intent, settled)).fetchone()[0])

    def _next(self, intent: str) -> int:
        query = "SELECT coalesce(max(position), -1) + 1 FROM ledger WHERE intent = ?"
        return int(self._connection.execute(query, (intent,)).fetchone()[0])


_Row = tuple[str, str, int | None, str | None, str, str | None, str | None, str, int, str | None, str | None]


def _read(row: _Row) -> Spent:
    intent, counter, chain_id, asset, base_units, usd, recipient, rules, standing, keeper, at = row
    return Spent(
        intent=intent,
        counter=counter,
        chain_id=chain_id,
        asset=asset,
        base_units=int(base_units),
        usd=None if usd is None else Decimal(usd),
        recipient=recipient,
        rules=_names(rules),
        standing=bool(standing),
        keeper=keeper,
        at=None if at is None else datetime.fromisoformat(at),
    )


def _names(written: str) -> tuple[str, ...]:
    """Ids of rules have no spaces."""
    return tuple(written.split())


def _share(usd: Decimal, part: int, whole: int) -> Decimal:
    """The part's share of the worth, rounded up to 60 digits: both shares together are never less than the whole."""
    return usd if part == whole else _AGAINST_US.divide(_AGAINST_US.multiply(usd, Decimal(part)), Decimal(whole))


def _write(at: datetime) -> str:
    """ISO 8601 in UTC with microseconds: texts in the order of time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
