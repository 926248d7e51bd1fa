"""GuardClient: the guard as others see it; ``open_guard`` joins the one running or starts one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from ...policies.proposal import Proposal
from ..bot.bundle import read_bundle
from ..bot.configuration import read_configuration
from ..bot.folder import BotFolder
from ..processes.ipc import Connection
from ..processes.joining import is_held, joined, supervisor_lock


class GuardClient:
    """Requests to one guard, named."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any request of runtime.guard.requests by its name."""
        return await self._connection.ask(method, params)

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict, and the intents that were opened."""
        return await self.ask("submit", proposal=proposal.to_json())

    async def check(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict that submit would give now."""
        return await self.ask("check", proposal=proposal.to_json())

    async def wait(self, key: str, seconds: float) -> dict[str, Any]:
        """How the proposal stands once it has ended, or after ``seconds``."""
        return await self.ask("wait", key=key, seconds=seconds)


async def _follow_folder(folder: BotFolder, guard: GuardClient) -> None:
    """A guard that only lingers after another command obeys what the next one to start would obey.

    Under `treasurer up` a policy comes into force by `policy apply` alone. Raises what such a start would raise.
    """
    bundle = read_bundle(folder, read_configuration(folder.configuration))
    if (await guard.ask("in_force"))["policy_cid"] != bundle.cid:
        await guard.ask("apply_policy")


@contextlib.asynccontextmanager
async def open_guard(folder: BotFolder, *, signer: bool = False) -> AsyncIterator[GuardClient]:
    """A connection to the bot's guard, started where none runs; ``signer``: and with a signer beside it."""
    wanted = [("guard", folder.guard_socket)] + ([("signer", folder.signer_socket)] if signer else [])
    # Each connection is held until the end: a process that nobody is connected to ends by itself.
    connections = await asyncio.gather(*(joined(folder, name, socket) for name, socket in wanted))
    try:
        guard = GuardClient(connections[0])
        if not is_held(supervisor_lock(folder)):
            await _follow_folder(folder, guard)
        yield guard
    finally:
        for connection in connections:
            await connection.close()
