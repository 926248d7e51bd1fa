"""Child: one supervised process: its start, its readiness, its deaths and its end."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections import deque
from pathlib import Path

from ....wallets.errors import TreasurerError
from ...bot.folder import BotFolder
from ..ipc import NotRunning, connect
from ..joining import START_SECONDS, did_not_start, is_held, start_process
from ..lifetime import AlreadyRunning
from .tail import Tail

FREE_SECONDS = 15.0
"""A process that a command started ends a moment after it; one that stays longer is somebody's."""
STOP_SECONDS = 20.0
"""For a clean end: a run's checkpoint, a guard's broadcast; then the process is killed."""
MAX_DEATHS = 5
DEATHS_WINDOW_SECONDS = 60.0
"""More deaths than that in this time, and starting again does not help."""
FIRST_PAUSE_SECONDS = 0.2
_LOOK_SECONDS = 0.05


class Child:
    """``name`` is the module below treasurer.runtime; ``options`` are words of its own."""

    def __init__(self, folder: BotFolder, name: str, socket: Path, options: tuple[str, ...] = ()) -> None:
        self.name = name
        self._folder = folder
        self._socket = socket
        self._options = options
        self._log = folder.sockets / f"{name}.log"
        self.tail = Tail(self._log)
        self._deaths: deque[float] = deque()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Of the living process."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def status(self) -> int | None:
        """How the process ended, None while it lives."""
        return None if self._process is None else self._process.poll()

    async def start(self, password: bytes | None) -> None:
        """Start it and return when it answers. Raises AlreadyRunning where another holds the bot, TreasurerError."""
        await self._until_free()
        self._process = start_process(
            self._folder, self.name, self._log, stay=True, password=password, options=self._options
        )
        self.tail.restart()
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            status = self._process.poll()
            if status is not None:
                raise did_not_start(self.name, self._log.read_text(errors="replace").strip().splitlines(), status)
            try:
                await (await connect(self._socket)).close()
            except NotRunning:
                await asyncio.sleep(_LOOK_SECONDS)
            else:
                return
        raise TreasurerError(f"the {self.name} did not answer within {START_SECONDS:.0f} s; its log: {self._log}")

    def died(self) -> float | None:
        """Count a death: how long to wait before the next start, None where it has died too often."""
        now = time.monotonic()
        self._deaths.append(now)
        while self._deaths and now - self._deaths[0] > DEATHS_WINDOW_SECONDS:
            self._deaths.popleft()
        if len(self._deaths) > MAX_DEATHS:
            return None
        return float(FIRST_PAUSE_SECONDS * 2 ** (len(self._deaths) - 1))

    async def stop(self) -> int | None:
        """End it cleanly, or, when it does not end, at once; its exit status, None where it was never started."""
        process = self._process
        if process is None:
            return None
        if process.poll() is None:
            process.terminate()
            try:
                await asyncio.to_thread(process.wait, STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
        return await asyncio.to_thread(process.wait)

    async def _until_free(self) -> None:
        lock = self._folder.sockets / f"{self.name}.lock"
        until = time.monotonic() + FREE_SECONDS
        while is_held(lock):
            if time.monotonic() > until:
                raise AlreadyRunning(
                    f"another program holds this bot's {self.name}: is running already, as for a chat or a command;"
                    " end it first",
                    next_command="treasurer up",
                )
            await asyncio.sleep(_LOOK_SECONDS)
