"""Memory: the few words that a guard must know again after a restart: its policy, its mode, the stop that stands."""

from __future__ import annotations

import sqlite3

_TABLE = "CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT"


class Memory:
    """Words by name, in the guard's database. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        self._connection.execute(_TABLE)

    def remember(self, name: str, value: str) -> None:
        """Keep a word under a name."""
        self._connection.execute("INSERT OR REPLACE INTO remembered VALUES (?, ?)", (name, value))

    def recall(self, name: str) -> str | None:
        """The word under a name."""
        row = self._connection.execute("SELECT value FROM remembered WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])
