"""Bots for the tests of runtime: whole ones on the session's devnet, and the command line as people call it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import make_bot

Treasurer = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = (sys.executable, "-c", "from treasurer.runtime.commands import main; raise SystemExit(main())")
LIMIT_SECONDS = 90


@pytest.fixture
def bot(tmp_path: Path, chain: Devnet) -> Iterator[BotFolder]:
    """A bot with money and no model: plain commands need none. Its processes end before its chain does."""
    folder = make_bot(tmp_path / "bot", chain)
    written = folder.configuration.read_text()
    folder.configuration.write_text(written.replace('name = "qwen2.5-coder-1.5b-q4_k_m"', 'name = "no-such-model"'))
    yield folder
    for name in ("agent", "guard", "signer"):
        _end(folder, name)


@pytest.fixture
def treasurer(bot: BotFolder) -> Treasurer:
    """Runs one command on the bot."""

    def run(*words: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, "--bot", str(bot.root), *words],
            input=said, capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS,
        )  # fmt: skip

    return run


def pid_of(folder: BotFolder, name: str) -> int:
    """The process id of a bot's guard, signer or agent."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = entry.read_text(errors="replace").split("\0")
            if f"treasurer.runtime.{name}" in words and str(folder.root) in words:
                return int(entry.parent.name)
    raise AssertionError(f"no {name} runs")


def _end(folder: BotFolder, name: str) -> None:
    """End one that is still there: what a test left in flight is undone with the chain."""
    until = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < until:
        try:
            os.kill(pid_of(folder, name), signal.SIGTERM)
        except (AssertionError, ProcessLookupError):
            return
        time.sleep(0.1)
    raise AssertionError(f"the {name} did not end")
