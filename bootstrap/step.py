"""One step of the setup: a command with a log, a number, and a line on the screen; several may run side by side."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REFRESH_SECONDS = 0.5
QUICK_SECONDS = 1.0  # a step that was done before ends sooner, and a line that announces minutes would only alarm
TAIL_LINES = 15
PROGRESS = re.compile(rb"\[(\d+)/(\d+)\]|([\d,]+) of ([\d,]+) MB")


class StepError(Exception):
    """A step failed; the message holds the log's end and its path."""


@dataclass(frozen=True)
class Log:
    """Where a step's commands write; a command that fails is a StepError."""

    path: Path

    def run(self, command: Sequence[str | Path], **environment: str) -> None:
        """Run one command with nothing on its standard input; its output goes to the log."""
        with self.path.open("ab") as sink:
            sink.write(f"$ {' '.join(map(str, command))}\n".encode())
            sink.flush()
            env = {**os.environ, "PYTHONUNBUFFERED": "1", **environment}
            code = subprocess.call(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, env=env
            )
        if code:
            tail = "\n".join(self.path.read_text(errors="replace").splitlines()[-TAIL_LINES:])
            raise StepError(f"{tail}\n\n{Path(command[0]).name} exited with {code}; the whole log: {self.path}")

    def progress(self) -> str:
        """The last ``[3/9]`` or ``3 of 9 MB`` that the log shows, without its brackets; empty where it shows none."""
        with self.path.open("rb") as source:
            source.seek(max(0, self.path.stat().st_size - 2000))
            found = PROGRESS.findall(source.read())
        if not found:
            return ""
        done, of, done_mb, of_mb = (text.decode() for text in found[-1])
        return f"{done}/{of}" if done else f"{done_mb}/{of_mb} MB"


@dataclass(frozen=True)
class Step:
    """``name`` and ``note`` are what the screen says about ``work``; ``due`` is false where it was done before."""

    number: int
    name: str
    work: Callable[[Log], None]
    note: str = ""
    due: bool = True


def run_together(steps: Sequence[Step], *, of: int, logs: Path) -> None:
    """Run the steps that are due side by side; raise the first failure after all have ended."""
    logs.mkdir(parents=True, exist_ok=True)
    failures: list[str] = []
    workers = [_start(step, of, logs, failures) for step in steps if step.due]
    give_up = time.monotonic() + QUICK_SECONDS
    for _, _, thread in workers:
        thread.join(max(0.0, give_up - time.monotonic()))
    for step, log, thread in workers:
        if thread.is_alive():
            print(f"[{step.number}/{of}] {step.name}{step.note} (log: {os.path.relpath(log.path)})", flush=True)
    while any(thread.is_alive() for _, _, thread in workers):
        if sys.stdout.isatty():
            shown = (f"{step.name} {log.progress()}".strip() for step, log, thread in workers if thread.is_alive())
            sys.stdout.write("\r\x1b[K" + " · ".join(shown)[:110])
            sys.stdout.flush()
        time.sleep(REFRESH_SECONDS if sys.stdout.isatty() else REFRESH_SECONDS / 10)
    if sys.stdout.isatty():
        sys.stdout.write("\r\x1b[K")
    if failures:
        raise StepError("\n\n".join(failures))


def _start(step: Step, of: int, logs: Path, failures: list[str]) -> tuple[Step, Log, threading.Thread]:
    log = Log(logs / f"{step.number}-{step.name.split()[-1]}.log")
    log.path.write_bytes(b"")
    thread = threading.Thread(target=_attempt, args=(step, log, of, failures), daemon=True)
    thread.start()
    return step, log, thread


def _attempt(step: Step, log: Log, of: int, failures: list[str]) -> None:
    started = time.monotonic()
    try:
        step.work(log)
    except (StepError, OSError) as error:
        failures.append(f"[{step.number}/{of}] {step.name} failed:\n{error}")
        return
    seconds = time.monotonic() - started
    if seconds >= QUICK_SECONDS:
        print("\r\x1b[K" * sys.stdout.isatty() + f"[{step.number}/{of}] {step.name}: {seconds:.0f} s", flush=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; waits, and says so, while another setup holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"waiting for another setup that holds {path}", flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
