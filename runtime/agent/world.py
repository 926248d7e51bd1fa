"""The bot's world as its agent sees it: handles of the book, contexts for tools, and the snapshot a Run begins with."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...agent.context import ToolContext, handles_of, slippage_of
from ...policies.book.book import Book
from ...policies.observation.prices.portfolio import read_portfolio
from ...tools import Context, Handles, Tool
from ...tools.standard import STANDARD_TOOLS
from ...wallets.chain import ChainClient
from ...wallets.registry import Registry, read_registry, registry_of
from ...wallets.values import NATIVE
from ..bot.bundle import read_bundle
from ..bot.configuration import Configuration, read_configuration
from ..bot.folder import BotFolder
from ..bot.secrets import endpoints
from ..guard import GuardClient


@dataclass
class BotContexts:
    """Implements agent.Contexts over a bot's configuration, book and chain."""

    configuration: Configuration
    chain: ChainClient
    book: Book
    registry: Registry
    handles: Handles
    slippage_bps: int

    def tools(self) -> tuple[Tool, ...]:
        """What every bot can do."""
        return STANDARD_TOOLS

    async def context(self, run: str, step: int) -> Context:
        """The context of one step of a Run. Raises ChainError."""
        header = await self.chain.block()
        newest = datetime.fromtimestamp(header.timestamp, UTC)
        return await ToolContext.open(
            self.chain,
            self.book,
            self.registry,
            account=self.configuration.wallet.address,
            bot=self.configuration.name,
            run=run,
            step=step,
            slippage_bps=self.slippage_bps,
            now=max(newest, datetime.now(UTC)),  # a devnet's newest block may be hours old, its next one is not
        )

    async def snapshot(self) -> dict[str, Any]:
        """Block, balances, prices and worth, by the labels of the book; amounts are decimal texts."""
        portfolio = await read_portfolio(self.chain, self.book, self.configuration.wallet.address)
        labels = {token.address: token.label for token in self.book.tokens(self.chain.chain_id)}
        labels[NATIVE] = NATIVE
        prices = portfolio.prices
        return {
            "block": portfolio.block.number,
            "block_hash": portfolio.block.hash,
            "balances": {labels[asset]: str(units) for asset, units in portfolio.balances.items() if asset in labels},
            "prices_usd": {labels[asset]: str(price.usd) for asset, price in prices.items() if asset in labels},
            "portfolio_usd": None if portfolio.usd is None else str(portfolio.usd),
        }


@contextlib.asynccontextmanager
async def open_contexts(folder: BotFolder, guard: GuardClient) -> AsyncIterator[BotContexts]:
    """Read configuration, book and registry, and connect to the chain. Raises TreasurerError, starting nothing."""
    configuration = read_configuration(folder.configuration)
    bundle = read_bundle(folder, configuration)
    named = configuration.chain.registry
    registry = read_registry(Path(named)) if named is not None else registry_of(configuration.chain.id)
    handles = handles_of(bundle.book, registry)
    async with ChainClient(endpoints(configuration.chain.rpc, root=folder.root), configuration.chain.id) as chain:
        yield BotContexts(configuration, chain, bundle.book, registry, handles, slippage_of(bundle.policy))
