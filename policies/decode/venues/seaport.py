"""Seaport by call (seaport 1.5 and 1.6, SeaportInterface.sol): cancelling is a call, fulfilling is unknown.

What an order takes depends on its conduit, its zone, its tips and the time at which it lands, and whether we are the
offerer or pay for another: offers of our own are judged as signatures, where all of that is told.
"""

from __future__ import annotations

from typing import Any

from ..draft.draft import Draft, Frame
from ..draft.function import Function

_OFFER = "(uint8,address,uint256,uint256,uint256)[]"
_CONSIDERATION = "(uint8,address,uint256,uint256,uint256,address)[]"
_COMPONENTS = f"(address,address,{_OFFER},{_CONSIDERATION},uint8,uint256,uint256,bytes32,uint256,bytes32,uint256)"
"""Order parameters and components have the same shape: the last number is the counter of the one and the count of the
original consideration items of the other."""
_ORDER = f"({_COMPONENTS},bytes)"
_ADVANCED = f"({_COMPONENTS},uint120,uint120,bytes,bytes)"
_RESOLVERS = "(uint256,uint8,uint256,uint256,bytes32[])[]"
_PARTS = "(uint256,uint256)[]"
_FULFILLMENTS = f"({_PARTS},{_PARTS})[]"
_BASIC = (
    "(address,uint256,uint256,address,address,address,uint256,uint256,uint8,uint256,uint256,bytes32,uint256,bytes32,"
    "bytes32,uint256,(uint256,address)[],bytes)"
)


def _cancels(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    """Moves nothing: a plain call."""


def _unbounded(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    draft.keep_value(frame)
    draft.unknown("what the orders take and bring: their conduits, zones and tips decide", frame)


SEAPORT = (
    Function(f"cancel({_COMPONENTS}[])", _cancels),
    Function("incrementCounter()", _cancels),
    Function(f"fulfillBasicOrder({_BASIC})", _unbounded, payable=True),
    Function(f"fulfillBasicOrder_efficient_6GL6yc({_BASIC})", _unbounded, payable=True),
    Function(f"fulfillOrder({_ORDER},bytes32)", _unbounded, payable=True),
    Function(f"fulfillAdvancedOrder({_ADVANCED},{_RESOLVERS},bytes32,address)", _unbounded, payable=True),
    Function(f"fulfillAvailableOrders({_ORDER}[],{_PARTS}[],{_PARTS}[],bytes32,uint256)", _unbounded, payable=True),
    Function(
        f"fulfillAvailableAdvancedOrders({_ADVANCED}[],{_RESOLVERS},{_PARTS}[],{_PARTS}[],bytes32,address,uint256)",
        _unbounded,
        payable=True,
    ),
    Function(f"matchOrders({_ORDER}[],{_FULFILLMENTS})", _unbounded, payable=True),
    Function(f"matchAdvancedOrders({_ADVANCED}[],{_RESOLVERS},{_FULFILLMENTS},address)", _unbounded, payable=True),
    Function(f"validate({_ORDER}[])", _unbounded),
)
"""Validating an order of ours is as good as signing it."""
