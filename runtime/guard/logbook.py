"""Logbook: what the guard answers about its audit log."""

from __future__ import annotations

from typing import Any

from ..audit import export, list_rows, show
from .exports import new_export
from .requests import LogRequest, Nothing, RecordRequest
from .state import GuardState


class Logbook:
    """The requests about the log."""

    def __init__(self, state: GuardState) -> None:
        self._state = state

    async def audit_log(self, request: LogRequest) -> dict[str, Any]:
        """Rows of the audit log."""
        rows = list_rows(self._state.log, since=request.since, limit=request.limit, kind=request.kind, run=request.run)
        return {"rows": rows}

    async def audit_show(self, request: RecordRequest) -> dict[str, Any]:
        """One record, whole."""
        return show(self._state.log, request.name)

    async def audit_export(self, _: Nothing) -> dict[str, Any]:
        """Write the log as a CAR file in the guard's own folder, from where whoever asked takes it."""
        return export(self._state.log, new_export(self._state.folder))
