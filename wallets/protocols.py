"""What the journal asks of the floors above it: declared here, injected by runtime."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol


class Clock(Protocol):
    """The guard's one clock: monotone, UTC; on a devnet the newest block's time."""

    def now(self) -> datetime:
        """The present, with time zone UTC."""
        ...


class RecordSink(Protocol):
    """Where decisions are written down; appends take part in the caller's open database transaction."""

    def append(self, kind: str, run: str, body: dict[str, Any]) -> str:
        """Append one observed Record and return its CID. Must be called inside a transaction of the guard's
        database.
        """
        ...

    def checkpoint(self) -> str:
        """Sign the log's head durably, before a broadcast; returns the signed note's text."""
        ...
