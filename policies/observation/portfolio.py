"""read_portfolio: what an account holds and what that is worth, at one block, by the book's tokens, feeds and pools."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ...wallets.chain import BlockHeader, ChainClient
from ...wallets.values import NATIVE
from ..facts import Block, Price
from ..language.book import NATIVE_COIN, Book
from ..language.entries import TokenEntry
from . import probes
from .prices import Feed, read_price
from .probes import Answers, Probe
from .simulate import simulate

_AAVE_POOL = "aave-v3-pool"
_FUNGIBLE = frozenset({"erc20", "weth9"})


@dataclass(frozen=True)
class Portfolio:
    """Base units and prices by asset at ``block``; ``unpriced`` says why an asset has no price.

    ``usd``: native coin, the book's tokens and the net of lending pools; None where what is held has no price.
    """

    block: Block
    balances: dict[str, int]
    prices: dict[str, Price]
    unpriced: dict[str, str]
    usd: Decimal | None


@dataclass(frozen=True)
class PortfolioReads:
    """What tells a portfolio: balances and feeds by asset, the account's place in each lending pool."""

    balances: dict[str, Probe]
    feeds: dict[str, Feed]
    pools: tuple[Probe, ...]
    decimals: dict[str, int]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        rounds = [probe for feed in self.feeds.values() for probe in _feed_probes(feed)]
        return tuple(dict.fromkeys([*self.balances.values(), *rounds, *self.pools]))

    def told_by(self, answers: Answers, header: BlockHeader, clock: int) -> Portfolio:
        """The portfolio that the answers tell. ``clock``: Unix seconds, against which prices are stale."""
        prices, unpriced = self._prices(answers, header, clock)
        balances = answers.numbers(self.balances)
        return Portfolio(
            block=Block(number=header.number, hash=header.hash, timestamp=header.timestamp),
            balances=balances,
            prices=prices,
            unpriced=unpriced,
            usd=self._usd(answers, balances, prices),
        )

    def _prices(self, answers: Answers, header: BlockHeader, clock: int) -> tuple[dict[str, Price], dict[str, str]]:
        prices, unpriced = {}, {}
        for asset, feed in self.feeds.items():
            price, reason = read_price(feed, answers, at=clock, block_time=header.timestamp)
            if price is None:
                unpriced[asset] = reason
            else:
                prices[asset] = price
        return prices, unpriced

    def _usd(self, answers: Answers, balances: dict[str, int], prices: dict[str, Price]) -> Decimal | None:
        # A book that lists aTokens counts what they stand for twice: it need not, the pools are read.
        nets = [answers.net_usd(pool) for pool in self.pools]
        if balances.keys() != self.balances.keys() or None in nets:
            return None
        total = sum((net for net in nets if net is not None), Decimal(0))
        for asset, held in balances.items():
            if held and asset not in prices:
                return None
            if held:
                total += Decimal(held).scaleb(-self.decimals[asset]) * prices[asset].usd
        return total


async def read_portfolio(chain: ChainClient, book: Book, account: str, *, at: datetime | None = None) -> Portfolio:
    """The portfolio of ``account`` at the newest block. ``at``: the guard's clock, or None for the block's time.

    Raises ChainError where the chain cannot be read.
    """
    header = await chain.block()
    clock = int((at or datetime.fromtimestamp(header.timestamp, UTC)).timestamp())
    reads = portfolio_reads(book, chain.chain_id, account)
    simulation = await simulate(chain, account, (), before=reads.probes, after=(), block=header, at=clock)
    return reads.told_by(simulation.before, header, clock)


def portfolio_reads(book: Book, chain_id: int, account: str) -> PortfolioReads:
    """Which reads tell the portfolio of ``account`` by this book."""
    tokens = [token for token in book.tokens(chain_id) if token.kind in _FUNGIBLE]
    venues = book.venues(chain_id)
    return PortfolioReads(
        balances={NATIVE: probes.native_balance(account)}
        | {token.address: probes.token_balance(token.address, account) for token in tokens},
        feeds=_feeds(book.tokens(chain_id), book.wrapped_native(chain_id)),
        pools=tuple(probes.account_data(venue.address, account) for venue in venues if venue.kind == _AAVE_POOL),
        decimals={NATIVE: NATIVE_COIN.decimals} | {token.address: token.decimals for token in tokens},
    )


def _feeds(tokens: Iterable[TokenEntry], wrapped: TokenEntry | None) -> dict[str, Feed]:
    """Feeds by asset; the native coin is priced as its wrapped form is."""
    feeds = {token.address: Feed(token.feed, token.heartbeat) for token in tokens if token.feed is not None}
    return feeds | {NATIVE: feeds[wrapped.address]} if wrapped is not None and wrapped.address in feeds else feeds


def _feed_probes(feed: Feed) -> tuple[Probe, Probe]:
    return probes.latest_round(feed.address), probes.decimals(feed.address)
