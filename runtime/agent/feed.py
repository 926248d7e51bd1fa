"""Feed: the events of one Run, for whoever watches it, while the process lives; and the confirmations it waits for."""

from __future__ import annotations

import asyncio
from typing import Any

from .agent import AnyEvent

CONFIRM_SECONDS = 600.0
"""How long a proposal waits for a person at the console; then nothing was confirmed, and nothing is submitted."""


class Feed:
    """Events in order. ``over``: no more will come. ``stalled``: why none comes for now, where somebody does not answer
    what the Run needs.
    """

    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.over = False
        self.stalled = ""
        self._changed = asyncio.Condition()

    async def add(self, event: AnyEvent) -> None:
        """One more event."""
        self.events.append(event)
        await self._announce()

    async def stall(self, why: str) -> None:
        """The Run waits for somebody who does not answer; with ``""`` it goes on."""
        self.stalled = why
        await self._announce()

    async def close(self) -> None:
        """The last one was added."""
        self.over = True
        await self._announce()

    async def after(self, since: int, seconds: float) -> dict[str, Any]:
        """``{"events": [..], "over": bool, "stalled": str}`` once there is an event after the first ``since``, or none
        will come for now, or the time is over.
        """
        async with self._changed:
            try:
                async with asyncio.timeout(seconds):
                    await self._changed.wait_for(lambda: self.over or self.stalled or len(self.events) > since)
            except TimeoutError:
                pass  # nothing new: the answer says so
        events = [event.model_dump(mode="json") for event in self.events[since:]]
        return {"events": events, "over": self.over, "stalled": self.stalled}

    async def _announce(self) -> None:
        async with self._changed:
            self._changed.notify_all()


class Confirmations:
    """Proposals that wait for a yes from the person who asked for them."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], asyncio.Future[bool]] = {}

    async def ask(self, run: str, key: str) -> bool:
        """Whether the person said yes, and in time. (``Agent.open(confirm=)``.)"""
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._open[run, key] = answer
        try:
            return await asyncio.wait_for(answer, CONFIRM_SECONDS)
        except TimeoutError:
            return False
        finally:
            del self._open[run, key]

    def answer(self, run: str, key: str, yes: bool) -> bool:
        """Give the answer; False where nothing asks for it."""
        waiting = self._open.get((run, key))
        if waiting is None or waiting.done():
            return False
        waiting.set_result(yes)
        return True

    def refuse(self, run: str | None = None) -> bool:
        """Say no for one Run, or, where nobody is left to ask, for all; False where nothing was open."""
        keys = [(name, key) for name, key in self._open if run in (None, name)]
        return sum(self.answer(name, key, False) for name, key in keys) > 0  # each is answered, not only the first
