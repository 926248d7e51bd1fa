"""RoundTrip: the newest header, a simulation and reads of storage in one request, all of one block.

The simulation and the storage are asked at the block that was newest when last looked; the header that comes back
says whether it still is. What was read at a block that is the newest no more is thrown away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ....wallets.chain import BlockHeader, ChainClient
from ....wallets.chain.values import block_parameter, quantity, simulated_blocks
from ....wallets.errors import RpcRefused
from .accounts import Slot


class HeadMoved(Exception):
    """The chain's newest block is another one than was read at: ask again at ``newest``."""

    def __init__(self, newest: BlockHeader) -> None:
        super().__init__(newest.hash)
        self.newest = newest


class RoundTrip:
    """What one observation asks at ``base``. ``just_read``: the base was read for this observation, and is new enough.

    Both methods raise HeadMoved where the base was only remembered and is the newest block no more, ChainError where
    the chain cannot be read.
    """

    def __init__(self, chain: ChainClient, base: BlockHeader, slots: Sequence[Slot], *, just_read: bool) -> None:
        self._chain = chain
        self._base = base
        self._slots = tuple(slots)
        self._just_read = just_read
        self._words: list[Any] | None = None

    async def simulate(self, payload: dict[str, Any], block: str) -> list[dict[str, Any]]:
        """As ChainClient.simulate; the first one takes the header and the storage along."""
        if self._words is not None:
            return await self._chain.simulate(payload, block)
        (answer,) = await self._ask([("eth_simulateV1", [payload, block_parameter(block)])])
        if isinstance(answer, RpcRefused):
            raise answer
        return simulated_blocks(answer)

    async def stored(self) -> Mapping[Slot, int]:
        """The words of storage at the base. Raises RpcRefused where the node refused to read one."""
        if self._words is None:
            await self._ask([])
        return {slot: _word(answer) for slot, answer in zip(self._slots, self._words or (), strict=True)}

    async def _ask(self, first: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        at = block_parameter(self._base.hash)
        reads = [("eth_getStorageAt", [contract, slot, at]) for contract, slot in self._slots]
        newest, answers = await self._chain.newest_with([*first, *reads])
        if newest.hash != self._base.hash and not self._just_read:
            raise HeadMoved(newest)
        self._words = answers[len(first) :]
        return answers[: len(first)]


def _word(answer: Any) -> int:
    if isinstance(answer, RpcRefused):
        raise answer
    return quantity(answer)
