"""Supervisor: keeps the three processes of a bot running until it is told to stop, and says how each stands."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from typing import Any

from ....wallets.errors import TreasurerError
from ...bot.folder import BotFolder
from ..ipc import IpcError, connect
from ..joining import supervisor_lock, wallet_password
from ..lifetime import AlreadyRunning, only_one
from .child import DEATHS_WINDOW_SECONDS, MAX_DEATHS, Child
from .leftovers import end_leftovers, forget, remember
from .tail import log_line

Tell = Callable[[dict[str, Any]], None]
"""Takes one state as an object: ``event`` is process, automation, ready or stopped."""
LOOK_SECONDS = 0.1
LEASE_SECONDS = 2.0
"""Commands look at the lease for a moment; whoever still holds it after this is another supervisor."""
INTERRUPTED = 130


class DiedTooOften(TreasurerError):
    """A process dies whenever it is started."""


class Supervisor:
    """One bot's three processes."""

    def __init__(self, folder: BotFolder, *, tell: Tell, logger: Any) -> None:
        self._folder = folder
        self._tell = tell
        self._logger = logger
        self._ended = asyncio.Event()
        self._status = 0
        self._children = (
            Child(folder, "signer", folder.signer_socket),
            Child(folder, "guard", folder.guard_socket),
            Child(folder, "agent", folder.agent_socket, ("--automations",)),
        )

    async def run(self) -> int:
        """Start, supervise and stop: 0 after SIGTERM, 130 after Ctrl-C. Raises AlreadyRunning, TreasurerError."""
        self._folder.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            await self._take_lease(stack)
            for name in await asyncio.to_thread(end_leftovers, self._folder):
                self._logger.warning("ended: an earlier `treasurer up` was killed and left it", process=name)
            password = wallet_password(self._folder)  # kept, so that a signer that dies comes back unattended
            loop = asyncio.get_running_loop()
            loop.add_signal_handler(signal.SIGTERM, self._end, 0)
            loop.add_signal_handler(signal.SIGINT, self._end, INTERRUPTED)
            try:
                await self._start_all(password)
                while not self._ended.is_set():
                    self._read_logs()
                    for child in self._children:
                        if child.status is not None and not self._ended.is_set():
                            await self._restart(child, password)
                    await self._pause(LOOK_SECONDS)
            finally:
                await self._stop_all()
        return self._status

    def _end(self, status: int) -> None:
        if not self._ended.is_set():
            self._status = status
            self._ended.set()

    async def _take_lease(self, stack: contextlib.ExitStack) -> None:
        """Hold the supervisor's lease. Raises AlreadyRunning."""
        until = time.monotonic() + LEASE_SECONDS
        while True:
            try:
                stack.enter_context(only_one(supervisor_lock(self._folder)))
            except AlreadyRunning as error:
                if time.monotonic() > until:
                    raise AlreadyRunning("this bot is running already", next_command="treasurer status") from error
                await asyncio.sleep(LOOK_SECONDS)
            else:
                return

    async def _start_all(self, password: bytes | None) -> None:
        for child in self._children:
            if self._ended.is_set():
                return
            await self._start(child, password)
        if self._ended.is_set():
            return
        await self._tell_automations()
        self._tell({"event": "ready"})

    async def _start(self, child: Child, password: bytes | None) -> None:
        self._process(child, "starting")
        starting = asyncio.create_task(child.start(password if child.name == "signer" else None))
        ending = asyncio.create_task(self._ended.wait())
        await asyncio.wait({starting, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.gather(starting, return_exceptions=True)
            return
        starting.result()
        remember(self._folder, {one.name: one.pid for one in self._children if one.pid is not None})
        self._process(child, "running")

    async def _restart(self, child: Child, password: bytes | None) -> None:
        """Start a child that died again, with growing pauses. Raises DiedTooOften."""
        self._process(child, "died")
        while not self._ended.is_set():
            self._read_logs()
            pause = child.died()
            if pause is None:
                raise DiedTooOften(
                    f"the {child.name} died over {MAX_DEATHS} times in {DEATHS_WINDOW_SECONDS:.0f} s: it stays down",
                    next_command="treasurer doctor",
                )
            await self._pause(pause)
            try:
                await self._start(child, password)
            except TreasurerError as error:
                self._logger.error("did not start", process=child.name, error=str(error))
            else:
                return

    async def _stop_all(self) -> None:
        for child in reversed(self._children):
            if await child.stop() is not None:
                self._process(child, "stopped")
        self._read_logs()
        forget(self._folder)
        self._tell({"event": "stopped"})

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._ended.wait(), seconds)
        except TimeoutError:
            return

    async def _tell_automations(self) -> None:
        try:
            connection = await connect(self._folder.agent_socket)
            status = await connection.ask("status")
            await connection.close()
        except IpcError as error:
            self._logger.warning("the agent did not say what it runs", error=str(error))
            return
        for automation in status["automations"]:
            self._tell({"event": "automation", **automation})

    def _process(self, child: Child, state: str) -> None:
        status = child.status if state in ("died", "stopped") else None
        self._tell({"event": "process", "process": child.name, "state": state, "pid": child.pid, "status": status})

    def _read_logs(self) -> None:
        for child in self._children:
            for line in child.tail.lines():
                log_line(self._logger, child.name, line)
