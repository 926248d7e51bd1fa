"""Approvals: people's answers to escalated proposals, in the guard's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from datetime import datetime
from typing import Any

from ...policies.book.book import Book
from ...wallets.errors import InvalidValue, TreasurerError
from ...wallets.keys import recover
from ...wallets.values import checksum, to_hex

MAX_PENDING = 16
"""Escalations that may wait at once: more would let spam hold the budget (design.md, Stop)."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS escalations (
    digest TEXT PRIMARY KEY, key TEXT NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS answers (
    digest TEXT NOT NULL REFERENCES escalations(digest), person TEXT NOT NULL, address TEXT NOT NULL,
    signature TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (digest, person)
) STRICT
"""


class ApprovalRefused(TreasurerError):
    """A signature that approves nothing that waits."""

    exit_status = 1


class Approvals:
    """What waits for people, and who has signed. Takes part in the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def create_tables(self) -> None:
        """Create what is missing."""
        for statement in _SCHEMA.split(";"):
            self._connection.execute(statement)

    def escalate(self, digest: str, key: str, expires_at: datetime) -> None:
        """A proposal waits for people from now on."""
        self._connection.execute(
            "INSERT INTO escalations VALUES (?, ?, ?, 'waiting')", (digest, key, expires_at.isoformat())
        )

    def waiting(self) -> list[dict[str, Any]]:
        """``digest``, ``key`` and ``expires_at`` of each proposal that waits, oldest first."""
        rows = self._connection.execute(
            "SELECT digest, key, expires_at FROM escalations WHERE state = 'waiting' ORDER BY rowid"
        ).fetchall()
        return [{"digest": row[0], "key": row[1], "expires_at": row[2]} for row in rows]

    def find(self, name: str) -> dict[str, Any]:
        """The waiting proposal of a digest or of its unique beginning. Raises ApprovalRefused."""
        found = [item for item in self.waiting() if item["digest"].startswith(name.lower())]
        if len(found) == 1:
            return found[0]
        why = "more than one proposal waits under it: type more of it" if found else "nothing waits under it"
        raise ApprovalRefused(f"{name}: {why}", next_command="treasurer approve list")

    def close(self, digest: str, state: str) -> None:
        """The escalation ended: ``approved``, or as its intents did. One that ended before stays as it is."""
        self._connection.execute(
            "UPDATE escalations SET state = ? WHERE digest = ? AND state = 'waiting'", (state, digest)
        )

    def add(self, digest: str, person: str, address: str, signature: bytes, at: datetime) -> None:
        """Keep one person's signature; a second one of the same person changes nothing."""
        self._connection.execute(
            "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?)",
            (digest, person, address, to_hex(signature), at.isoformat()),
        )

    def people(self, digest: str) -> set[str]:
        """Labels of those who have signed."""
        rows = self._connection.execute("SELECT person FROM answers WHERE digest = ?", (digest,)).fetchall()
        return {row[0] for row in rows}


def approver(
    digest: str, signature: bytes, book: Book, eligible: set[str], excluded: Collection[str] = ()
) -> tuple[str, str]:
    """Label and address of the person who signed the digest. Raises ApprovalRefused where nobody of ``eligible`` did.

    ``excluded``: people who would be asked, had they not asked for it or written the policy themselves.
    """
    try:
        address = recover(digest, signature)
    except InvalidValue as error:
        raise ApprovalRefused(f"the signature is none: {error}") from error
    for label, person in book.people.items():
        if person.address == address and "approve" in person.may:
            if label in excluded:
                raise ApprovalRefused(
                    f"{label} asked for this or signed the policy that lets it pass: another person approves it"
                )
            if label not in eligible:
                raise ApprovalRefused(f"{label} signed, but this proposal asks {', '.join(sorted(eligible))}")
            return label, address
    raise ApprovalRefused(
        f"{checksum(address)} signed this digest, who is nobody in the book that may approve;"
        " was another digest signed?"
    )
