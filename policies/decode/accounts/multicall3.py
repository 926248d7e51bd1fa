"""Multicall3 (mds1/multicall, Multicall3.sol) and MultiSendCallOnly when it is called: each is the sender of its calls.

What they make is theirs and not ours, so it is unknown, with its dangers named; anybody takes what they are left with.
"""

from __future__ import annotations

from typing import Any

from ....wallets.call import Call, Operation
from ....wallets.values import NATIVE
from ..draft.abi import NotCanonical
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from .multisend import SIGNATURE, unpack


def _make(draft: Draft, frame: Frame, calls: list[Call], *, may_fail: bool) -> None:
    draft.descend(frame, calls, sender=frame.target, may_fail=may_fail)
    kept = frame.value - sum(call.value for call in calls)
    if kept > 0:
        draft.left_behind(frame, NATIVE, kept, exact=True)


def _aggregate(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _make(draft, frame, [Call(to=target, data=data) for target, data in arguments[0]], may_fail=False)


def _try_aggregate(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    must_succeed, calls = arguments
    _make(draft, frame, [Call(to=target, data=data) for target, data in calls], may_fail=not must_succeed)


def _aggregate3(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _make(draft, frame, [Call(to=target, data=data) for target, _, data in arguments[0]], may_fail=True)


def _aggregate3_value(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    calls = [Call(to=target, value=value, data=data) for target, _, value, data in arguments[0]]
    _make(draft, frame, calls, may_fail=True)


def _multisend(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    try:
        calls = [call.model_copy(update={"operation": Operation.CALL}) for call in unpack(arguments[0])]
    except NotCanonical as fault:
        draft.unknown(f"what the calls packed for {frame.target} are: {fault}", frame)
        return
    _make(draft, frame, calls, may_fail=False)


CALLS = "(address,bytes)[]"
MULTICALL3 = (
    Function(f"aggregate({CALLS})", _aggregate, payable=True),
    Function(f"blockAndAggregate({CALLS})", _aggregate, payable=True),
    Function(f"tryAggregate(bool,{CALLS})", _try_aggregate, payable=True),
    Function(f"tryBlockAndAggregate(bool,{CALLS})", _try_aggregate, payable=True),
    Function("aggregate3((address,bool,bytes)[])", _aggregate3, payable=True),
    Function("aggregate3Value((address,bool,uint256,bytes)[])", _aggregate3_value, payable=True),
)
MULTISEND_CALL_ONLY = (Function(SIGNATURE, _multisend, payable=True),)
