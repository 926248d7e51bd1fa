"""Uniswap's SwapRouter02 (swap-router-contracts, ISwapRouter02): v3 and v2 swaps, payments, and multicalls of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ....wallets.call import selector
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from .router_balance import RouterBalance
from .router_payments import PAYMENTS
from .router_swaps import ROUTER, SENDER, SWAPS
from .router_unbounded import UNBOUNDED

MULTICALL = "multicall(bytes[])"
MULTICALL_DEADLINE = "multicall(uint256,bytes[])"
MULTICALL_BLOCK = "multicall(bytes32,bytes[])"
MULTICALLS = (MULTICALL, MULTICALL_DEADLINE, MULTICALL_BLOCK)
DEEPEST_MULTICALL = 4
"""Multicalls nest on the chain without a bound; nobody honest goes deeper than two."""

Step = Callable[[RouterBalance, tuple[Any, ...]], None]
STEPS: dict[str, Step] = {**SWAPS, **PAYMENTS, **UNBOUNDED}


@lru_cache(maxsize=1)
def _by_selector() -> dict[bytes, str]:
    return {selector(signature): signature for signature in (*STEPS, *MULTICALLS)}


def _run(balance: RouterBalance, signature: str, arguments: tuple[Any, ...], depth: int) -> None:
    """One function of the router on the balance that earlier ones of the same top-level call left."""
    step = STEPS.get(signature)
    if step is not None:
        step(balance, arguments)
        return
    if depth > DEEPEST_MULTICALL:
        balance.draft.unknown(f"what a multicall nested {depth} deep does", balance.frame)
        return
    outer = balance.deadline
    if signature == MULTICALL_DEADLINE:
        balance.deadline = arguments[0] if outer is None else min(outer, arguments[0])
    for data in arguments[-1]:
        _inner(balance, data, depth)
    balance.deadline = outer


def _inner(balance: RouterBalance, data: bytes, depth: int) -> None:
    found = balance.read(data, _by_selector())
    if found is not None:
        _run(balance, *found, depth + 1)


def _top(signature: str) -> Callable[[Draft, Frame, tuple[Any, ...]], None]:
    def run(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        balance = RouterBalance(draft, frame, frame.value, shorthands={SENDER: draft.account, ROUTER: frame.target})
        _run(balance, signature, arguments, 0)
        balance.close()

    return run


UNISWAP_V3_ROUTER = tuple(Function(signature, _top(signature), payable=True) for signature in (*STEPS, *MULTICALLS))
