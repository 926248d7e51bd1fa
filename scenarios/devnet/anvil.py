"""One anvil process: started in a session of its own, so that it survives its caller, and ended by its pid."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .errors import PortTaken, StartFailed

HOST = "127.0.0.1"
CHAIN_ID = 31337
HARDFORK = "prague"
SLOTS_IN_AN_EPOCH = 1
"""anvil calls a block finalized two epochs below its head; blocks come only with transactions here."""

READY_TIMEOUT_SECONDS = 30
STOP_TIMEOUT_SECONDS = 20
POLL_SECONDS = 0.01


@dataclass(frozen=True)
class Anvil:
    """A running anvil. `log` holds what it prints, the port first."""

    pid: int
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @classmethod
    def start(cls, binary: Path, *, log: Path, port: int = 0, state: Path | None = None, dump_to: Path | None = None) -> Anvil:
        """Start and wait until it listens; port 0 takes a free one.

        state: a world to start from. dump_to: where to write the world at `stop`.
        Raises PortTaken or StartFailed.
        """
        command = [str(binary), "--host", HOST, "--port", str(port), "--chain-id", str(CHAIN_ID)]
        command += ["--hardfork", HARDFORK, "--slots-in-an-epoch", str(SLOTS_IN_AN_EPOCH)]
        if state is not None:
            command += ["--load-state", str(state)]
        if dump_to is not None:
            command += ["--dump-state", str(dump_to)]
        environment = {**os.environ, "NO_COLOR": "1"}
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        try:
            listening = _await_port(process, log, port)
        except BaseException:
            process.kill()
            process.wait()
            raise
        return cls(process.pid, listening, log)

    def is_ours(self) -> bool:
        """Whether the pid still is an anvil on our port: pids are given again."""
        return is_anvil(self.pid)

    def stop(self) -> None:
        """End it and wait, so that a dump is whole. An anvil that is gone already is fine."""
        end(self.pid)


def is_anvil(pid: int) -> bool:
    """Whether `pid` lives and is an anvil."""
    found = subprocess.run(["ps", "-o", "stat=,args=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    state, _, arguments = found.partition(" ")
    program = arguments.strip().split(" --host", 1)[0]
    return bool(state) and not state.startswith("Z") and Path(program).name == "anvil"


def end(pid: int) -> None:
    """SIGTERM, then SIGKILL after STOP_TIMEOUT_SECONDS, to an anvil; returns when it is gone."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        if not is_anvil(pid):
            break
        os.kill(pid, signal_number)
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        while is_anvil(pid) and time.monotonic() < deadline:
            _reap(pid)
            time.sleep(POLL_SECONDS)
    _reap(pid)


def _reap(pid: int) -> None:
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return  # another process started it: init reaps it


def _await_port(process: subprocess.Popen[bytes], log: Path, port: int) -> int:
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        text = log.read_text(encoding="utf-8", errors="replace")
        found = re.search(rf"Listening on {re.escape(HOST)}:(\d+)", text)
        if found and not ended:
            return int(found.group(1))
        if ended:
            if "in use" in text:
                raise PortTaken(port)
            raise StartFailed(f"anvil ended with status {process.returncode}: {text.strip()[-500:] or 'it said nothing'}")
        time.sleep(POLL_SECONDS)
    raise StartFailed(f"anvil did not listen within {READY_TIMEOUT_SECONDS} s: see {log}")
