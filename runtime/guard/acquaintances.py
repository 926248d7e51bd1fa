"""Acquaintances: since when each address is in the book in force, and whom the wallet dealt with lately."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from ...policies.book.book import Book

MAX_PEERS = 64
"""Peers that a judgement is told, the latest first: its facts are recorded whole."""

_TABLES = """
CREATE TABLE IF NOT EXISTS known (address TEXT PRIMARY KEY, since INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS peers (address TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT
"""


class Acquaintances:
    """Addresses, in the guard's database. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        for statement in _TABLES.split(";"):
            self._connection.execute(statement)

    def learn(self, book: Book, at: datetime) -> None:
        """This book comes into force; an address that it lacks is a stranger again, and waits anew when it returns."""
        before = self.known_since()
        self._connection.execute("DELETE FROM known")
        now = int(at.timestamp())
        rows = [(address, before.get(address, now)) for address in sorted(addresses(book))]
        self._connection.executemany("INSERT INTO known VALUES (?, ?)", rows)

    def known_since(self) -> dict[str, int]:
        """Unix seconds by address of the book in force."""
        return {str(row[0]): int(row[1]) for row in self._connection.execute("SELECT address, since FROM known")}

    def meet(self, peers: Iterable[str], at: datetime) -> None:
        """The wallet paid or approved these. Who only sent something to it is no peer: anybody can do that."""
        rows = [(peer, at.isoformat()) for peer in peers]
        self._connection.executemany("INSERT OR REPLACE INTO peers VALUES (?, ?)", rows)
        self._connection.execute(
            "DELETE FROM peers WHERE address NOT IN (SELECT address FROM peers ORDER BY at DESC, address LIMIT ?)",
            (MAX_PEERS,),
        )

    def peers(self) -> tuple[str, ...]:
        """Whom the wallet dealt with, the latest first."""
        rows = self._connection.execute("SELECT address FROM peers ORDER BY at DESC, address")
        return tuple(str(row[0]) for row in rows)


def addresses(book: Book) -> set[str]:
    """Every address of every section."""
    return {entry.address for entries in book.sections.values() for entry in entries}
