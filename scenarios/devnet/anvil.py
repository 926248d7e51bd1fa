"""One anvil process: started, in a session of its own where it shall outlive its caller, and ended by its pid."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from ...wallets.values import DEVNET_CHAIN_ID
from .errors import PortTaken, StartFailed

HOST = "127.0.0.1"
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
    def start(
        cls,
        binary: Path,
        *,
        log: Path,
        port: int = 0,
        state: Path | None = None,
        dump_to: Path | None = None,
        outlive: bool = False,
    ) -> Anvil:
        """Start and wait until it listens; port 0 takes a free one.

        state: a world to start from. dump_to: where to write the world at `stop`.
        outlive: whether it goes on when its caller ends; else an interrupt of the caller's process group ends it, too.
        Raises PortTaken or StartFailed.
        """
        command = [str(binary), "--host", HOST, "--port", str(port), "--chain-id", str(DEVNET_CHAIN_ID)]
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
                start_new_session=outlive,
            )
        try:
            listening = _await_port(process, log, port)
        except BaseException:
            process.kill()
            process.wait()
            raise
        # From here on the node belongs to its pid, perhaps beyond this process: Popen must not miss its end.
        process.returncode = 0
        return cls(process.pid, listening, log)

    def stop(self) -> None:
        """End it and wait, so that a dump is whole. An anvil that is gone already is fine."""
        end(self.pid)


def is_anvil(pid: int, port: int | None = None) -> bool:
    """Whether `pid` lives and is an anvil that we started (on `port`, or on one it chose): pids are given again."""
    program, *options = _command_line(pid) or [""]
    if Path(program).name != "anvil" or options[:3] != ["--host", HOST, "--port"]:
        return False
    return port is None or options[3] in {"0", str(port)}


def _command_line(pid: int) -> list[str]:
    """The arguments a process was started with; none for one that is gone, or that only waits to be reaped."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")[:-1]
        except (FileNotFoundError, ProcessLookupError):
            return []
    command = ["ps", "-o", "args=", "-p", str(pid)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=STOP_TIMEOUT_SECONDS)
    program, separator, options = done.stdout.strip().partition(" --host ")
    return [program, "--host", *options.split()] if separator else []


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


def check_free(port: int) -> None:
    """Raises PortTaken when somebody listens there: found out before anything is downloaded."""
    with socket.socket() as probe:
        if port and probe.connect_ex((HOST, port)) == 0:
            raise PortTaken(port)


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
            raise StartFailed(
                f"anvil ended with status {process.returncode}: {text.strip()[-500:] or 'it said nothing'}"
            )
        time.sleep(POLL_SECONDS)
    raise StartFailed(f"anvil did not listen within {READY_TIMEOUT_SECONDS} s: see {log}")
