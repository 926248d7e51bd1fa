"""Lines: what a person types, or a pipe or file brings, read only when it is asked for, without a thread."""

from __future__ import annotations

import asyncio
import os
import sys
import termios
from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024


class Lines:
    """Lines of a file descriptor; ``is_terminal`` where a person sits at it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._ended = False
        self.is_terminal = os.isatty(descriptor)

    async def next(self) -> str | None:
        """The next line without its end, None after the last one. Cancelled, it loses nothing but a begun line."""
        while b"\n" not in self._buffer and not self._ended and len(self._buffer) < MAX_LINE_BYTES:
            found = await self._read()
            self._ended = not found
            self._buffer += found
        if self._ended and not self._buffer:
            return None
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace").rstrip("\r")

    async def secret(self, ask: Callable[[], None]) -> str | None:
        """The next line, not shown while it is typed. ``ask`` shows the question, once nothing typed is shown."""
        before = termios.tcgetattr(self._descriptor)
        hidden = [*before]
        hidden[3] = before[3] & ~termios.ECHO
        termios.tcsetattr(self._descriptor, termios.TCSAFLUSH, hidden)
        try:
            ask()
            return await self.next()
        finally:
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, before)
            sys.stdout.write("\n")

    def forget(self) -> None:
        """Drop what was typed before a question was shown: it is no answer. A script's lines are kept."""
        if self.is_terminal:
            termios.tcflush(self._descriptor, termios.TCIFLUSH)
            self._buffer = b""

    async def _read(self) -> bytes:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()

        def settle() -> None:
            if not ready.done():
                ready.set_result(None)

        try:
            loop.add_reader(self._descriptor, settle)
        except PermissionError:  # a file on disk cannot be waited for, and never needs to be
            return os.read(self._descriptor, MAX_LINE_BYTES)
        try:
            await ready
        finally:
            loop.remove_reader(self._descriptor)
        try:
            return os.read(self._descriptor, MAX_LINE_BYTES)
        except OSError:  # the terminal has gone
            return b""
