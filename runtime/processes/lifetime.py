"""Lifetime of a process of the bot: one of its kind at a time, ended by a signal or, unless it stays, when nobody
needs it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ...wallets.errors import TreasurerError

IDLE_SECONDS = 1.5
"""How long a process that does not stay waits for another asker: two commands in a row share one."""

LINGER_SECONDS = 15 * 60.0
"""How long such a process goes on with work that does not end once nobody is connected; what it left is taken up by the
next."""


class AlreadyRunning(TreasurerError):
    """Another process of this kind drives the bot."""


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold the lock file's lease while the process lives. Raises AlreadyRunning where another holds it."""
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"{lock.stem} of this bot is running already", next_command="treasurer status"
            ) from error
        yield
    finally:
        os.close(descriptor)


def termination() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    return ended


def _never() -> bool:
    return False


async def until_needed_no_more(
    ended: asyncio.Event,
    idle: asyncio.Event,
    *,
    stay: bool,
    busy: Callable[[], bool] = _never,
    look_seconds: float = IDLE_SECONDS,
    linger_seconds: float = LINGER_SECONDS,
) -> None:
    """Return when ``ended`` is set, or, unless ``stay``, when nobody is connected and nothing is ``busy``.

    Looked at every ``look_seconds``. What stays busy with nobody connected is left after ``linger_seconds``.
    """
    if stay:
        await ended.wait()
        return
    alone_since = time.monotonic()
    while not ended.is_set():
        try:
            await asyncio.wait_for(ended.wait(), look_seconds)
        except TimeoutError:
            if not idle.is_set():
                alone_since = time.monotonic()
            elif not busy() or time.monotonic() - alone_since > linger_seconds:
                return
