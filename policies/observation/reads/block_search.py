"""newest_before: the block of a time in the past, found by its time in few requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ....wallets.chain import BlockHeader
from ...facts import Block

MOST_HEADERS = 12
"""Headers asked for in one search. Blocks come evenly: three or four are usual."""
_SECONDS_PER_BLOCK = 12
"""The first guess, Ethereum's."""


async def newest_before(
    header: Callable[[int], Awaitable[BlockHeader]], time: int, head: Block, near_seconds: int
) -> tuple[BlockHeader, int] | None:
    """A block of ``time`` (Unix seconds, before the head's) or earlier, and until when it is the newest such one.

    It is the newest, or one of at most ``near_seconds`` before ``time``, or the best that MOST_HEADERS requests found;
    None where the chain is younger, or none was found. By where it should lie between two blocks that are known, and
    by halves where that was no good guess. ``header`` reads a block by its number.
    """
    late_number, late_time = head.number, head.timestamp
    early: BlockHeader | None = None
    guess = head.number - -(-(head.timestamp - time) // _SECONDS_PER_BLOCK)
    for step in range(MOST_HEADERS):
        block = await header(max(guess, 0))
        if block.timestamp <= time:
            early = block
        elif block.number == 0:
            return None
        else:
            late_number, late_time = block.number, block.timestamp
        if early is None:
            blocks, seconds = head.number - late_number, head.timestamp - late_time
            further = (late_time - time) * blocks // seconds if seconds else blocks
            guess = late_number - max(further + further // 10, 1)
        elif late_number - early.number == 1 or time - early.timestamp <= near_seconds:
            break
        else:
            between = late_number - early.number
            part = between * (time - early.timestamp) // (late_time - early.timestamp)
            guess = early.number + min(max(part if step % 2 else between // 2, 1), between - 1)
    if early is None:
        return None
    return early, late_time if late_number - early.number == 1 else time + 1
