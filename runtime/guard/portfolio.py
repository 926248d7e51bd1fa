"""Portfolio: what the wallet was worth over time, in the guard's database, so that breakers know its peak."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from ...policies.language.breakers import Breaker

_TABLE = "CREATE TABLE IF NOT EXISTS portfolio (at TEXT NOT NULL, usd TEXT NOT NULL) STRICT"
_INDEX = "CREATE INDEX IF NOT EXISTS portfolio_by_time ON portfolio (at)"


class Portfolio:
    """Worth in USD at the times that something was judged. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        self._connection.execute(_TABLE)
        self._connection.execute(_INDEX)

    def note(self, at: datetime, usd: Decimal) -> None:
        """The wallet is worth ``usd`` now."""
        self._connection.execute("INSERT INTO portfolio VALUES (?, ?)", (at.isoformat(), str(usd)))

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
            rows = self._connection.execute("SELECT usd FROM portfolio WHERE at > ?", (since.isoformat(),))
            worth = [Decimal(row[0]) for row in rows]
            if worth:
                peaks[breaker.id] = max(worth)
        self._connection.execute("DELETE FROM portfolio WHERE at <= ?", (oldest.isoformat(),))
        return peaks
