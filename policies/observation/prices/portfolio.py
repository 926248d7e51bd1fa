"""read_portfolio: what an account holds and what that is worth, at one block, by the book's tokens, feeds and pools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from ....wallets.chain import BlockHeader, ChainClient
from ....wallets.values import NATIVE
from ...book.book import NATIVE_COIN, Book
from ...book.contract_kinds import FUNGIBLE
from ...facts import Block, Price
from ..reads import probes
from ..reads.probes import Answers, Probe
from ..simulation.simulate import simulate
from .pools import seconds_since
from .prices import PriceReads

_AAVE_POOL = "aave-v3-pool"


@dataclass(frozen=True)
class Portfolio:
    """Base units and prices by asset at ``block``; ``unpriced`` says why an asset has no price, ``oracle_gaps_bps`` how
    far a token's feed and pool are apart.

    ``usd``: native coin, the book's tokens and the net of lending pools; None where what is held has no price.
    """

    block: Block
    balances: dict[str, int]
    prices: dict[str, Price]
    unpriced: dict[str, str]
    oracle_gaps_bps: dict[str, Decimal]
    usd: Decimal | None


@dataclass(frozen=True)
class PortfolioReads:
    """What tells a portfolio: balances by asset, prices, the account's place in each lending pool."""

    balances: dict[str, Probe]
    prices: PriceReads
    pools: tuple[Probe, ...]
    decimals: dict[str, int]

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        return tuple(dict.fromkeys([*self.balances.values(), *self.prices.probes, *self.pools]))

    def told_by(self, answers: Answers, header: BlockHeader, clock: int) -> Portfolio:
        """The portfolio that the answers tell. ``clock``: Unix seconds, against which prices are stale."""
        told = self.prices.told_by(answers, at=clock, block_time=header.timestamp)
        balances = answers.numbers(self.balances)
        return Portfolio(
            block=Block(number=header.number, hash=header.hash, timestamp=header.timestamp),
            balances=balances,
            prices=told.prices,
            unpriced=told.unpriced,
            oracle_gaps_bps=told.gaps_bps,
            usd=self._usd(answers, balances, told.prices),
        )

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
    reads = portfolio_reads(book, chain.chain_id, account, seconds_since(header.timestamp, clock))
    simulation = await simulate(chain, account, (), before=reads.probes, after=(), block=header, at=clock)
    return reads.told_by(simulation.before, header, clock)


def portfolio_reads(book: Book, chain_id: int, account: str, seconds_since_block: int = 1) -> PortfolioReads:
    """Which reads tell the portfolio of ``account`` by this book, answered so long after the newest block."""
    tokens = [token for token in book.tokens(chain_id) if token.kind in FUNGIBLE]
    venues = book.venues(chain_id)
    return PortfolioReads(
        balances={NATIVE: probes.native_balance(account)}
        | {token.address: probes.token_balance(token.address, account) for token in tokens},
        prices=PriceReads.of(book, chain_id, seconds_since_block),
        pools=tuple(probes.account_data(venue.address, account) for venue in venues if venue.kind == _AAVE_POOL),
        decimals={NATIVE: NATIVE_COIN.decimals} | {token.address: token.decimals for token in tokens},
    )
