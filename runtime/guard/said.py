"""Said: people's own words, registered by their own programs; what provenance ``user`` rests on."""

from __future__ import annotations

import sqlite3

_TABLE = "CREATE TABLE IF NOT EXISTS said (run TEXT NOT NULL, person TEXT NOT NULL, words TEXT NOT NULL) STRICT"


class Said:
    """People's messages by Run, in the guard's database. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        self._connection.execute(_TABLE)

    def hear(self, run: str, person: str, words: str) -> None:
        """A person's message of a Run."""
        self._connection.execute("INSERT INTO said VALUES (?, ?, ?)", (run, person, words))

    def people(self, run: str) -> set[str]:
        """Whose words a Run has; the empty name is that of a program that did not say."""
        return {row[0] for row in self._connection.execute("SELECT DISTINCT person FROM said WHERE run = ?", (run,))}

    def heard(self, run: str) -> str:
        """All that people said in a Run."""
        return "\n".join(row[0] for row in self._connection.execute("SELECT words FROM said WHERE run = ?", (run,)))
