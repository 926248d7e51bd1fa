"""Automations: the running schedules and triggers of a bot. APScheduler only wakes; values decide what is due."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ...inference import Engine
from ...tools import Catalog, ToolError
from ...wallets.errors import ChainError
from ..agent.agent import Agent
from ..agent.work import Order, RunConflict, Work
from ..agent.world import BotContexts, open_contexts
from ..bot.configuration import Schedule, Trigger
from .errors import AutomationRefused
from .firing import Firing
from .health import HealthTrigger, health_factor
from .memory import Memory
from .readings import UnderstoodAs, read_goal
from .schedules import Schedules

POLL_SECONDS = 2.0
"""Between looks for a new block: a fraction of any chain's block time that matters for a loan."""


@dataclass(frozen=True)
class _Automation:
    """One of treasurer.toml's, and what its goal was understood as."""

    written: Schedule | Trigger
    understood: UnderstoodAs


class Automations:
    """Fires what is due. Make it with ``open_automations``; ``start`` lets it go."""

    def __init__(
        self, agent: Agent, work: Work, contexts: BotContexts, memory: Memory, read: list[_Automation], logger: Any
    ) -> None:
        self._agent = agent
        self._work = work
        self._contexts = contexts
        self._memory = memory
        self._read = read
        self._logger = logger
        self._schedules = Schedules(contexts.configuration)
        self._triggers = [HealthTrigger(trigger) for trigger in contexts.configuration.trigger]
        self._scheduler: Any = None
        self._watch: asyncio.Task[None] | None = None

    def describe(self) -> list[dict[str, Any]]:
        """Each automation: what it was understood as, and when or below what it goes off next."""
        return [self._described(automation) for automation in self._read]

    def start(self) -> None:
        """Begin what fired before a crash, decide about what was missed, and go on from there."""
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        from .waking import ScheduleTrigger

        for automation in self._read:
            firing = self._memory.last(automation.written.id)
            if firing is not None and self._agent.runs.find(firing.run) is None:
                self._begin(firing)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        for name in self._schedules.ids:
            self.tick(name, datetime.now(UTC))
            trigger = ScheduleTrigger(self._schedules, name)
            self._scheduler.add_job(self._wake, trigger, args=[name], id=name, coalesce=True, misfire_grace_time=None)
        self._scheduler.start()
        if self._triggers:
            self._watch = asyncio.create_task(self._watch_blocks())

    async def close(self) -> None:
        """Fire no more."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=False)
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    def tick(self, name: str, now: datetime) -> Firing | None:
        """Decide about the moments of one schedule until ``now``, and begin what is due."""
        considered = self._memory.considered(name)
        if considered is None:
            self._memory.consider(name, now)  # a new schedule has missed nothing
            return None
        firing, missed = self._schedules.decide(name, considered, now)
        if missed:
            self._logger.warning("missed", automation=name, done="run once now" if firing else "skipped")
        if firing is not None and self._busy(name):
            self._logger.warning("skipped: its last run has not ended", automation=name)
            firing = None
        self._memory.consider(name, max(now, considered), firing)
        if firing is not None:
            self._begin(firing)
        return firing

    async def look(self) -> None:
        """Read the health factor at the newest block and begin what that fires. Raises ChainError, ToolError."""
        header = await self._contexts.chain.block()
        factor = await health_factor(await self._contexts.context("health", 0))
        at = datetime.fromtimestamp(header.timestamp, UTC)
        for one in self._triggers:
            name = one.trigger.id
            before = self._memory.armed(name)
            firing, armed = one.check(factor, armed=before, block_hash=header.hash, at=at)
            if firing is not None and self._busy(name):
                self._logger.warning("skipped: its last run has not ended", automation=name)
                continue
            if firing is not None or armed != before:
                self._memory.arm(name, armed, firing)
            if firing is not None:
                self._logger.warning("fired", automation=name, health_factor=str(factor), block=header.number)
                self._begin(firing)

    async def _wake(self, name: str) -> None:
        self.tick(name, datetime.now(UTC))

    async def _watch_blocks(self) -> None:
        seen = ""
        while True:
            try:
                newest = (await self._contexts.chain.block()).hash
                if newest != seen:
                    await self.look()
                    seen = newest
            except (ChainError, ToolError) as error:
                self._logger.warning("the health factor cannot be read", error=str(error))
            await asyncio.sleep(POLL_SECONDS)

    def _busy(self, name: str) -> bool:
        last = self._memory.last(name)
        row = None if last is None else self._agent.runs.find(last.run)
        return row is not None and row.ended_at is None

    def _begin(self, firing: Firing) -> None:
        try:
            self._work.start(
                Order(
                    run=firing.run, goal=firing.goal, origin="operator", trigger=firing.kind,
                    asked_by=f"{firing.kind} {firing.automation}", priority=firing.priority,
                )
            )  # fmt: skip
        except RunConflict as error:
            self._logger.error("not fired", automation=firing.automation, error=str(error))

    def _described(self, automation: _Automation) -> dict[str, Any]:
        written = automation.written
        row: dict[str, Any] = {"id": written.id, "goal": written.goal, **automation.understood.model_dump(mode="json")}
        if isinstance(written, Trigger):
            return {**row, "kind": "health", "below": str(written.health_factor_below), "next": None}
        coming = self._schedules.next(written.id, datetime.now(UTC))
        return {**row, "kind": "schedule", "next": None if coming is None else coming.isoformat()}


@contextlib.asynccontextmanager
async def open_automations(agent: Agent, work: Work, engine: Engine | None, logger: Any) -> AsyncIterator[Automations]:
    """Read every automation of the bot's treasurer.toml. Raises AutomationRefused, and then none of them runs."""
    async with open_contexts(agent.folder, agent.guard) as contexts:
        configuration = contexts.configuration
        catalog = Catalog.of(contexts.tools(), contexts.handles)
        written: list[Schedule | Trigger] = [*configuration.schedule, *configuration.trigger]
        read = [_Automation(one, await read_goal(one, catalog, engine)) for one in written]
        await _check_pool(contexts)
        memory = Memory(agent.folder.checkpoints)
        automations = Automations(agent, work, contexts, memory, read, logger)
        try:
            yield automations
        finally:
            await automations.close()
            memory.close()


async def _check_pool(contexts: BotContexts) -> None:
    """A trigger needs a lending pool that answers."""
    for trigger in contexts.configuration.trigger:
        try:
            await health_factor(await contexts.context("health", 0))
        except (ChainError, ToolError) as error:
            raise AutomationRefused(trigger.id, f"the health factor cannot be read: {error}") from error
