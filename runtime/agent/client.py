"""AgentClient: the agent process as others see it; ``open_agent`` joins the one running or starts one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ...agent import read_event
from ...wallets.errors import TreasurerError
from ..bot.folder import BotFolder
from ..guard import open_guard
from ..processes.ipc import Connection, NotRunning
from ..processes.joining import joined
from .agent import AnyEvent, register
from .requests import check_words

POLL_SECONDS = 30.0
"""One request for events; it answers as soon as there is one."""
REJOINS = 3
"""How often a Run's events are asked for again of a new process after the one that carried it died."""


class Unfinished(TreasurerError):
    """Somebody whom a Run needs does not answer: it has not ended, and goes on when they do."""

    next_command = "treasurer status"


class AgentClient:
    """Requests to one bot's agent, named. It joins the next process when the one it talks to dies."""

    def __init__(self, folder: BotFolder, connection: Connection) -> None:
        self._folder = folder
        self._connection = connection
        self._rejoining = asyncio.Lock()

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any request of runtime.agent.requests by its name."""
        return await self._connection.ask(method, params)

    async def look(self, method: str, **params: Any) -> dict[str, Any]:
        """A request that changes nothing: asked once more of the next process where this one has ended."""
        connection = self._connection
        try:
            return await connection.ask(method, params)
        except NotRunning:
            await self.rejoin(connection)
            return await self.ask(method, **params)

    async def confirm(self, run: str, key: str, *, yes: bool) -> bool:
        """A person's answer to a proposal; False where nothing waits for it any more."""
        return bool((await self.ask("confirm", run=run, key=key, yes=yes))["taken"])

    async def stream(
        self, run: str, goal: str, *, trigger: str = "command", asked_by: str = "", **options: Any
    ) -> AsyncIterator[AnyEvent]:
        """Begin a Run, or join the one of that id, and yield its events to its end. ``options``: of ``run_start``.

        The person's words are registered with the guard from here, by the person's own program: the agent process may
        not say what a person said. When it dies the next one takes the Run up, and what that does is yielded.
        Raises InvalidValue for words that nobody would take, Unfinished where the Run has to wait.
        """
        check_words(goal)
        rejoins = 0
        while True:
            connection = self._connection
            try:
                async with open_guard(self._folder, signer=True) as guard:
                    await register(guard, run, goal, trigger=trigger, asked_by=asked_by)
                await self.ask("run_start", run=run, goal=goal, trigger=trigger, asked_by=asked_by, **options)
                async for event in self.follow(run):
                    yield event
                return
            except NotRunning as error:
                rejoins += 1
                if rejoins > REJOINS:
                    raise Unfinished(f"{error}; the run has not ended: it goes on with the next process") from error
                try:
                    await self.rejoin(connection)
                except TreasurerError as missing:
                    raise Unfinished(f"{missing}\nthe run has not ended: it goes on when that is mended") from missing

    async def follow(self, run: str, *, since: int = 0) -> AsyncIterator[AnyEvent]:
        """The events of a Run that is in flight, to its end. Raises Unfinished where it has to wait."""
        while True:
            answer = await self.ask("run_events", run=run, since=since, seconds=POLL_SECONDS)
            for plain in answer["events"]:
                yield read_event(plain)
            since += len(answer["events"])
            if answer["over"]:
                return
            if answer["stalled"] and not answer["events"]:
                raise Unfinished(f"{answer['stalled']}; the run has not ended: it goes on when that is mended")

    async def rejoin(self, lost: Connection) -> None:
        """Connect to the process that runs now, or start one, unless somebody else has since ``lost`` was cut."""
        async with self._rejoining:
            if self._connection is not lost:
                return
            await lost.close()
            async with open_guard(self._folder, signer=True):
                self._connection = await joined(self._folder, "agent", self._folder.agent_socket)

    async def close(self) -> None:
        """Close the connection."""
        await self._connection.close()


@contextlib.asynccontextmanager
async def open_agent(folder: BotFolder) -> AsyncIterator[AgentClient]:
    """A connection to the bot's agent, started where none runs: it ends by itself when nobody needs it.

    Guard and signer are started before it, from here: the agent never has the wallet's password to do so.
    """
    async with open_guard(folder, signer=True):
        client = AgentClient(folder, await joined(folder, "agent", folder.agent_socket))
        try:
            yield client
        finally:
            await client.close()
