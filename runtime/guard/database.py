"""The guard's database: journal, ledger, log and people's answers in one SQLite file, so that they commit together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...wallets.errors import TreasurerError

SCHEMA_VERSION = 2
"""2: the ledger knows which rules let a movement through."""


class DatabaseFault(TreasurerError):
    """The guard's database cannot be written; nothing was changed."""

    next_command = "treasurer doctor"


class NewerSchema(TreasurerError):
    """A newer treasurer wrote this database."""


class Database:
    """One connection in WAL mode with full sync; every change happens inside ``transaction``."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute("PRAGMA foreign_keys = ON")
        version = self.connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise NewerSchema(
                f"{path} has schema {version}, and this treasurer knows {SCHEMA_VERSION}: install the newer one",
                next_command="treasurer --version",
            )
        self.connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """``BEGIN IMMEDIATE``, then commit, or roll everything back when the block raises.

        Raises DatabaseFault where SQLite cannot write: a full disk, a damaged file, another process in between.
        """
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.OperationalError as error:
            raise DatabaseFault(f"{self.path} cannot be written: {error}") from error

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()
