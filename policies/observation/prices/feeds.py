"""Prices from feeds: an answer that is stale, not positive, from the future, or beyond what the book expects is no
price, and the reason says so.

Source: Chainlink's AggregatorV3Interface; the book names a token's feed and the heartbeat after which its answer is
stale.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext

from ...book.entries import TokenEntry
from ...facts import Price
from ..reads import probes
from ..reads.probes import Answers, Probe

_MOST_DECIMALS = 36
_SIGN = 1 << 255
_BPS = 10_000
_EXACT_DIGITS = 90
"""More than a 256-bit answer has: the price is the feed's number, not a rounded one."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Where an asset's price in USD comes from, how old its answer may be, and what it may say.

    ``max_move_bps``: how far from the answer before it, in hundredths of a percent of the smaller one.
    """

    address: str
    heartbeat_seconds: int | None
    min_usd: Decimal | None = None
    max_usd: Decimal | None = None
    max_move_bps: int | None = None

    @property
    def probes(self) -> tuple[Probe, ...]:
        """What ``read_price`` needs answers to."""
        asked = (probes.latest_round(self.address), probes.decimals(self.address))
        return asked if self.max_move_bps is None else (*asked, probes.previous_round(self.address))


def feed_of(token: TokenEntry) -> Feed | None:
    """The feed of a token as the book has it."""
    if token.feed is None:
        return None
    return Feed(token.feed, token.heartbeat, token.min_usd, token.max_usd, token.max_move_bps)


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
    unexpected = _out_of_bounds(feed, usd) or _moved(feed, answer, answers)
    if unexpected:
        return None, unexpected
    return Price(usd=usd, updated_at=updated_at, source=f"feed {feed.address}"), ""


def _out_of_bounds(feed: Feed, usd: Decimal) -> str:
    if feed.min_usd is not None and usd < feed.min_usd:
        return f"the feed {feed.address} answers {usd:f} USD, less than the {feed.min_usd:f} that the book expects"
    if feed.max_usd is not None and usd > feed.max_usd:
        return f"the feed {feed.address} answers {usd:f} USD, more than the {feed.max_usd:f} that the book expects"
    return ""


def _moved(feed: Feed, answer: int, answers: Answers) -> str:
    """A jump between two rounds: a feed moves in small steps, or something is wrong with it."""
    if feed.max_move_bps is None:
        return ""
    words = answers.words(probes.previous_round(feed.address), 5)
    if words is None or words[1] == 0 or words[1] >= _SIGN:
        return f"the feed {feed.address} does not tell its answer before the newest, so its move is unknown"
    before = words[1]
    if abs(answer - before) * _BPS <= feed.max_move_bps * min(answer, before):
        return ""
    moved = -(-abs(answer - before) * _BPS // min(answer, before))
    return f"the feed {feed.address} moved {moved} bps between two answers, at most {feed.max_move_bps} are expected"
