"""Portfolio: what the wallet was worth over time, in the guard's database, so that breakers know its peak."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from ...policies.language.breakers import Breaker

_TABLE = "CREATE TABLE IF NOT EXISTS {table} (at TEXT NOT NULL, usd TEXT NOT NULL) STRICT"
_INDEX = "CREATE INDEX IF NOT EXISTS {table}_by_time ON {table} (at)"


class Portfolio:
    """Worth in USD at the times that something was judged. Takes part in the caller's transaction."""

    def __init__(
        self, connection: sqlite3.Connection, *, table: Literal["portfolio", "shadow_portfolio"] = "portfolio"
    ) -> None:
        self._connection = connection
        self._table = table

    def create_tables(self) -> None:
        """Create what is missing."""
        self._connection.execute(_TABLE.format(table=self._table))
        self._connection.execute(_INDEX.format(table=self._table))

    def note(self, at: datetime, usd: Decimal) -> None:
        """The wallet is worth ``usd`` now."""
        insert = f"INSERT INTO {self._table} VALUES (?, ?)"  # noqa: S608 - one of two names of ours
        self._connection.execute(insert, (at.isoformat(), str(usd)))

    def peaks(self, breakers: Iterable[Breaker], at: datetime) -> dict[str, Decimal]:
        """The highest worth within each breaker's window, by its id; a breaker without any note is left out.

        Notes that no window reaches any more are forgotten.
        """
        peaks: dict[str, Decimal] = {}
        oldest = at
        for breaker in breakers:
            drop = breaker.when.portfolio_usd
            if drop is None:
                continue
            since = at - timedelta(seconds=drop.window)
            oldest = min(oldest, since)
            select = f"SELECT usd FROM {self._table} WHERE at > ?"  # noqa: S608 - one of two names of ours
            rows = self._connection.execute(select, (since.isoformat(),))
            worth = [Decimal(row[0]) for row in rows]
            if worth:
                peaks[breaker.id] = max(worth)
        forget = f"DELETE FROM {self._table} WHERE at <= ?"  # noqa: S608 - one of two names of ours
        self._connection.execute(forget, (oldest.isoformat(),))
        return peaks
