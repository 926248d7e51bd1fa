"""Leftovers: processes that a killed supervisor left behind; the next one ends them before it starts its own."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from ...bot.folder import BotFolder

END_SECONDS = 15.0
_LOOK_SECONDS = 0.1


def _record(folder: BotFolder) -> Path:
    return folder.sockets / "up.json"


def remember(folder: BotFolder, pids: dict[str, int]) -> None:
    """Write down which processes are ours."""
    aside = _record(folder).with_suffix(".new")
    aside.write_text(json.dumps(pids) + "\n")
    aside.rename(_record(folder))


def forget(folder: BotFolder) -> None:
    """All of them have ended."""
    _record(folder).unlink(missing_ok=True)


def end_leftovers(folder: BotFolder) -> list[str]:
    """End what an earlier supervisor left running; the names of what was ended. Agent first, signer last."""
    try:
        pids = json.loads(_record(folder).read_text())
    except (OSError, ValueError):
        return []
    ended = []
    for name in ("agent", "guard", "signer"):
        pid = pids.get(name)
        if isinstance(pid, int) and _is_ours(pid, name, folder):
            _end(pid, name, folder)
            ended.append(name)
    forget(folder)
    return ended


def _end(pid: int, name: str, folder: BotFolder) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + END_SECONDS
        while time.monotonic() < until:
            if not _is_ours(pid, name, folder):
                return
            time.sleep(_LOOK_SECONDS)


def _is_ours(pid: int, name: str, folder: BotFolder) -> bool:
    """Whether the process of that id is still this one: ids are used again, and a dead one has no words."""
    return f"treasurer.runtime.{name} --bot {folder.root} " in f"{_command_line(pid)} "


def _command_line(pid: int) -> str:
    proc = Path(f"/proc/{pid}")
    if Path("/proc/self").exists():
        try:
            return (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout
