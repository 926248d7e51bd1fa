"""Bots for the tests of runtime: whole ones on the session's devnet, and the command line as people call it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from treasurer.runtime.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import make_bot

Treasurer = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = (sys.executable, "-c", "from treasurer.runtime.commands import main; raise SystemExit(main())")
LIMIT_SECONDS = 90


@pytest.fixture
def bot(tmp_path: Path, chain: Devnet) -> BotFolder:
    """A bot with money and no model: plain commands need none."""
    folder = make_bot(tmp_path / "bot", chain)
    written = folder.configuration.read_text()
    folder.configuration.write_text(written.replace('name = "qwen2.5-coder-1.5b-q4_k_m"', 'name = "no-such-model"'))
    return folder


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
            words = entry.read_text().split("\0")
            if f"treasurer.runtime.{name}" in words and str(folder.root) in words:
                return int(entry.parent.name)
    raise AssertionError(f"no {name} runs")
