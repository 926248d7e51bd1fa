"""What a supervised process has said, how often it may die, and which process of a bot is ours."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from treasurer.runtime.bot.configuration import Log
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.processes.logs import logger_to
from treasurer.runtime.processes.supervisor.child import DEATHS_WINDOW_SECONDS, MAX_DEATHS, Child
from treasurer.runtime.processes.supervisor.leftovers import end_leftovers, remember
from treasurer.runtime.processes.supervisor.tail import Tail, log_line


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BotFolder:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bot = BotFolder(tmp_path / "my bot")
    bot.sockets.mkdir(mode=0o700, parents=True)
    return bot


def test_pauses_grow_and_too_many_deaths_are_the_end(folder: BotFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("treasurer.runtime.processes.supervisor.child.time.monotonic", lambda: now)
    child = Child(folder, "guard", folder.guard_socket)
    pauses = [child.died() for _ in range(MAX_DEATHS + 1)]
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, None]
    now = DEATHS_WINDOW_SECONDS + 1
    assert child.died() == 0.2


def test_only_whole_lines_are_read_and_each_once(tmp_path: Path) -> None:
    path = tmp_path / "guard.log"
    tail = Tail(path)
    tail.restart()
    assert tail.lines() == []
    with path.open("ab") as file:
        file.write(b"guard: one\n\nguard: t")
        file.flush()
        assert tail.lines() == ["guard: one"]
        file.write(b"wo\n")
        file.flush()
        assert tail.lines() == ["guard: two"]
    assert tail.lines() == []
    path.write_text("guard: again\n")
    tail.restart()
    assert tail.lines() == ["guard: again"]


def test_what_an_earlier_process_said_is_not_news(tmp_path: Path) -> None:
    path = tmp_path / "agent.log"
    path.write_text("agent: ended\n")
    tail = Tail(path)
    assert tail.lines() == []
    path.write_text("agent: begins\n")
    tail.restart()
    assert tail.lines() == ["agent: begins"]


@pytest.mark.parametrize(
    ("line", "level", "event"),
    [
        ("guard: no answer", "warning", "no answer"),
        ('{"event": "ended", "level": "info", "run": "r", "timestamp": "t"}', "info", "ended"),
        ('{"event": "x", "level": "__class__"}', "info", "x"),
        ('{"no": "event"}', "warning", '{"no": "event"}'),
        ("[1, 2]", "warning", "[1, 2]"),
    ],
)
def test_a_process_line_becomes_a_line_of_the_log(line: str, level: str, event: str) -> None:
    written = StringIO()
    log_line(logger_to(written, Log(format="json")), "guard", line)
    told = json.loads(written.getvalue())
    assert (told["event"], told["level"], told["process"]) == (event, level, "guard")
    assert "T" in told["timestamp"]


def test_the_level_of_the_configuration_holds() -> None:
    written = StringIO()
    logger = logger_to(written, Log(level="error", format="text"))
    logger.warning("not this")
    logger.error("this", run="r")
    assert "not this" not in written.getvalue()
    assert "this" in written.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(written.getvalue())


def test_only_a_process_of_this_very_bot_is_ended(folder: BotFolder) -> None:
    sleep = "import time; time.sleep(60)"
    words = [sys.executable, "-c", sleep, "treasurer.runtime.guard", "--bot"]
    ours = subprocess.Popen([*words, str(folder.root)])
    others = subprocess.Popen([*words, f"{folder.root}2"])
    stranger = subprocess.Popen([sys.executable, "-c", sleep])
    try:
        remember(folder, {"guard": others.pid, "signer": stranger.pid})
        assert end_leftovers(folder) == []
        remember(folder, {"guard": ours.pid, "agent": stranger.pid, "signer": 2**22 + 1})
        assert end_leftovers(folder) == ["guard"]
        assert ours.wait(timeout=5) == -15
        assert end_leftovers(folder) == []
        assert (others.poll(), stranger.poll()) == (None, None)
    finally:
        for process in (ours, others, stranger):
            process.kill()
            process.wait()
