"""Exports: the guard writes them inside its own folder alone; whoever asked takes one from there to where it is wanted.

Who asks the guard is not trusted: a path of theirs would let a program that may only ask write wherever the guard may.
"""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import Any

from ...wallets.errors import TreasurerError
from ...wallets.orders import OrderRefused
from ..bot.folder import BotFolder
from .client import GuardClient

MAX_KEPT = 4
"""Exports that nobody took: the oldest make room, so that asking again and again does not fill the disk."""
_NEXT = "treasurer audit export out.car"


class NotExported(TreasurerError):
    """The export cannot be written where it is wanted."""

    next_command = _NEXT


def new_export(folder: BotFolder) -> Path:
    """Where the guard writes its next export: a name of its own in its own folder."""
    exports = folder.guard / "exports"
    try:
        exports.mkdir(mode=0o700, exist_ok=True)
        kept = sorted(exports.iterdir(), key=lambda path: path.lstat().st_mtime_ns)
        for path in kept[: max(0, len(kept) - MAX_KEPT + 1)]:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise NotExported(f"the guard cannot write to {exports}: {error.strerror}") from error
    return exports / f"{secrets.token_hex(8)}.car"


async def export_to(guard: GuardClient, folder: BotFolder, path: Path) -> dict[str, Any]:
    """Have the log exported and take the file to ``path``: the guard's answer, with that path.

    Raises OrderRefused where something else lies there or the place is the bot's own, NotExported where it cannot be
    written.
    """
    path = exportable(folder, path)
    answer = await guard.ask("audit_export")
    written = Path(answer["path"])
    _take(written, path)
    return {**answer, "path": str(path)}


def exportable(folder: BotFolder, named: Path) -> Path:
    """Where an export may lie. Raises OrderRefused."""
    path = named.resolve()
    own = {folder.guard, folder.signer, folder.agent, folder.sockets}
    if own & {path, *path.parents} or (path.parent == folder.root and path.suffix != ".car"):
        raise OrderRefused(f"{path} is the bot's own: export elsewhere", next_command=_NEXT)
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


def _take(written: Path, path: Path) -> None:
    """Copy whole or not at all, beside the place first, then into it; the guard's own copy goes either way."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        shutil.copy(written, aside)
        aside.replace(path)
    except OSError as error:
        raise NotExported(f"the export cannot be written to {path}: {error.strerror}") from error
    finally:
        aside.unlink(missing_ok=True)
        written.unlink(missing_ok=True)
