"""The devnet's Uniswap pools, v2 and v3, moved by real swaps to where the feeds say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from .deploy.deployer import ADMIN, NO_ADDRESS
from .deploy.prices import sqrt_price_x96, v2_input
from .rpc import Rpc

ENDLESS = 2**254
"""More than any pool takes: the price limit ends a swap, not the amount."""

TOUCH_PART = 20_000
"""A refresh moves a v3 pool's root by this part and back, so that it writes an observation."""

DUST_PART = 1_000_000
"""A v2 pair nearer to its price than this part of its reserves is left alone: so small a swap may pay nothing."""

NO_DEADLINE = 2**64
SWAP_V3 = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
SWAP_V2 = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
SLOT0 = "(uint160,int24,uint16,uint16,uint16,uint8,bool)"


@dataclass(frozen=True)
class Pool:
    """A pool of two tokens, by label in the order of their addresses; a fee of None means Uniswap v2."""

    address: str
    token0: str
    token1: str
    fee: int | None


class Markets:
    """All pools between tokens of the registry."""

    def __init__(self, rpc: Rpc, registry: Mapping[str, Any]) -> None:
        self._rpc = rpc
        self._tokens: Mapping[str, Mapping[str, Any]] = registry["tokens"]
        self._v2: Mapping[str, Any] = registry["venues"]["uniswap-v2"]
        self._v3: Mapping[str, Any] = registry["venues"]["uniswap-v3"]
        self._pools: tuple[Pool, ...] | None = None

    def align(self, label: str | None = None) -> None:
        """Swap in each pool (of one token, or all) until it trades at what the feeds say."""
        for pool in self.pools():
            if label not in {None, pool.token0, pool.token1}:
                continue
            if pool.fee is None:
                self._align_v2(pool)
            else:
                self._move_v3(pool, self._fair_root(pool))

    def touch(self) -> None:
        """Align every pool, and make each v3 pool write an observation at the newest block's time."""
        for pool in self.pools():
            if pool.fee is not None:
                fair = self._fair_root(pool)
                self._move_v3(pool, fair + fair // TOUCH_PART)
        self.align()

    def pools(self) -> tuple[Pool, ...]:
        """Found once, by asking the factories for every pair of tokens."""
        if self._pools is None:
            labels = sorted(self._tokens, key=lambda label: int(self._tokens[label]["address"], 16))
            fees = (None, *self._v3["fee_tiers"])
            asked = (self._find(one, other, fee) for one, other in combinations(labels, 2) for fee in fees)
            self._pools = tuple(pool for pool in asked if pool.address != NO_ADDRESS)
        return self._pools

    def answer(self, label: str) -> int:
        """The feed's answer for one whole token, in US dollars with the feed's decimals."""
        found: int = self._rpc.call(self._tokens[label]["feed"], "latestAnswer()", returns="(int256)")
        return found

    def _find(self, one: str, other: str, fee: int | None) -> Pool:
        pair = (self._tokens[one]["address"], self._tokens[other]["address"])
        if fee is None:
            address = self._rpc.call(self._v2["factory"], "getPair(address,address)", *pair, returns="(address)")
        else:
            signature = "getPool(address,address,uint24)"
            address = self._rpc.call(self._v3["factory"], signature, *pair, fee, returns="(address)")
        return Pool(address, one, other, fee)

    def _fair_root(self, pool: Pool) -> int:
        one, other = self._tokens[pool.token0], self._tokens[pool.token1]
        return sqrt_price_x96(self.answer(pool.token0), one["decimals"], self.answer(pool.token1), other["decimals"])

    def _move_v3(self, pool: Pool, target_x96: int) -> None:
        price_x96 = self._rpc.call(pool.address, "slot0()", returns=SLOT0)[0]
        if price_x96 == target_x96:
            return
        sold, bought = (pool.token0, pool.token1) if target_x96 < price_x96 else (pool.token1, pool.token0)
        path = (self._tokens[sold]["address"], self._tokens[bought]["address"])
        self._rpc.send(ADMIN, self._v3["address"], SWAP_V3, (*path, pool.fee, ADMIN, ENDLESS, 0, target_x96))

    def _align_v2(self, pool: Pool) -> None:
        reserve0, reserve1, _ = self._rpc.call(pool.address, "getReserves()", returns="(uint112,uint112,uint32)")
        worth0 = self.answer(pool.token0) * 10 ** self._tokens[pool.token1]["decimals"]
        worth1 = self.answer(pool.token1) * 10 ** self._tokens[pool.token0]["decimals"]
        for sold, bought, reserves, worths in (
            (pool.token0, pool.token1, (reserve0, reserve1), (worth0, worth1)),
            (pool.token1, pool.token0, (reserve1, reserve0), (worth1, worth0)),
        ):
            amount = v2_input(*reserves, *worths)
            if amount > reserves[0] // DUST_PART:
                path = [self._tokens[sold]["address"], self._tokens[bought]["address"]]
                self._rpc.send(ADMIN, self._v2["address"], SWAP_V2, amount, 0, path, ADMIN, NO_DEADLINE)
                return
