"""Automations on a real bot: fired twice is run once, missed times follow their rule, and defence raises the factor."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

from treasurer.runtime.agent import Agent
from treasurer.runtime.agent.work import Work
from treasurer.runtime.automation import Automations, open_automations
from treasurer.runtime.automation.health import health_factor
from treasurer.runtime.bot.configuration import Log
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.processes.logs import logger_to
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAILY = '[[schedule]]\nid = "daily"\ncron = "0 9 * * *"\nmisfire = "{misfire}"\ngoal = "send 1 usdc to alice"\n'
BIG = '[[schedule]]\nid = "big"\ncron = "0 * * * *"\ngoal = "send 5000 usdc to alice"\n'
DEFEND = '[[trigger]]\nid = "defend"\nhealth_factor_below = "1.5"\ngoal = "raise the health factor to 1.8"\n'


class Running:
    """An agent with its work and automations, as the agent process wires them."""

    def __init__(self, agent: Agent, work: Work, automations: Automations, log: StringIO) -> None:
        self.agent = agent
        self.work = work
        self.automations = automations
        self.log = log

    async def settle(self) -> None:
        async with asyncio.timeout(60):
            while self.work.busy:  # noqa: ASYNC110 - what ends it is many tasks
                await asyncio.sleep(0.05)

    def events(self) -> list[str]:
        return [json.loads(line)["event"] for line in self.log.getvalue().splitlines()]


def _write(bot: BotFolder, text: str) -> None:
    with bot.configuration.open("a") as file:
        file.write(text)


@contextlib.asynccontextmanager
async def _running(bot: BotFolder) -> AsyncIterator[Running]:
    log = StringIO()
    logger = logger_to(log, Log(format="json"))
    async with Agent.open(bot) as agent:
        work = Work(agent, logger)
        try:
            async with open_automations(agent, work, None, logger) as automations:
                yield Running(agent, work, automations, log)
        finally:
            await work.close()


async def test_a_schedule_fires_once_though_it_is_started_twice(bot: BotFolder, chain: Devnet) -> None:
    _write(bot, DAILY.format(misfire="run"))
    before = chain.world.balance(ALICE, "usdc")
    async with _running(bot) as first:
        assert first.automations.tick("daily", NINE - timedelta(hours=1)) is None, "a new schedule has missed nothing"
        firing = first.automations.tick("daily", NINE + timedelta(seconds=1))
        assert firing is not None
        assert first.automations.tick("daily", NINE + timedelta(seconds=2)) is None
        await first.settle()
        row = first.agent.runs.find(firing.run)
    async with _running(bot) as second:
        assert second.automations.tick("daily", NINE + timedelta(seconds=30)) is None
        second.automations._begin(firing)
        await second.settle()
        assert len(second.agent.runs.recent(10)) == 1
    assert row is not None
    assert (row.origin, row.trigger, row.asked_by, row.state) == ("operator", "schedule", "schedule daily", "finished")
    assert chain.world.balance(ALICE, "usdc") - before == USDC


async def test_what_fired_before_a_crash_is_begun_by_the_next_start(bot: BotFolder, chain: Devnet) -> None:
    _write(bot, DAILY.format(misfire="skip"))
    before = chain.world.balance(ALICE, "usdc")
    async with _running(bot) as first:
        first.automations.tick("daily", NINE - timedelta(hours=1))
        firing = first.automations.tick("daily", NINE)
        await first.work.close()  # before the task of the run has done anything
        assert firing is not None
        assert first.agent.runs.find(firing.run) is None
    async with _running(bot) as second:
        second.automations.start()
        await second.settle()
        row = second.agent.runs.find(firing.run)
    assert row is not None
    assert row.state == "finished"
    assert chain.world.balance(ALICE, "usdc") - before == USDC


async def test_times_missed_while_down_are_run_once_or_skipped(bot: BotFolder, chain: Devnet) -> None:
    _write(bot, DAILY.format(misfire="run") + DAILY.format(misfire="skip").replace("daily", "other"))
    before = chain.world.balance(ALICE, "usdc")
    async with _running(bot) as first:
        for name in ("daily", "other"):
            first.automations.tick(name, NINE)
    async with _running(bot) as second:
        later = NINE + timedelta(days=9, hours=5)
        fired = [second.automations.tick(name, later) for name in ("daily", "other")]
        await second.settle()
        assert second.events().count("missed") == 2
    assert fired[0] is not None
    assert (fired[0].at, fired[1]) == (NINE + timedelta(days=9), None)
    assert chain.world.balance(ALICE, "usdc") - before == USDC


async def test_an_automation_never_overlaps_itself(bot: BotFolder, chain: Devnet) -> None:
    _write(bot, BIG)
    async with _running(bot) as running:
        running.automations.tick("big", NINE - timedelta(minutes=1))
        assert running.automations.tick("big", NINE) is not None
        await running.settle()  # it waits for people now
        assert running.automations.tick("big", NINE + timedelta(hours=1)) is None
        assert "skipped: its last run has not ended" in running.events()
        assert len(running.agent.runs.recent(10)) == 1


async def test_the_trigger_defends_the_position_once_and_again_after_it_recovered(
    bot: BotFolder, chain: Devnet
) -> None:
    _write(bot, DEFEND)
    async with _running(bot) as running:
        for goal in ("wrap 5 eth", "supply 5 weth", "borrow 4000 usdc"):
            result = await running.agent.run(goal)
            assert result.outcome == "finished", result
        context = await running.automations._contexts.context("test", 0)
        await running.automations.look()
        assert not running.work.in_flight
        worth = chain.world.price("weth")
        healthy = await health_factor(context)
        assert healthy is not None
        fall = 100 * (1 - Decimal("1.3") / healthy)
        chain.world.drop_price("weth", fall)
        assert (await health_factor(context) or 0) < Decimal("1.5")
        await running.automations.look()
        await running.automations.look()
        assert len(running.work.in_flight) == 1
        await running.settle()
        (defended,) = [row for row in running.agent.runs.recent(10) if row.trigger == "health"]
        assert (defended.state, defended.origin) == ("finished", "operator"), defended
        raised = await health_factor(context)
        assert raised is not None
        assert Decimal("1.79") < raised < Decimal("1.85")
        await running.automations.look()
        chain.world.set_price("weth", worth * Decimal("0.4"))
        assert (await health_factor(context) or 0) < Decimal("1.5")
        await running.automations.look()
        await running.settle()
        assert len([row for row in running.agent.runs.recent(10) if row.trigger == "health"]) == 2
