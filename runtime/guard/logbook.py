"""Logbook: what the guard answers about its audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..audit import export, list_rows, show
from ..folder import BotFolder
from ..orders import OrderRefused
from .requests import ExportRequest, LogRequest, RecordRequest
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

    async def audit_export(self, request: ExportRequest) -> dict[str, Any]:
        """Write the log as a CAR file, never over or among the bot's own files: whoever asks is not trusted."""
        return export(self._state.log, exportable(self._state.folder, request.path))


def exportable(folder: BotFolder, named: str) -> Path:
    """Where an export may be written. Raises OrderRefused."""
    path = Path(named).resolve()
    own = {folder.guard, folder.signer, folder.agent, folder.sockets}
    if own & {path, *path.parents} or (path.parent == folder.root and path.suffix != ".car"):
        raise OrderRefused(f"{path} is the bot's own: export elsewhere", next_command="treasurer audit export out.car")
    if path.exists() and not is_car(path):
        raise OrderRefused(f"{path} exists and is no export: nothing else is overwritten")
    return path


def is_car(path: Path) -> bool:
    """Whether a file begins as a CAR v1 does: a length, then a map of ``roots`` and ``version``."""
    try:
        with path.open("rb") as file:
            return b"eroots" in file.read(64)
    except OSError:
        return False
