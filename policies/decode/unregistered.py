"""Dangers that have a name wherever they are called: an unlimited approval of a token outside the book is still one."""

from __future__ import annotations

from functools import lru_cache

from ...wallets.call import selector
from ..effect import Kind
from .abi import NotCanonical, decode
from .draft import UNLIMITED_BASE_UNITS, Draft, Frame

APPROVALS = ("approve(address,uint256)", "increaseAllowance(address,uint256)")


@lru_cache(maxsize=1)
def _approvals() -> dict[bytes, str]:
    return {selector(signature): signature for signature in APPROVALS}


def name_danger(draft: Draft, frame: Frame, data: bytes, index: int) -> None:
    """Raise ``unlimited_approval`` beside the unknown effect at ``index`` where the bytes ask for one."""
    signature = _approvals().get(data[:4])
    if signature is None:
        return
    try:
        spender, amount = decode(signature, data[4:])
    except NotCanonical:
        return
    if amount >= UNLIMITED_BASE_UNITS:
        draft.add(Kind.UNLIMITED_APPROVAL, frame, asset=frame.target, amount=amount, counterparty=spender, beside=index)
