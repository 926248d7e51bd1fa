"""ChainClient: one chain seen through one or more endpoints, with failover, and retries for what only reads."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ..call import Call
from ..errors import ChainError, InvalidValue, RpcRefused, WrongChain
from ..transaction import transaction_hash
from ..values import parse_hash, parse_hex, to_hex
from .endpoint import Endpoint, Unreachable
from .errors import NonceTooLow, already_known, typed
from .fees import HISTORY_BLOCKS, TIP_PERCENTILE, FeeQuote, quote_fees
from .values import BlockHeader, BlockTag, Finality, Receipt, block_parameter, quantity, simulated_blocks

if TYPE_CHECKING:
    from aiohttp import ClientSession

Answer = TypeVar("Answer")

TIMEOUT_SECONDS = 10.0
"""Longer than a public node's slowest simulation, shorter than a block of Ethereum."""
READ_ROUNDS = 3
"""How often all endpoints are tried for a read before the chain counts as unreachable."""
_BACKOFF_SECONDS = 0.2
_NEWEST_SECONDS = 12.0
"""A slot of Ethereum: what was seen before is hardly the newest block any more."""
_FINALITY_DEPTH = 64
"""Two epochs of Ethereum, for nodes without the ``finalized`` tag."""
_UNSERVED = frozenset({-32601, -32004, -32005})
"""EIP-1474: method not found, not supported, limit exceeded. Another endpoint may serve it."""


