"""Work carries Runs to an end whatever happens in them."""

from __future__ import annotations

import asyncio
import json
from io import StringIO

import pytest

from treasurer import Amount, Context, Proposal, tool
from treasurer.agent import Ended
from treasurer.runtime.agent import Agent
from treasurer.runtime.agent.work import Order, Work
from treasurer.runtime.bot.configuration import Log
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.processes.logs import logger_to
from treasurer.wallets.chain.endpoint import Unreachable


@tool(effect="propose", says=["burn {amount}"])
async def burn(ctx: Context, amount: Amount) -> Proposal:
    """A tool with a fault in it."""
    raise ZeroDivisionError(f"while burning {amount.base_units}")


@tool(effect="propose", says=["wait for {amount}"])
async def hesitate(ctx: Context, amount: Amount) -> Proposal | None:
    """A tool whose chain is silent for a while."""
    if Silence.left:
        Silence.left -= 1
        raise Unreachable("http://127.0.0.1:1 cannot be reached")
    return None


class Silence:
    left = 0


async def test_a_silent_chain_ends_no_run_and_is_told(bot: BotFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("treasurer.runtime.agent.work.RETRY_SECONDS", (0.01, 0.01, 2.0))
    Silence.left = 4
    async with Agent.open(bot, tools=[hesitate]) as agent:
        work = Work(agent, logger_to(StringIO(), Log(format="json")))
        feed = work.start(Order("slow", "wait for 5 usdc", "user", "command"))
        async with asyncio.timeout(60):
            while not (told := await feed.after(len(feed.events), 5))["stalled"]:
                assert not told["over"], feed.events
            assert "cannot be reached" in told["stalled"]
            assert not told["over"]
            assert not work.busy
            assert [row.run for row in agent.runs.unfinished()] == ["slow"]
            await asyncio.gather(*work._tasks.values())
        await work.close()
    assert isinstance(feed.events[-1], Ended)
    assert feed.events[-1].outcome == "finished"


async def test_a_fault_in_a_tool_ends_its_run_and_nothing_else(bot: BotFolder) -> None:
    log = StringIO()
    async with Agent.open(bot, tools=[burn]) as agent:
        work = Work(agent, logger_to(log, Log(format="json")))
        faulty = work.start(Order("faulty", "burn 5 usdc", "user", "command"))
        good = work.start(Order("good", "send 1 usdc to alice", "operator", "schedule"))
        assert work.start(Order("good", "send 1 usdc to alice", "operator", "schedule")) is good
        async with asyncio.timeout(60):
            for feed in (faulty, good):
                while not feed.over:
                    await feed.after(len(feed.events), 5)
        await asyncio.sleep(0)
        assert work.in_flight == []
        states = {row.run: row.state for row in agent.runs.recent(5)}
        assert agent.runs.unfinished() == []
        await work.close()
    assert states == {"faulty": "failed", "good": "finished"}
    last = faulty.events[-1]
    assert isinstance(last, Ended)
    assert "ZeroDivisionError" in last.message
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert any("ZeroDivisionError" in line.get("exception", "") for line in lines)
