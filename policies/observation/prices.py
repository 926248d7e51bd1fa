"""Prices from feeds: an answer that is stale, not positive, or from the future is no price, and the reason says so.

Source: Chainlink's AggregatorV3Interface; the book names a token's feed and the heartbeat after which its answer is
stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from ..facts import Price
from . import probes
from .probes import Answers

_MOST_DECIMALS = 36
_SIGN = 1 << 255
_EXACT_DIGITS = 90
"""More than a 256-bit answer has: the price is the feed's number, not a rounded one."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where an asset's price in USD comes from, and how old its answer may be."""

    address: str
    heartbeat_seconds: int | None


def read_price(feed: Feed, answers: Answers, *, at: int, block_time: int) -> tuple[Price | None, str]:
    """USD for one whole unit, or None with the reason. ``at`` and ``block_time``: the clocks of guard and block.

    A feed is updated inside a block, so an answer later than the block is from the future; its age is held against
    the later of the two clocks.
    """
    if feed.heartbeat_seconds is None:
        return None, f"the book names no heartbeat for the feed {feed.address}: an answer of any age would pass"
    words = answers.words(probes.latest_round(feed.address), 5)
    decimals = answers.number(probes.decimals(feed.address))
    if words is None or decimals is None:
        return None, f"the feed {feed.address} does not answer"
    if decimals > _MOST_DECIMALS:
        return None, f"the feed {feed.address} claims {decimals} decimals"
    _, answer, _, updated_at, _ = words
    if answer == 0 or answer >= _SIGN:
        return None, f"the feed {feed.address} answers no positive price"
    if updated_at > block_time:
        return None, f"the feed {feed.address} answers from the future ({updated_at}, the block is at {block_time})"
    age = max(at, block_time) - updated_at
    if age > feed.heartbeat_seconds:
        return None, f"the feed {feed.address} is stale: {age} s old, its heartbeat is {feed.heartbeat_seconds} s"
    with localcontext(prec=_EXACT_DIGITS):
        usd = Decimal(answer).scaleb(-decimals)
    return Price(usd=usd, updated_at=updated_at, source=f"feed {feed.address}"), ""