class ChainClient:
    """JSON-RPC of one chain. ``finality_depth`` overrides the ``safe`` and ``finalized`` tags by a count of blocks.

    Use it as ``async with ChainClient(..) as chain``, or call ``open`` and ``aclose``. Every method raises ChainError
    where no endpoint answers usably, and RpcRefused where a node answers with an error.
    """

    def __init__(
        self,
        endpoints: Sequence[str],
        chain_id: int,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        finality_depth: int | None = None,
    ) -> None:
        if not endpoints:
            raise InvalidValue("a chain needs at least one RPC endpoint")
        self.chain_id = chain_id
        self._newest: tuple[float, BlockHeader] | None = None
        self._endpoints = [Endpoint(url) for url in endpoints]
        self._timeout_seconds = timeout_seconds
        self._finality_depth = finality_depth
        self._session: ClientSession | None = None

    def __repr__(self) -> str:
        return f"ChainClient({self.chain_id}, {', '.join(endpoint.name for endpoint in self._endpoints)})"

    async def open(self) -> Self:
        """Connect and check that every endpoint that answers serves this chain.

        Raises WrongChain where one serves another, ChainError where none answers; one that is down is checked before
        its first use.
        """
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self._timeout_seconds))
        try:
            await self._check_all()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def aclose(self) -> None:
        """Close the connections; closing twice is fine."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return await self.open()

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        """The result of any JSON-RPC method. A read is tried on every endpoint, in rounds; all else once, on the first.

        Raises RpcRefused for the node's error, ChainError where nothing answers.
        """
        if not _reads(method):
            return await self._ask(self._endpoints[0], method, list(params))
        return await self._try_all(lambda endpoint: self._ask(endpoint, method, list(params)), READ_ROUNDS)

    async def batch(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """The results of several reads in one round trip, in order; an RpcRefused stands where the node refused one.

        From one endpoint all, so that they speak of one chain. An endpoint that takes no batches is asked one by one.
        Raises ChainError where nothing answers.
        """
        if not all(_reads(method) for method, _ in asked):
            raise InvalidValue("a batch only reads: send what changes something by itself")
        if not asked:
            return []
        requests = [(method, list(params)) for method, params in asked]

        async def ask(endpoint: Endpoint) -> list[Any]:
            results = await self._ask_all(endpoint, requests)
            unserved = [item for item in results if isinstance(item, RpcRefused) and item.code in _UNSERVED]
            if unserved and endpoint is not self._endpoints[-1]:
                raise unserved[0]
            return results

        return await self._try_all(ask, READ_ROUNDS)

    async def _ask_all(self, endpoint: Endpoint, requests: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        if not endpoint.chain_checked:
            await self._check_chain(endpoint)
        if endpoint.takes_batches:
            try:
                return await endpoint.batch(self._opened(), requests)
            except RpcRefused:
                endpoint.takes_batches = False
        found = await asyncio.gather(
            *(endpoint.request(self._opened(), method, params) for method, params in requests), return_exceptions=True
        )
        for item in found:
            if isinstance(item, BaseException) and not isinstance(item, RpcRefused):
                raise item
        return list(found)

    @property
    def fork_url(self) -> str:
        """The first endpoint's URL, for a simulator that reads the chain by itself. It may hold a key."""
        return self._endpoints[0].url

    @property
    def newest(self) -> BlockHeader | None:
        """The newest block where it was seen a moment ago: a guess at what is newest now."""
        if self._newest is None or monotonic() - self._newest[0] > _NEWEST_SECONDS:
            return None
        return self._newest[1]

    async def block(self, tag: BlockTag = "latest") -> BlockHeader:
        """The header of a block. Raises ChainError where there is no such block."""
        by_hash = isinstance(tag, str) and len(tag) == 66
        method = "eth_getBlockByHash" if by_hash else "eth_getBlockByNumber"
        answer = await self.request(method, [tag if by_hash else block_parameter(tag), False])
        if answer is None:
            raise ChainError(f"chain {self.chain_id} has no block {tag}")
        header = BlockHeader.parse(answer)
        if tag == "latest":
            self._newest = (monotonic(), header)
        return header

    async def newest_with(self, asked: Sequence[tuple[str, Sequence[Any]]]) -> tuple[BlockHeader, list[Any]]:
        """The newest block's header and the results of other reads (see ``batch``), in one round trip."""
        answer, *results = await self.batch([("eth_getBlockByNumber", ["latest", False]), *asked])
        if isinstance(answer, RpcRefused):
            raise answer
        if answer is None:
            raise ChainError(f"chain {self.chain_id} has no newest block")
        header = BlockHeader.parse(answer)
        self._newest = (monotonic(), header)
        return header, results

    async def nonce(self, account: str, tag: BlockTag = "latest") -> int:
        """How many transactions of the account are included (``pending``: and waiting)."""
        return quantity(await self.request("eth_getTransactionCount", [account, block_parameter(tag)]))

    async def balance(self, account: str, block: BlockTag = "latest") -> int:
        """Wei of the account."""
        return quantity(await self.request("eth_getBalance", [account, block_parameter(block)]))

    async def call(self, to: str, data: bytes, block: BlockTag = "latest") -> bytes:
        """What a read-only call returns. Raises RpcRefused where it reverts; ``data`` then holds the reason's bytes."""
        return parse_hex(await self.request("eth_call", [{"to": to, "data": to_hex(data)}, block_parameter(block)]))

    async def code(self, address: str, block: BlockTag = "latest") -> bytes:
        """The code at an address; empty for a plain account."""
        return parse_hex(await self.request("eth_getCode", [address, block_parameter(block)]))

    async def storage(self, address: str, slot: str, block: BlockTag = "latest") -> bytes:
        """The 32-byte word of a contract's storage at ``slot`` (``0x..`` text)."""
        word = parse_hex(await self.request("eth_getStorageAt", [address, slot, block_parameter(block)]))
        return word.rjust(32, b"\0")

    async def fees(self) -> FeeQuote:
        """What to offer now: twice the next base fee plus the usual tip (EIP-1559)."""
        return quote_fees(await self.request("eth_feeHistory", [hex(HISTORY_BLOCKS), "latest", [TIP_PERCENTILE]]))

    async def estimate_gas(self, account: str, call: Call) -> int:
        """Gas that the call needs on the newest block. Raises RpcRefused where it reverts."""
        fields = {"from": account, "value": hex(call.value), "data": to_hex(call.data)}
        return quantity(
            await self.request("eth_estimateGas", [fields if call.to is None else fields | {"to": call.to}])
        )

    async def simulate(self, payload: dict[str, Any], block: BlockTag) -> list[dict[str, Any]]:
        """The blocks that eth_simulateV1 answers for ``payload`` on top of ``block``."""
        return simulated_blocks(await self.request("eth_simulateV1", [payload, block_parameter(block)]))

    async def send_raw(self, raw: bytes) -> str:
        """Broadcast a signed transaction and return its hash; bytes that the node or chain already holds are no error.

        Sending the same bytes to a second endpoint after a lost answer is safe: they have one effect. Raises
        NonceTooLow, Underpriced, InsufficientFunds, another RpcRefused, or ChainError where no endpoint answered.
        """
        expected = transaction_hash(raw)
        try:
            answered = await self._try_all(
                lambda endpoint: self._ask(endpoint, "eth_sendRawTransaction", [to_hex(raw)]), 1
            )
        except RpcRefused as error:
            refused = typed(error)
            if already_known(error) or (
                isinstance(refused, NonceTooLow) and await self.transaction(expected) is not None
            ):
                return expected
            raise refused from error
        if answered != expected:
            raise ChainError(
                f"the node names {answered!r:.80} for the transaction {expected}; do not trust that endpoint"
            )
        return expected

    async def receipt(self, transaction: str) -> Receipt | None:
        """The receipt of an included transaction, or None while there is none."""
        answer = await self.request("eth_getTransactionReceipt", [parse_hash(transaction)])
        return None if answer is None else Receipt.parse(answer)

    async def transaction(self, transaction: str) -> dict[str, Any] | None:
        """The node's own view of a transaction, waiting or included, or None where it knows none."""
        answer = await self.request("eth_getTransactionByHash", [parse_hash(transaction)])
        if answer is not None and not isinstance(answer, dict):
            raise ChainError("the node's transaction cannot be used; try another endpoint")
        return answer

    async def finality(self) -> Finality:
        """Head, safe and finalized block numbers: by tags, or by depth where set or where the node has no tags."""
        latest = (await self.block()).number
        if self._finality_depth is not None:
            final = max(0, latest - self._finality_depth)
            return Finality(latest, final, final)
        return Finality(latest, await self._tagged("safe", latest), await self._tagged("finalized", latest))

    async def _tagged(self, tag: str, latest: int) -> int:
        try:
            answer = await self.request("eth_getBlockByNumber", [tag, False])
        except RpcRefused:
            answer = None
        return min(latest, BlockHeader.parse(answer).number) if answer else max(0, latest - _FINALITY_DEPTH)

    async def _try_all(self, ask: Callable[[Endpoint], Awaitable[Answer]], rounds: int) -> Answer:
        failures: list[ChainError] = []
        for attempt in range(rounds):
            if attempt:
                await asyncio.sleep(_BACKOFF_SECONDS * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            failures = []
            for endpoint in self._endpoints:
                try:
                    return await ask(endpoint)
                except RpcRefused as error:
                    if error.code not in _UNSERVED or endpoint is self._endpoints[-1]:
                        raise
                    failures.append(error)
                except Unreachable as error:
                    failures.append(error)
        raise _unreachable(failures)

    async def _ask(self, endpoint: Endpoint, method: str, params: list[Any]) -> Any:
        if not endpoint.chain_checked:
            await self._check_chain(endpoint)
        return await endpoint.request(self._opened(), method, params)

    async def _check_all(self) -> None:
        failures: list[ChainError] = []
        for endpoint in self._endpoints:
            try:
                await self._check_chain(endpoint)
            except WrongChain:
                raise
            except ChainError as error:
                failures.append(error)
        if len(failures) == len(self._endpoints):
            raise _unreachable(failures)

    async def _check_chain(self, endpoint: Endpoint) -> None:
        served = quantity(await endpoint.request(self._opened(), "eth_chainId", []))
        if served != self.chain_id:
            raise WrongChain(
                f"{endpoint.name} serves chain {served}, and {self.chain_id} is configured: correct [chain] id or rpc",
                next_command="treasurer config check",
            )
        endpoint.chain_checked = True

    def _opened(self) -> ClientSession:
        if self._session is None:
            raise ChainError("the chain client is not open: use it as `async with ChainClient(..) as chain`")
        return self._session


def _reads(method: str) -> bool:
    namespace, _, name = method.partition("_")
    return namespace in {"eth", "net", "web3", "debug"} and not name.startswith(("send", "sign"))


def _unreachable(failures: Sequence[ChainError]) -> ChainError:
    said = "; ".join(str(error) for error in failures)
    return ChainError(f"no RPC endpoint answers: {said}", next_command="treasurer doctor")
