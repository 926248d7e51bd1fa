"""Prices of a book's tokens: what their feeds say, held against the pools that the book names. No price is never zero.

A pool is priced by the *feed* of its other token, whatever that token's own pool says: nothing is priced in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Self

from ....wallets.values import NATIVE
from ...book.book import Book
from ...book.entries import TokenEntry
from ...documents.duration import write_seconds
from ...facts import Price
from ..reads.probes import Answers, Probe
from .feeds import feed_of, read_price
from .pools import Pool, gap_bps, pool_of, read_pool


@dataclass(frozen=True)
class Prices:
    """USD for one whole unit by asset; ``unpriced`` says why one that has a feed has none; ``gaps_bps``: how far feed
    and pool are apart, by token.
    """

    prices: dict[str, Price] = field(default_factory=dict)
    unpriced: dict[str, str] = field(default_factory=dict)
    gaps_bps: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class PriceReads:
    """What tells the prices of a chain's tokens; ``wrapped`` is the token whose price is the native coin's."""

    tokens: Mapping[str, TokenEntry]
    wrapped: str | None
    seconds_since_block: int

    @classmethod
    def of(cls, book: Book, chain_id: int, seconds_since_block: int) -> Self:
        """By this book. ``seconds_since_block``: how long after the newest block the probes are answered."""
        wrapped = book.wrapped_native(chain_id)
        tokens = {token.address: token for token in book.tokens(chain_id)}
        return cls(tokens, None if wrapped is None else wrapped.address, seconds_since_block)

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        found: list[Probe] = []
        for token in self.tokens.values():
            feed, pool = feed_of(token), self._pool(token)
            found += () if feed is None else feed.probes
            found += () if pool is None else pool.probes
        return tuple(dict.fromkeys(found))

    def told_by(self, answers: Answers, *, at: int, block_time: int) -> Prices:
        """The prices that the answers tell. ``at`` and ``block_time``: the clocks of guard and block."""
        told = Prices()
        by_feed = {
            address: read_price(feed, answers, at=at, block_time=block_time)
            for address, token in self.tokens.items()
            if (feed := feed_of(token)) is not None
        }
        for address, (price, why) in by_feed.items():
            pool = self._pool(self.tokens[address])
            gap, apart = None, ""
            if price is not None and pool is not None:
                gap, apart = self._gap(self.tokens[address], price, pool, answers, by_feed)
            if gap is not None:
                told.gaps_bps[address] = gap
            if price is None or apart:
                told.unpriced[address] = why or apart
            else:
                told.prices[address] = price
        if self.wrapped in told.prices:
            told.prices[NATIVE] = told.prices[self.wrapped]
        elif self.wrapped in told.unpriced:
            told.unpriced[NATIVE] = told.unpriced[self.wrapped]
        return told

    def _pool(self, token: TokenEntry) -> Pool | None:
        return pool_of(token, self.seconds_since_block)

    def _gap(
        self,
        token: TokenEntry,
        price: Price,
        pool: Pool,
        answers: Answers,
        by_feed: Mapping[str, tuple[Price | None, str]],
    ) -> tuple[Decimal | None, str]:
        """How far feed and pool are apart, where that can be told; and why there is no price, where there is none."""
        address = pool.other_token(token.address, answers)
        if address is None:
            return None, f"{pool.address} is no Uniswap v3 pool of {token.label}: correct its pool in the book"
        other = self.tokens.get(address)
        if other is None or other.feed is None:
            return None, f"the pool {pool.address} trades against {address}, which has no feed in the book"
        other_price, why = by_feed[address]
        if other_price is None:
            return None, f"the pool {pool.address} trades against {other.label}, which has no price: {why}"
        in_other, why = read_pool(pool, token, other, answers)
        if in_other is None:
            return None, why
        pool_usd = in_other * other_price.usd
        gap = gap_bps(price.usd, pool_usd)
        if gap <= pool.max_gap_bps:
            return gap, ""
        window = write_seconds(pool.twap_seconds)
        return gap, (
            f"its feed says {price.usd:f} USD and the pool {pool.address} {pool_usd:.6g} USD over {window}: "
            f"{gap:f} bps apart, at most {pool.max_gap_bps} are allowed"
        )
