"""GuardClient: the guard as commands, consoles and the agent see it; ``open_guard`` joins the one running or starts one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from ...policies.proposal import Proposal
from ...wallets.errors import TreasurerError
from ..configuration import read_configuration
from ..folder import BotFolder
from ..ipc import Connection, NotRunning, connect
from ..secrets import resolve

START_SECONDS = 30.0
"""A guard reads its files and one block; a signer opens a keystore that is slow on purpose."""


class GuardClient:
    """Requests to one guard, named."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Any request of runtime.guard.requests by its name."""
        return await self._connection.ask(method, params)

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict, and the intents that were opened."""
        return await self.ask("submit", proposal=proposal.model_dump(mode="json", by_alias=True))

    async def check(self, proposal: Proposal) -> dict[str, Any]:
        """The verdict that submit would give now."""
        return await self.ask("check", proposal=proposal.model_dump(mode="json", by_alias=True))

    async def wait(self, key: str, seconds: float) -> dict[str, Any]:
        """How the proposal stands once it has ended, or after ``seconds``."""
        return await self.ask("wait", key=key, seconds=seconds)


@contextlib.asynccontextmanager
async def open_guard(folder: BotFolder, *, signer: bool = False) -> AsyncIterator[GuardClient]:
    """A connection to the bot's guard, started for the while where none runs; ``signer``: and with a signer beside it."""
    wanted = [("guard", folder.guard_socket)] + ([("signer", folder.signer_socket)] if signer else [])
    # Each connection is held until the end: a process that nobody is connected to ends by itself.
    connections = await asyncio.gather(*(_joined(folder, name, socket) for name, socket in wanted))
    try:
        yield GuardClient(connections[0])
    finally:
        for connection in connections:
            await connection.close()


async def _joined(folder: BotFolder, name: str, socket: Path) -> Connection:
    """A connection to the process behind ``socket``, which is started where nobody listens."""
    try:
        return await connect(socket)
    except NotRunning:
        folder.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = folder.sockets / f"{name}.log"
    process = start_process(folder, name, log)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        try:
            connection = await connect(socket)
        except NotRunning:
            await asyncio.sleep(0.02)
        else:
            process.returncode = 0  # it outlives this command, and nobody here waits for it
            return connection
        status = process.poll()
        if status is not None:
            said = log.read_text().strip().splitlines()
            if not any("is running already" in line for line in said):  # else somebody started it a moment ago
                raise _did_not_start(name, said, status)
    raise TreasurerError(
        f"the {name} did not start within {START_SECONDS:.0f} s; its log: {log}", next_command="treasurer doctor"
    )


def start_process(folder: BotFolder, name: str, log: Path, *, stay: bool = False) -> subprocess.Popen[bytes]:
    """Start ``treasurer.runtime.<name>`` in a session of its own; a password that is asked for goes through a pipe."""
    command = [sys.executable, "-m", f"treasurer.runtime.{name}", "--bot", str(folder.root)]
    if stay:
        command.append("--stay")
    password: bytes | None = None
    if name == "signer":
        reference = read_configuration(folder.configuration).wallet.password
        if reference == "prompt":
            password = resolve(reference, root=folder.root, purpose="the wallet's password").encode() + b"\n"
            command.append("--password-stdin")
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if password is None else subprocess.PIPE,
            stdout=descriptor,
            stderr=descriptor,
            start_new_session=True,
        )
    finally:
        os.close(descriptor)
    if password is not None and process.stdin is not None:
        process.stdin.write(password)
        process.stdin.close()
    return process


def _did_not_start(name: str, said: list[str], status: int) -> TreasurerError:
    prefix = f"{name}: "
    lines = [line.removeprefix(prefix) for line in said if line.startswith(prefix)] or said[-3:]
    error = TreasurerError("\n".join(lines) or f"the {name} ended with status {status}", next_command="treasurer doctor")
    error.exit_status = status if status in (1, 2, 3) else 3
    return error
