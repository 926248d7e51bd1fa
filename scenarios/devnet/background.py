"""The devnet that goes on in the background: `up` leaves a record of it, `down` ends what a record names."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ...runtime.bot.folder import runtime_folder
from .anvil import end, is_anvil
from .errors import NotRunning
from .node import Devnet
from .packages import Progress, silent


@dataclass(frozen=True)
class Running:
    """A devnet in the background. port and pid are anvil's; registry is a path."""

    pid: int
    port: int
    rpc: str
    registry: str

    @property
    def record(self) -> Path:
        return _record(self.port)

    @property
    def log(self) -> Path:
        return self.record.with_suffix(".log")


def start(port: int, progress: Progress = silent) -> Running:
    """Start a devnet that outlives this process. Raises what `Devnet.start` raises."""
    log = runtime_folder() / f"devnet-starting-{port}.log"
    try:
        devnet = Devnet.start(port, log=log, outlive=True, progress=progress)
    except BaseException:
        log.unlink(missing_ok=True)
        raise
    devnet.world.rpc.close()
    running = Running(devnet.anvil.pid, devnet.anvil.port, devnet.rpc, str(devnet.registry))
    log.rename(running.log)
    aside = running.record.with_suffix(".new")
    aside.write_text(json.dumps(asdict(running)) + "\n", encoding="utf-8")
    aside.rename(running.record)
    return running


def running() -> list[Running]:
    """Those whose process still lives, the last started first; records of others are removed."""
    found = []
    for record in sorted(
        runtime_folder().glob("devnet-*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True
    ):
        one = Running(**json.loads(record.read_text(encoding="utf-8")))
        if is_anvil(one.pid, one.port):
            found.append(one)
        else:
            _forget(one)
    return found


def stop(port: int | None = None) -> Running:
    """End the devnet on `port`, by default the one started last. Raises NotRunning where there is none of ours."""
    for one in running():
        if port in (None, one.port):
            end(one.pid)
            _forget(one)
            return one
    where = "" if port is None else f" on port {port}"
    raise NotRunning(f"no devnet of ours runs{where}", next_command="treasurer devnet up")


def _record(port: int) -> Path:
    return runtime_folder() / f"devnet-{port}.json"


def _forget(one: Running) -> None:
    one.record.unlink(missing_ok=True)
    one.log.unlink(missing_ok=True)
