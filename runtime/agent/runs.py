"""Runs: which Runs there are, how they stand, and their checkpoints, in agent.db, which only this process opens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from sqlite_utils import Database

RUNNING, WAITING = "running", "waiting"
_ALWAYS = ("goal", "origin", "trigger", "asked_by", "state", "message", "turns", "started_at")


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
    """The table of Runs; each method is one committed change or one read."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path)
        path.chmod(0o600)
        self._database.enable_wal()
        self._runs = self._database.table("runs", pk="run")
        columns = dict.fromkeys(RunRow.model_fields, str)
        self._runs.create(columns, not_null=_ALWAYS, defaults={"message": "", "turns": "[]"}, if_not_exists=True)

    def begin(
        self, run: str, goal: str, *, origin: str, trigger: str, asked_by: str, turns: list[dict[str, str]]
    ) -> RunRow:
        """A Run starts; started again under the same id it is the one that there was."""
        started = {
            "run": run,
            "goal": goal,
            "origin": origin,
            "trigger": trigger,
            "asked_by": asked_by,
            "state": RUNNING,
            "turns": json.dumps(turns),
            "started_at": datetime.now(UTC).isoformat(),
        }
        self._runs.insert(started, ignore=True)
        row = self.find(run)
        assert row is not None
        return row

    def find(self, run: str) -> RunRow | None:
        """The Run of an id."""
        return next(self._where("run = ?", run), None)

    def unfinished(self) -> list[RunRow]:
        """Runs that a process left running or waiting, oldest first."""
        return list(self._where("ended_at IS NULL", order_by="rowid"))

    def recent(self, count: int) -> list[RunRow]:
        """The newest Runs, newest first."""
        return list(self._where(None, order_by="rowid DESC", limit=count))

    def wait(self, run: str, key: str) -> None:
        """The Run rests until people have answered about ``key``."""
        self._runs.update(run, {"state": WAITING, "waits_for": key})

    def go_on(self, run: str) -> None:
        """The Run is at work again."""
        self._runs.update(run, {"state": RUNNING, "waits_for": None})

    def end(self, run: str, outcome: str, message: str) -> None:
        """The Run is over."""
        ended = {"state": outcome, "message": message, "waits_for": None, "ended_at": datetime.now(UTC).isoformat()}
        self._runs.update(run, ended)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _where(
        self, clause: str | None, *values: str, order_by: str | None = None, limit: int | None = None
    ) -> Iterator[RunRow]:
        for row in self._runs.rows_where(clause, values, order_by=order_by, limit=limit):
            yield RunRow.model_validate({**row, "turns": json.loads(row["turns"])})
