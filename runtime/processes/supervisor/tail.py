"""Tail: the lines that a supervised process has written to its log since the last look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAX_LINE_CHARACTERS = 2000


class Tail:
    """Reads one file as it grows, from ``restart`` on: what an earlier process left in it is not news."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset: int | None = None
        self._begun = b""

    def restart(self) -> None:
        """A process was started, and its file with it."""
        self._offset, self._begun = 0, b""

    def lines(self) -> list[str]:
        """Complete lines that are new."""
        if self._offset is None:
            return []
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                found = file.read()
        except FileNotFoundError:
            return []
        self._offset += len(found)
        *complete, self._begun = (self._begun + found).split(b"\n")
        return [line.decode(errors="replace")[:MAX_LINE_CHARACTERS] for line in complete if line.strip()]


def log_line(logger: Any, name: str, line: str) -> None:
    """Write a process's line into the supervisor's log: fields and level where it is JSON, else its words."""
    try:
        fields = json.loads(line)
    except ValueError:
        fields = None
    if not isinstance(fields, dict) or "event" not in fields:
        logger.warning(line.removeprefix(f"{name}: "), process=name)
        return
    level = fields.pop("level", "info")
    fields.pop("timestamp", None)
    event = fields.pop("event")
    write = getattr(logger, level if level in ("debug", "info", "warning", "error") else "info")
    write(event, **{**fields, "process": name})
