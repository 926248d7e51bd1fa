"""Conduct: what breakers look back on: denials in a row, and how far outcomes were from their simulations of late.

An owner's resumption starts both anew: what stopped the wallet would otherwise stop it again at once.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from decimal import Decimal

DRIFT_LOOKBACK = timedelta(hours=24)
"""How long a bad outcome is held against the next proposals."""

_TABLES = """
CREATE TABLE IF NOT EXISTS denials (in_row INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS drifts (at TEXT NOT NULL, bps TEXT NOT NULL) STRICT
"""


class Conduct:
    """Kept in the guard's database. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        for statement in _TABLES.split(";"):
            self._connection.execute(statement)

    def judged(self, *, denied: bool) -> None:
        """A new proposal was answered."""
        row = self.denials_in_row() + 1 if denied else 0
        self._connection.execute("DELETE FROM denials")
        self._connection.execute("INSERT INTO denials VALUES (?)", (row,))

    def denials_in_row(self) -> int:
        """Proposals denied since the last one that was not."""
        found = self._connection.execute("SELECT in_row FROM denials").fetchone()
        return 0 if found is None else int(found[0])

    def drifted(self, bps: Decimal, at: datetime) -> None:
        """An outcome was this much worse than its simulation."""
        if bps > 0:
            self._connection.execute("INSERT INTO drifts VALUES (?, ?)", (at.isoformat(), str(bps)))

    def drift_bps(self, now: datetime) -> Decimal:
        """The worst of late; 0 where nothing was worse than simulated."""
        self._connection.execute("DELETE FROM drifts WHERE at <= ?", ((now - DRIFT_LOOKBACK).isoformat(),))
        return max((Decimal(row[0]) for row in self._connection.execute("SELECT bps FROM drifts")), default=Decimal(0))

    def start_anew(self) -> None:
        """An owner has looked, and lets the wallet go on."""
        self._connection.execute("DELETE FROM denials")
        self._connection.execute("DELETE FROM drifts")
