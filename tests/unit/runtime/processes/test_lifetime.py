"""When a process that was started for the while ends by itself."""

from __future__ import annotations

import asyncio

import pytest

from treasurer.runtime.processes.lifetime import until_needed_no_more


async def _ends(*, idle: bool, busy: bool, stay: bool = False, linger: float = 60) -> bool:
    connected, ended = asyncio.Event(), asyncio.Event()
    if idle:
        connected.set()
    waiting = until_needed_no_more(
        ended, connected, stay=stay, busy=lambda: busy, look_seconds=0.001, linger_seconds=linger
    )
    try:
        await asyncio.wait_for(waiting, 0.2)
    except TimeoutError:
        return False
    return True


@pytest.mark.parametrize(
    ("idle", "busy", "stay", "linger", "ends"),
    [
        (True, False, False, 60, True),
        (False, False, False, 60, False),
        (True, True, False, 60, False),
        (True, True, False, 0.01, True),
        (False, True, False, 0.01, False),
        (True, False, True, 0.01, False),
    ],
)
async def test_it_ends_when_nobody_needs_it(idle: bool, busy: bool, stay: bool, linger: float, ends: bool) -> None:
    assert await _ends(idle=idle, busy=busy, stay=stay, linger=linger) is ends


async def test_a_signal_ends_whatever_stays() -> None:
    ended = asyncio.Event()
    ended.set()
    await asyncio.wait_for(until_needed_no_more(ended, asyncio.Event(), stay=True), 1)
