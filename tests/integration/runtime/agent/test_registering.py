"""A person's own program says what the person said and starts the signer; the agent process can do neither."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from treasurer.runtime.agent.client import open_agent
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard import open_guard
from treasurer.runtime.processes.joining import environment_of
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE

from ..conftest import pid_of

SECRET = "TREASURER_TEST_WALLET_PASSWORD"


@pytest.fixture
def from_environment(bot: BotFolder, monkeypatch: pytest.MonkeyPatch) -> BotFolder:
    """A bot whose wallet's password lies in the environment alone."""
    password = bot.signer / "password"
    written = bot.configuration.read_text()
    line = next(line for line in written.splitlines() if line.startswith("password"))
    bot.configuration.write_text(written.replace(line, f'password = "env:{SECRET}"'))
    monkeypatch.setenv(SECRET, password.read_text().strip())
    password.unlink()
    return bot


async def test_the_password_reaches_the_signer_alone(from_environment: BotFolder, chain: Devnet) -> None:
    bot = from_environment
    before = chain.world.balance(ALICE, "usdc")
    async with open_agent(bot) as agent:
        events = [event async for event in agent.stream("one", "send 10 usdc to alice", trigger="command", asked_by="")]
        holds = {name: f"{SECRET}=" in _environment(bot, name) for name in ("guard", "agent", "signer")}
    assert events[-1].kind == "ended"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * 10**6
    assert holds == {"guard": False, "agent": False, "signer": True}


def test_nothing_else_is_taken_from_the_environment(from_environment: BotFolder) -> None:
    assert environment_of(from_environment, "guard") == {n: v for n, v in os.environ.items() if n != SECRET}
    assert environment_of(from_environment, "signer") == dict(os.environ)


async def test_words_are_registered_once_and_never_by_the_agent(bot: BotFolder, chain: Devnet) -> None:
    async with open_agent(bot) as agent, open_guard(bot) as guard:
        await agent.ask("run_start", run="silent", goal="send 10 usdc to alice", trigger="command", asked_by="")
        async for _ in agent.follow("silent"):
            pass
        for _ in range(2):
            async for _ in agent.stream("told", "send 10 usdc to alice", trigger="command", asked_by="bob"):
                pass
        rows = (await guard.ask("audit_log"))["rows"]
        said = [row["run"] for row in rows if row["kind"] == "said"]
    assert said == ["told"]


def _environment(bot: BotFolder, name: str) -> str:
    return Path(f"/proc/{pid_of(bot, name)}/environ").read_text()
