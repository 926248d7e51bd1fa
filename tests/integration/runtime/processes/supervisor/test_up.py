"""`treasurer up`: starts three processes, survives the death of each, stops cleanly, recovers from its own death."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.processes.joining import is_held
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from ...conftest import PROGRAM, Treasurer, pid_of

NAMES = ("signer", "guard", "agent")
START_SECONDS = 60.0


class Up:
    """A `treasurer up --json` at work, and the states that it has told."""

    def __init__(self, bot: BotFolder, folder: Path) -> None:
        self._told = folder / "up.out"
        self.log = folder / "up.err"
        self._bot = bot
        with self._told.open("wb") as told, self.log.open("wb") as log:
            self.process = subprocess.Popen([*PROGRAM, "--bot", str(bot.root), "up", "--json"], stdout=told, stderr=log)

    def states(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._told.read_text().splitlines()]

    def until(self, happened: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        until = time.monotonic() + START_SECONDS
        while not happened(self.states()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until, (self.states(), self.log.read_text())
            time.sleep(0.05)
        return self.states()

    def until_ready(self) -> list[dict[str, Any]]:
        return self.until(lambda states: {"event": "ready"} in states)

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=START_SECONDS)


@pytest.fixture
def up(bot: BotFolder, tmp_path: Path) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def start() -> Up:
        folder = tmp_path / f"up{len(started)}"
        folder.mkdir()
        started.append(Up(bot, folder))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop(signal.SIGTERM)
    assert not any(is_held(bot.sockets / f"{name}.lock") for name in (*NAMES, "up"))


def _runs(name: str, states: list[dict[str, Any]]) -> int:
    return sum(state.get("process") == name and state["state"] == "running" for state in states)


def test_each_process_that_is_killed_is_started_again_and_the_bot_goes_on(
    up: Callable[[], Up], bot: BotFolder, treasurer: Treasurer, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    running = up()
    states = running.until_ready()
    assert [state["process"] for state in states if state.get("state") == "running"] == list(NAMES)
    for name, starts in (("signer", 1), ("guard", 1), ("agent", 2)):  # the agent ends when its guard does
        running.until(lambda told, name=name, starts=starts: _runs(name, told) == starts)
        os.kill(pid_of(bot, name), signal.SIGKILL)
        running.until(lambda told, name=name, starts=starts: _runs(name, told) > starts)
    paid = treasurer("run", "send 4 usdc to alice", "--json")
    assert paid.returncode == 0, paid.stderr
    assert chain.world.balance(ALICE, "usdc") - before == 4 * USDC
    died = [state for state in running.states() if state.get("state") == "died"]
    assert [state["status"] for state in died if state["status"] == -9] == [-9, -9, -9]
    assert running.stop(signal.SIGTERM) == 0
    ended = [state for state in running.states() if state.get("state") == "stopped"]
    assert [(state["process"], state["status"]) for state in ended] == [("agent", 0), ("guard", 0), ("signer", 0)]
    assert running.states()[-1] == {"event": "stopped"}


def test_a_guard_that_is_killed_ends_no_run(
    up: Callable[[], Up], bot: BotFolder, treasurer: Treasurer, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    running = up()
    running.until_ready()
    for number, seconds in enumerate((0.5, 0.9, 1.3)):
        words = ("run", "send 4 usdc to alice", "--key", f"r{number}")
        run = subprocess.Popen(
            [*PROGRAM, "--bot", str(bot.root), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(seconds)
        os.kill(pid_of(bot, "guard"), signal.SIGKILL)
        out, err = run.communicate(timeout=START_SECONDS)
        assert run.returncode in (0, 3), (out, err)
        assert b"never retrieved" not in err
        assert b"failed" not in out
        assert run.returncode == 0 or b"--key r" in err
        again = treasurer(*words)
        assert again.returncode == 0, again.stderr
    assert chain.world.balance(ALICE, "usdc") - before == 3 * 4 * USDC
    assert running.stop(signal.SIGTERM) == 0


def test_an_interrupt_ends_with_130_and_a_second_start_is_refused(
    up: Callable[[], Up], bot: BotFolder, treasurer: Treasurer
) -> None:
    running = up()
    running.until_ready()
    second = treasurer("up", "--json")
    assert (second.returncode, second.stdout) == (3, "")
    assert "is running already" in second.stderr
    assert running.stop(signal.SIGINT) == 130
    assert not any(path.exists() for path in (bot.agent_socket, bot.guard_socket, bot.signer_socket))


def test_a_start_after_its_own_death_ends_what_was_left_and_goes_on(up: Callable[[], Up], bot: BotFolder) -> None:
    first = up()
    first.until_ready()
    left = {name: pid_of(bot, name) for name in NAMES}
    first.process.kill()
    first.process.wait()
    assert pid_of(bot, "guard") == left["guard"]
    second = up()
    second.until_ready()
    assert not {pid_of(bot, name) for name in NAMES} & set(left.values())
    assert "an earlier `treasurer up` was killed" in second.log.read_text()
    assert second.stop(signal.SIGTERM) == 0


def test_a_schedule_fires_and_its_reading_is_told(up: Callable[[], Up], bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    with bot.configuration.open("a") as file:
        file.write('[[schedule]]\nid = "drip"\nevery = "1s"\ngoal = "send 1 usdc to alice"\n')
    running = up()
    (automation,) = (state for state in running.until_ready() if state["event"] == "automation")
    assert (automation["id"], automation["path"], automation["kind"]) == ("drip", "parser", "schedule")
    assert automation["calls"] == ["transfer to='alice' amount='1 usdc'"]
    until = time.monotonic() + 30
    while chain.world.balance(ALICE, "usdc") - before < 3 * USDC:
        assert time.monotonic() < until, running.log.read_text()
        time.sleep(0.1)
    os.kill(pid_of(bot, "agent"), signal.SIGKILL)
    running.until(lambda states: _runs("agent", states) == 2)
    assert running.stop(signal.SIGTERM) == 0
    lines = [json.loads(line) for line in running.log.read_text().splitlines()]
    fired = {line["run"] for line in lines if line["event"] in ("run", "resumed")}
    paid = chain.world.balance(ALICE, "usdc") - before
    assert paid <= len(fired) * USDC, "no firing pays twice"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ('[[schedule]]\nid = "ask"\nevery = "1h"\ngoal = "how much usdc do we have?"\n', "is a question"),
        ('[[schedule]]\nid = "vague"\nevery = "1h"\ngoal = "send some usdc to alice"\n', "leaves a question open"),
        ('[[schedule]]\nid = "never"\ncron = "61 * * * *"\ngoal = "send 1 usdc to alice"\n', "no cron line"),
    ],
)
def test_an_automation_that_is_no_order_starts_nothing(
    treasurer: Treasurer, bot: BotFolder, written: str, named: str
) -> None:
    with bot.configuration.open("a") as file:
        file.write(written)
    refused = treasurer("up", "--json")
    assert refused.returncode == 2, refused.stderr
    assert named in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not any(is_held(bot.sockets / f"{name}.lock") for name in (*NAMES, "up"))


def test_a_start_that_fails_tells_nothing_of_an_earlier_process(treasurer: Treasurer, bot: BotFolder) -> None:
    bot.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    (bot.sockets / "agent.log").write_text('{"event": "ended", "run": "of yesterday", "level": "info"}\n')
    (bot.root / "policy.yaml").write_text("rules: 7\n")
    refused = treasurer("up", "--json")
    assert refused.returncode == 2, refused.stderr
    assert "of yesterday" not in refused.stderr


def test_text_for_a_terminal(up: Callable[[], Up], bot: BotFolder, tmp_path: Path) -> None:
    with (tmp_path / "words").open("wb") as told:
        running = subprocess.Popen([*PROGRAM, "--bot", str(bot.root), "up"], stdout=told, stderr=subprocess.DEVNULL)
    until = time.monotonic() + START_SECONDS
    while "ready" not in (tmp_path / "words").read_text():
        assert time.monotonic() < until
        time.sleep(0.05)
    running.send_signal(signal.SIGTERM)
    assert running.wait(timeout=START_SECONDS) == 0
    lines = (tmp_path / "words").read_text().splitlines()
    assert [line.split()[:2] for line in lines[:6]] == [
        [name, state] for name in NAMES for state in ("starting", "running")
    ]
    assert lines[-1] == "stopped"
