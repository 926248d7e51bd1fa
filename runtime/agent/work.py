"""Work: the Runs in flight in the agent process, each carried by a task to its end, over pauses and failures."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...agent import Ended
from ...inference import Priority
from ...wallets.errors import TreasurerError
from ..processes.ipc import NotRunning
from .agent import Agent
from .feed import Feed
from .passing import passes
from .runs import RunRow

RETRY_SECONDS = (1.0, 5.0, 20.0)
"""Pauses before a Run is taken up again that the chain left without an answer; the last one again and again."""
CHAT = "chat"
"""The trigger of Runs that ask before they submit: it alone outlives the process that was to ask."""
KEPT_FEEDS = 64
"""Runs that have ended and whose events can still be read."""


class RunConflict(TreasurerError):
    """The id of a Run came again with another request."""

    exit_status = 1


@dataclass(frozen=True)
class Order:
    """What a Run is to be: the arguments of ``Agent.stream``."""

    run: str
    goal: str
    origin: str
    trigger: str
    asked_by: str = ""
    confirm: bool = False
    turns: tuple[dict[str, str], ...] = ()
    priority: Priority = Priority.CHAT

    @classmethod
    def again(cls, row: RunRow) -> Order:
        """The order of a Run that another process left unfinished. What a chat asked for is still to be confirmed."""
        priority = {"schedule": Priority.SCHEDULE, "health": Priority.DEFENCE}.get(row.trigger, Priority.CHAT)
        return cls(
            row.run, row.goal, row.origin, row.trigger, row.asked_by,
            confirm=row.trigger == CHAT, turns=tuple(row.turns), priority=priority,
        )  # fmt: skip


class Work:
    """Starts Runs and keeps them going. ``guard_lost`` is set when the guard's connection broke: the process ends."""

    def __init__(self, agent: Agent, logger: Any) -> None:
        self._agent = agent
        self._logger = logger
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: set[str] = set()
        self._feeds: dict[str, Feed] = {}
        self.guard_lost = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether a Run does more than wait for people, or for a chain that has been silent for a while."""
        return bool(self._tasks.keys() - self._resting)

    @property
    def in_flight(self) -> list[str]:
        """Ids of the Runs that have not ended."""
        return list(self._tasks)

    def start(self, order: Order) -> Feed:
        """Begin a Run, or join the one of the same id. Raises RunConflict where that one had another goal."""
        known = self._agent.runs.find(order.run)
        if known is not None and known.goal != order.goal:
            raise RunConflict(f"run {order.run} was for another request: {known.goal!r}; a new request needs a new key")
        if order.run not in self._tasks:
            self._feeds.pop(order.run, None)
            self._feeds[order.run] = Feed()
            task = asyncio.create_task(self._carry(order, self._feeds[order.run]))
            self._tasks[order.run] = task
            task.add_done_callback(partial(self._done, order.run))
        return self._feeds[order.run]

    def resume(self) -> None:
        """Take up every Run that an earlier process left running or waiting."""
        for row in self._agent.runs.unfinished():
            self._logger.info("resumed", run=row.run, goal=row.goal, state=row.state)
            self.start(Order.again(row))

    def feed(self, run: str) -> Feed | None:
        """The events of a Run that this process has carried."""
        return self._feeds.get(run)

    async def close(self) -> None:
        """Stop carrying; the checkpoints say where each Run goes on."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, order: Order, feed: Feed) -> None:
        failures = 0
        while True:
            try:
                if not await self._advance(order, feed):
                    return
                failures = 0
            except NotRunning:
                self.guard_lost.set()  # the next process takes the Run up
                return
            except TreasurerError as error:
                if not passes(error):
                    await self._fail(order.run, feed, str(error))
                    return
                failures += 1
                await self._rest(order.run, feed, str(error), failures)

    async def _rest(self, run: str, feed: Feed, why: str, failures: int) -> None:
        """Wait before the next try; from the longest pause on, whoever watches is told, and the process may end."""
        pause = RETRY_SECONDS[min(failures, len(RETRY_SECONDS)) - 1]
        self._logger.warning("no answer", run=run, error=why, again_in=pause)
        if failures >= len(RETRY_SECONDS):
            self._resting.add(run)
            await feed.stall(why)
        await asyncio.sleep(pause)
        self._resting.discard(run)
        await feed.stall("")

    async def _advance(self, order: Order, feed: Feed) -> bool:
        """Carry the Run to its end or to its next rest; at a rest, wait for people's answer. False at the end."""
        row = self._agent.runs.find(order.run)
        if row is not None and row.waits_for is not None:
            self._resting.add(order.run)
            await self._agent.until_answered(row)
            self._resting.discard(order.run)
        else:
            self._logger.info("run", run=order.run, trigger=order.trigger, goal=order.goal)
        async for event in self._agent.stream(
            order.goal, run=order.run, origin=order.origin, trigger=order.trigger, asked_by=order.asked_by,
            confirm=order.confirm, turns=order.turns, priority=order.priority,
            registered=True,
        ):  # fmt: skip
            await feed.add(event)
            if isinstance(event, Ended):
                well = event.outcome in ("finished", "answered") or order.origin == "user"
                tell = self._logger.info if well else self._logger.warning  # nobody watches an automation
                tell("ended", run=order.run, outcome=event.outcome, message=event.message)
                await feed.close()
                return False
        return True

    async def _fail(self, run: str, feed: Feed, why: str) -> None:
        self._agent.runs.end(run, "failed", why)
        self._logger.error("failed", run=run, why=why)
        await feed.add(Ended(run=run, outcome="failed", message=why))
        await feed.close()

    def _done(self, run: str, task: asyncio.Task[None]) -> None:
        del self._tasks[run]
        self._resting.discard(run)
        over = [name for name, feed in self._feeds.items() if feed.over]
        for name in over[:-KEPT_FEEDS]:
            del self._feeds[name]
        if not task.cancelled() and (fault := task.exception()) is not None:
            self._logger.error("a fault of treasurer's own", run=run, exc_info=fault)
            ending = asyncio.ensure_future(self._fail(run, self._feeds[run], f"a fault of treasurer's own: {fault!r}"))
            self._tasks[run] = ending
            ending.add_done_callback(lambda _: self._tasks.pop(run, None))
