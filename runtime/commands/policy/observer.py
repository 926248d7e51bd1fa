"""Observer: reads the facts of one proposal after the other from one RPC."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ....policies.book.book import Book
    from ....policies.facts import Facts
    from ....policies.language.policy import Policy
    from ....policies.observation.reads.ages import CodeHistory
    from ....policies.proposal import Proposal
    from ....wallets.chain import ChainClient


class Observer:
    """Reads one RPC; one connection a chain for everything that is asked of it. ``policy``: whose rules ask for more
    than every proposal needs.
    """

    def __init__(self, url: str, policy: Policy | None = None) -> None:
        _check_url(url)
        self._url = url
        self._policy = policy
        self._histories: dict[int, CodeHistory] = {}
        self._runner = asyncio.Runner()
        self._clients: dict[int, ChainClient] = {}

    def observe(self, proposal: Proposal, book: Book, at: datetime) -> Facts:
        """The facts of one proposal on the newest block. Raises ChainError."""
        return self._runner.run(self._observe(proposal, book, at))

    def observe_by(self, book: Book) -> Callable[[Proposal, datetime], Facts]:
        """``observe`` for one book."""
        return lambda proposal, at: self.observe(proposal, book, at)

    def transaction(self, hashed: str) -> dict[str, Any]:
        """The node's transaction with that hash. Raises ChainError, and InvalidValue where it knows none."""
        return self._runner.run(self._transaction(hashed))

    async def _observe(self, proposal: Proposal, book: Book, at: datetime) -> Facts:
        from ....policies.observation.observe import observe
        from ....policies.observation.reads.ages import CodeHistory

        client = await self._client(proposal.chain_id)
        facts = await observe(client, book, proposal, at=at)
        if self._policy is None:
            return facts
        history = self._histories.setdefault(proposal.chain_id, CodeHistory(client))
        return await history.complete(facts, self._policy, book, proposal)

    async def _transaction(self, hashed: str) -> dict[str, Any]:
        from ....wallets.errors import InvalidValue

        client = await self._client(await self._served())
        answer = await client.transaction(hashed)
        if answer is None:
            raise InvalidValue(f"the node knows no transaction {hashed}: check the hash and the chain")
        return answer

    async def _served(self) -> int:
        """The chain that the node serves."""
        import aiohttp

        from ....wallets.chain.client import TIMEOUT_SECONDS
        from ....wallets.chain.endpoint import Endpoint
        from ....wallets.chain.values import quantity

        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)) as session:
            return quantity(await Endpoint(self._url).request(session, "eth_chainId", []))

    async def _client(self, chain_id: int) -> ChainClient:
        from ....wallets.chain import ChainClient

        client = self._clients.get(chain_id)
        if client is None:
            client = await ChainClient([self._url], chain_id).open()
            self._clients[chain_id] = client
        return client

    def close(self) -> None:
        """Closes what was opened."""
        for client in self._clients.values():
            self._runner.run(client.aclose())
        self._runner.close()


def _check_url(url: str) -> None:
    """Before anything is read. Raises InvalidValue."""
    from urllib.parse import urlsplit

    from ....wallets.chain.endpoint import Endpoint
    from ....wallets.errors import InvalidValue

    try:
        _ = urlsplit(url).port
    except ValueError as error:
        raise InvalidValue(f"--rpc is a URL as in http://127.0.0.1:8545: {error}") from error
    Endpoint(url)
