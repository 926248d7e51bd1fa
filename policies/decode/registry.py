"""Which function a call runs: by the kind of its target in the book, and its selector."""

from __future__ import annotations

from functools import lru_cache

from ...wallets.call import selector
from .aave_v3_pool import AAVE_V3_POOL
from .authority import AUTHORITY
from .erc20 import DEBT_TOKEN, ERC20
from .function import Function
from .governor import GOVERNOR
from .nft import ERC721, ERC1155, SAFE_TRANSFERS
from .permit2 import PERMIT2
from .uniswap_v2_router import UNISWAP_V2_ROUTER
from .uniswap_v3_router import UNISWAP_V3_ROUTER
from .weth9 import WETH9

BY_KIND: dict[str, tuple[Function, ...]] = {
    "erc20": ERC20,
    "weth9": WETH9,
    "erc721": ERC721,
    "erc1155": ERC1155,
    "aave-v3-pool": AAVE_V3_POOL,
    "aave-v3-debt-token": DEBT_TOKEN,
    "governor": GOVERNOR,
    "permit2": PERMIT2,
    "uniswap-v2-router": UNISWAP_V2_ROUTER,
    "uniswap-v3-router": UNISWAP_V3_ROUTER,
}
"""The functions that we can read, by the kind of token or venue in the book."""

ANYWHERE = (*AUTHORITY, *SAFE_TRANSFERS)
"""Functions that are named by what they hand over, on whatever contract they are called."""


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[tuple[str, bytes], Function], dict[bytes, Function]]:
    by_kind = {
        (kind, selector(function.signature)): function for kind, functions in BY_KIND.items() for function in functions
    }
    return by_kind, {selector(function.signature): function for function in ANYWHERE}


def function_of(kinds: tuple[str, ...], called: bytes) -> Function | None:
    """The function with this selector on a target of these kinds; None where nobody knows it."""
    by_kind, anywhere = _tables()
    for kind in kinds:
        function = by_kind.get((kind, called))
        if function is not None:
            return function
    return anywhere.get(called)
