"""Which function a call runs: by the kind of its target in the book, and its selector."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from ...wallets.call import selector
from .accounts.contract_account import (
    BASE_ACCOUNT_0_8,
    ERC7579_ACCOUNT,
    ERC7821_ACCOUNT,
    SIMPLE_ACCOUNT_0_6,
    SIMPLE_ACCOUNT_0_7,
    SIMPLE_ACCOUNT_0_8,
)
from .accounts.entry_point import ENTRY_POINT_0_6, ENTRY_POINT_0_7, deposit
from .accounts.multicall3 import MULTICALL3, MULTISEND_CALL_ONLY
from .accounts.safe import SAFE
from .authority.authority import AUTHORITY
from .authority.governor import GOVERNOR
from .authority.timelock import ACCESS_MANAGER, COMPOUND_TIMELOCK, TIMELOCK
from .draft.draft import Draft, Frame
from .draft.function import Function
from .tokens.erc20 import DEBT_TOKEN, ERC20
from .tokens.erc4626 import ERC4626
from .tokens.nft import ERC721, ERC1155, SAFE_TRANSFERS
from .tokens.permit2 import PERMIT2
from .tokens.weth9 import WETH9, wrap
from .venues.aave_v3_gateway import AAVE_V3_GATEWAY
from .venues.aave_v3_pool import AAVE_V3_POOL
from .venues.ens import (
    ENS_CONTROLLER,
    ENS_NAME_WRAPPER,
    ENS_REGISTRAR,
    ENS_REGISTRY,
    ENS_RESOLVER,
    ENS_REVERSE_REGISTRAR,
)
from .venues.seaport import SEAPORT
from .venues.uniswap_v2_router import UNISWAP_V2_ROUTER
from .venues.uniswap_v3_positions import UNISWAP_V3_POSITIONS
from .venues.uniswap_v3_router import UNISWAP_V3_ROUTER
from .venues.uniswap_v3_swap_router import UNISWAP_V3_SWAP_ROUTER
from .venues.universal_router import UNIVERSAL_ROUTER

ACCOUNTS: dict[str, tuple[Function, ...]] = {
    "safe": SAFE,
    "simple-account-0.6": SIMPLE_ACCOUNT_0_6,
    "simple-account-0.7": SIMPLE_ACCOUNT_0_7,
    "simple-account-0.8": SIMPLE_ACCOUNT_0_8,
    "simple-7702-account": BASE_ACCOUNT_0_8,
    "erc7579-account": ERC7579_ACCOUNT,
    "erc7821-account": ERC7821_ACCOUNT,
}
"""Contract accounts: they make the calls that they are given."""

BY_KIND: dict[str, tuple[Function, ...]] = {
    "erc20": ERC20,
    "weth9": WETH9,
    "erc721": ERC721,
    "erc1155": ERC1155,
    "aave-v3-pool": AAVE_V3_POOL,
    "aave-v3-gateway": AAVE_V3_GATEWAY,
    "aave-v3-debt-token": DEBT_TOKEN,
    "erc4626": ERC4626,
    "governor": GOVERNOR,
    "permit2": PERMIT2,
    "uniswap-v2-router": UNISWAP_V2_ROUTER,
    "uniswap-v3-router": UNISWAP_V3_ROUTER,
    "uniswap-v3-swap-router": UNISWAP_V3_SWAP_ROUTER,
    "uniswap-v3-position-manager": UNISWAP_V3_POSITIONS,
    "universal-router": UNIVERSAL_ROUTER,
    "seaport": SEAPORT,
    "ens-registry": ENS_REGISTRY,
    "ens-resolver": ENS_RESOLVER,
    "ens-registrar": ENS_REGISTRAR,
    "ens-controller": ENS_CONTROLLER,
    "ens-reverse-registrar": ENS_REVERSE_REGISTRAR,
    "ens-name-wrapper": ENS_NAME_WRAPPER,
    **ACCOUNTS,
    "entry-point-0.6": ENTRY_POINT_0_6,
    "entry-point-0.7": ENTRY_POINT_0_7,
    "entry-point-0.8": ENTRY_POINT_0_7,
    "multicall3": MULTICALL3,
    "safe-multisend-call-only": MULTISEND_CALL_ONLY,
    "timelock-controller": TIMELOCK,
    "compound-timelock": COMPOUND_TIMELOCK,
    "access-manager": ACCESS_MANAGER,
}
"""The functions that we can read, by the kind of token or venue in the book."""

KEEPS_PLAIN_VALUE = frozenset({"governor", "timelock-controller", "compound-timelock", *ACCOUNTS})
"""Kinds whose receive function keeps value for whoever controls the contract."""


def _deposit_own(draft: Draft, frame: Frame) -> None:
    deposit(draft, frame, draft.account)


RECEIVES: dict[str, Callable[[Draft, Frame], None]] = {
    "weth9": wrap,
    **{f"entry-point-{version}": _deposit_own for version in ("0.6", "0.7", "0.8")},
}
"""What a call without data does, by kind, where it is more than a transfer of its value."""

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
