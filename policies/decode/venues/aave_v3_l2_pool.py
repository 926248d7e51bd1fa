"""Aave v3's L2Pool (aave-v3-core, L2Pool.sol): its packed calls name an asset by a number of the chain.

The plain functions of the pool stand beside them on the same contract.
"""

from __future__ import annotations

from typing import Any

from ..draft.draft import Draft, Frame
from ..draft.function import Function


def _packed(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    words = "which asset a packed call of the L2 pool is about: its number stands in the chain alone, use the plain one"
    draft.unknown(words, frame)


PACKED_CALLS = tuple(
    Function(f"{name}({','.join(['bytes32'] * count)})", _packed)
    for name, count in (
        ("supply", 1),
        ("supplyWithPermit", 3),
        ("withdraw", 1),
        ("borrow", 1),
        ("repay", 1),
        ("repayWithPermit", 3),
        ("repayWithATokens", 1),
        ("swapBorrowRateMode", 1),
        ("rebalanceStableBorrowRate", 1),
        ("setUserUseReserveAsCollateral", 1),
        ("liquidationCall", 2),
    )
)
