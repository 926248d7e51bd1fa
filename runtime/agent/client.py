"""AgentClient: the agent process as others see it; ``open_agent`` joins the one running or starts one."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ...agent import read_event
from ..folder import BotFolder
from ..guard import open_guard
from ..ipc import Connection, NotRunning
from ..joining import joined
from .agent import AnyEvent, register

POLL_SECONDS = 30.0
"""One request for events; it answers as soon as there is one."""
REJOINS = 3
"""How often a Run's events are asked for again of a new process after the one that carried it died."""


class AgentClient:
    """Requests to one bot's agent, named. It joins the next process when the one it talks to dies."""

    def __init__(self, folder: BotFolder, connection: Connection) -> None:
        self._folder = folder
        self._connection = connection

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any request of runtime.agent.requests by its name."""
        return await self._connection.ask(method, params)

    async def confirm(self, run: str, key: str, *, yes: bool) -> bool:
        """A person's answer to a proposal; False where nothing waits for it any more."""
        return bool((await self.ask("confirm", run=run, key=key, yes=yes))["taken"])

    async def stream(
        self, run: str, goal: str, *, trigger: str = "command", asked_by: str = "", **options: Any
    ) -> AsyncIterator[AnyEvent]:
        """Begin a Run, or join the one of that id, and yield its events to its end. ``options``: of ``run_start``.

        The person's words are registered with the guard from here, by the person's own program: the agent process may
        not say what a person said. When it dies the next one takes the Run up, and what that does is yielded.
        """
        async with open_guard(self._folder, signer=True) as guard:
            await register(guard, run, goal, trigger=trigger, asked_by=asked_by)
        rejoins = 0
        while True:
            try:
                await self.ask("run_start", run=run, goal=goal, trigger=trigger, asked_by=asked_by, **options)
                async for event in self.follow(run):
                    yield event
                return
            except NotRunning:
                rejoins += 1
                if rejoins > REJOINS:
                    raise
                await self.rejoin()

    async def follow(self, run: str, *, since: int = 0) -> AsyncIterator[AnyEvent]:
        """The events of a Run that is in flight, to its end."""
        while True:
            answer = await self.ask("run_events", run=run, since=since, seconds=POLL_SECONDS)
            for plain in answer["events"]:
                yield read_event(plain)
            since += len(answer["events"])
            if answer["over"]:
                return

    async def rejoin(self) -> None:
        """Connect to the process that runs now, or start one."""
        await self._connection.close()
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
