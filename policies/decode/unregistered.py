"""Dangers that have a name wherever they are called: an unlimited approval of a token outside the book is still one,
and so is what a contract outside the book is told to call, if it looks like a wrapper that we know.
"""

from __future__ import annotations

from functools import lru_cache

from ...wallets.call import selector
from ..effect import UNLIMITED_BASE_UNITS, Kind
from .accounts.contract_account import ERC7579_ACCOUNT, SIMPLE_ACCOUNT_0_6, SIMPLE_ACCOUNT_0_7, SIMPLE_ACCOUNT_0_8
from .accounts.entry_point import ENTRY_POINT_0_6, ENTRY_POINT_0_7
from .accounts.multicall3 import MULTICALL3, MULTISEND_CALL_ONLY
from .accounts.safe import SAFE
from .authority.timelock import ACCESS_MANAGER, COMPOUND_TIMELOCK, TIMELOCK
from .draft.abi import NotCanonical, decode
from .draft.draft import Draft, Frame
from .draft.function import Function

APPROVALS = ("approve(address,uint256)", "increaseAllowance(address,uint256)")


TRANSFER_FROM = "transferFrom(address,address,uint256)"
WRAPPERS = (
    *SAFE[:3],
    *MULTICALL3,
    *MULTISEND_CALL_ONLY,
    *ENTRY_POINT_0_6[:2],
    *ENTRY_POINT_0_7[:2],
    *SIMPLE_ACCOUNT_0_6[:2],
    *SIMPLE_ACCOUNT_0_7[1:2],
    *SIMPLE_ACCOUNT_0_8[1:2],
    *ERC7579_ACCOUNT,
    *TIMELOCK[:4],
    *COMPOUND_TIMELOCK,
    *ACCESS_MANAGER,
)
"""Functions that make the calls which they are given."""


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[bytes, str], dict[bytes, Function]]:
    return (
        {selector(signature): signature for signature in (*APPROVALS, TRANSFER_FROM)},
        {selector(function.signature): function for function in WRAPPERS},
    )


def name_danger(draft: Draft, frame: Frame, data: bytes, index: int) -> None:
    """Raise what is dangerous in the bytes beside the unknown effect at ``index``."""
    movers, wrappers = _tables()
    wrapper = wrappers.get(data[:4])
    signature = movers.get(data[:4]) if wrapper is None else wrapper.signature
    if signature is None:
        return
    try:
        arguments = decode(signature, data[4:])
    except NotCanonical:
        return
    if wrapper is not None:
        wrapper.decode(draft, frame._replace(value=0, trusted=False), arguments)
    elif signature == TRANSFER_FROM:
        _taken(draft, frame, arguments)
    elif arguments[1] >= UNLIMITED_BASE_UNITS:
        fields = {"asset": frame.target, "amount": arguments[1], "counterparty": arguments[0], "beside": index}
        draft.add(Kind.UNLIMITED_APPROVAL, frame, **fields)


def _taken(draft: Draft, frame: Frame, arguments: tuple[str, str, int]) -> None:
    """Somebody else takes of ours, of a token that the book lacks."""
    owner, to, amount = arguments
    if draft.root is not None and owner == draft.root.account:
        fields = {"asset": frame.target, "amount": amount, "counterparty": to, "on_behalf_of": owner}
        draft.add(Kind.PULL, frame, **fields)
