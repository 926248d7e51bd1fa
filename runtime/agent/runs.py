"""Runs: which Runs there are, how they stand, and their checkpoints, in agent.db, which only this process opens."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    run TEXT PRIMARY KEY, goal TEXT NOT NULL, origin TEXT NOT NULL, trigger TEXT NOT NULL, asked_by TEXT NOT NULL,
    state TEXT NOT NULL, message TEXT NOT NULL DEFAULT '', waits_for TEXT, turns TEXT NOT NULL DEFAULT '[]',
    started_at TEXT NOT NULL, ended_at TEXT
) STRICT
"""
RUNNING, WAITING = "running", "waiting"


class RunRow(BaseModel):
    """One Run. ``state`` is ``running``, ``waiting`` (for people) or the outcome; ``waits_for`` the intent key that
    waits.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    goal: str
    origin: str
    trigger: str
    asked_by: str
    state: str
    message: str
    waits_for: str | None
    turns: list[dict[str, str]]
    started_at: str
    ended_at: str | None


class Runs:
    """The table of Runs behind one connection."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(_SCHEMA)

    def begin(
        self, run: str, goal: str, *, origin: str, trigger: str, asked_by: str, turns: list[dict[str, str]]
    ) -> RunRow:
        """A Run starts; started again under the same id it is the one that there was."""
        self._connection.execute(
            "INSERT OR IGNORE INTO runs (run, goal, origin, trigger, asked_by, state, turns, started_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (run, goal, origin, trigger, asked_by, RUNNING, json.dumps(turns), datetime.now(UTC).isoformat()),
        )
        row = self.find(run)
        assert row is not None
        return row

    def find(self, run: str) -> RunRow | None:
        """The Run of an id."""
        rows = self._select("WHERE run = ?", run)
        return rows[0] if rows else None

    def unfinished(self) -> list[RunRow]:
        """Runs that a process left running or waiting, oldest first."""
        return self._select("WHERE ended_at IS NULL ORDER BY rowid")

    def recent(self, count: int) -> list[RunRow]:
        """The newest Runs, newest first."""
        return self._select("ORDER BY rowid DESC LIMIT ?", count)

    def wait(self, run: str, key: str) -> None:
        """The Run rests until people have answered about ``key``."""
        self._connection.execute("UPDATE runs SET state = ?, waits_for = ? WHERE run = ?", (WAITING, key, run))

    def go_on(self, run: str) -> None:
        """The Run is at work again."""
        self._connection.execute("UPDATE runs SET state = ?, waits_for = NULL WHERE run = ?", (RUNNING, run))

    def end(self, run: str, outcome: str, message: str) -> None:
        """The Run is over."""
        self._connection.execute(
            "UPDATE runs SET state = ?, message = ?, waits_for = NULL, ended_at = ? WHERE run = ?",
            (outcome, message, datetime.now(UTC).isoformat(), run),
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _select(self, clause: str, *values: str | int) -> list[RunRow]:
        columns = ", ".join(RunRow.model_fields)
        found = self._connection.execute(f"SELECT {columns} FROM runs {clause}", values).fetchall()  # noqa: S608 - ours
        rows = [dict(zip(RunRow.model_fields, row, strict=True)) for row in found]
        return [RunRow.model_validate({**row, "turns": json.loads(row["turns"])}) for row in rows]
