"""Interrupts: Ctrl-C ends what is being waited for, and nothing else."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Interrupted(Exception):
    """The person pressed Ctrl-C."""


class Interrupts:
    """Takes SIGINT for as long as the event loop runs."""

    def __init__(self) -> None:
        self._current: asyncio.Task[Any] | None = None
        self._pressed = False
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._press)

    async def watch(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of ``work``. Raises Interrupted, with ``work`` cancelled, when Ctrl-C was pressed meanwhile."""
        self._pressed = False
        task = asyncio.ensure_future(work)
        self._current = task
        try:
            return await task
        except asyncio.CancelledError:
            if self._pressed:
                raise Interrupted from None
            task.cancel()
            raise
        finally:
            self._current = None

    def _press(self) -> None:
        if self._current is not None:
            self._pressed = True
            self._current.cancel()
