"""Selectors that mean something wherever they are called: no book can declare them to be something else."""

from __future__ import annotations

from functools import lru_cache

from ...wallets.call import selector
from .registry import ACCOUNTS, ANYWHERE, BY_KIND
from .tokens.permit2 import PERMIT2
from .unregistered import WRAPPERS

BATCHES = ("multicall(bytes[])", "multicall(uint256,bytes[])", "multicall(bytes32,bytes[])")
"""Calls of a contract to itself: what they do is what is inside (Uniswap's routers, OpenZeppelin's Multicall)."""
TOKENS = ("erc20", "erc721", "erc1155", "aave-v3-debt-token")


def spoken_for(called: bytes) -> str | None:
    """The token's, permit's, authority's or wrapper's function with this selector, or None."""
    return _table().get(called)


@lru_cache(maxsize=1)
def _table() -> dict[bytes, str]:
    functions = [*ANYWHERE, *PERMIT2, *WRAPPERS]
    functions += [function for kind in TOKENS for function in BY_KIND[kind]]
    functions += [function for functions in ACCOUNTS.values() for function in functions]
    return {selector(signature): signature for signature in (*BATCHES, *(one.signature for one in functions))}
