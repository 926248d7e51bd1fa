"""Memory: for each automation what it last considered and fired, in agent.db. Times and ids; no job is ever stored."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from .firing import Firing

_SCHEMA = """
CREATE TABLE IF NOT EXISTS automations (
    automation TEXT PRIMARY KEY, considered TEXT, armed INTEGER NOT NULL DEFAULT 1, firing TEXT
) STRICT
"""


class Memory:
    """One row an automation. What fired is written down before its Run begins: a start after a crash begins it."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute(_SCHEMA)

    def considered(self, automation: str) -> datetime | None:
        """Until when a schedule's moments were decided about; None for one that was never seen."""
        found = self._value(automation, "considered")
        return None if found is None else datetime.fromisoformat(str(found))

    def armed(self, automation: str) -> bool:
        """Whether a trigger may go off."""
        return self._value(automation, "armed") != 0

    def last(self, automation: str) -> Firing | None:
        """What fired last."""
        found = self._value(automation, "firing")
        return None if found is None else Firing.model_validate_json(str(found))

    def consider(self, automation: str, until: datetime, firing: Firing | None = None) -> None:
        """A schedule's moments until then are decided; ``firing`` came of it. All of it or nothing."""
        self._write(automation, "considered", until.isoformat(), firing)

    def arm(self, automation: str, armed: bool, firing: Firing | None = None) -> None:
        """Whether a trigger may go off from now on; ``firing`` came of it."""
        self._write(automation, "armed", int(armed), firing)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _value(self, automation: str, column: str) -> str | int | None:
        row = self._connection.execute(
            f"SELECT {column} FROM automations WHERE automation = ?",  # noqa: S608 - a word of ours
            (automation,),
        ).fetchone()
        return None if row is None else row[0]

    def _write(self, automation: str, column: str, value: str | int, firing: Firing | None) -> None:
        fired = None if firing is None else firing.model_dump_json()
        self._connection.execute(
            f"INSERT INTO automations (automation, {column}, firing) VALUES (?, ?, ?) ON CONFLICT (automation)"  # noqa: S608
            f" DO UPDATE SET {column} = excluded.{column}, firing = COALESCE(excluded.firing, firing)",
            (automation, value, fired),
        )
