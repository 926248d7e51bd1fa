"""Timelocks (OpenZeppelin TimelockController, AccessManager, Compound Timelock): the senders of what they make."""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak

from ....wallets.call import Call
from ..draft.draft import Draft, Frame
from ..draft.function import Function


def _one(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.keep_value(frame)
    target, value, data = arguments[:3]
    draft.descend(frame, (Call(to=target, value=value, data=data),), sender=frame.target)


def _batch(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.keep_value(frame)
    targets, values, datas = arguments[:3]
    if not len(targets) == len(values) == len(datas):
        draft.unknown(f"what {frame.target} does with lists of different lengths", frame)
        return
    calls = [Call(to=to, value=value, data=data) for to, value, data in zip(targets, values, datas, strict=True)]
    draft.descend(frame, calls, sender=frame.target)


def _compound(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """The signature is text, and its selector goes before the data unless it is empty."""
    draft.keep_value(frame)
    target, value, signature, data = arguments[:4]
    if signature:
        data = bytes(keccak(signature))[:4] + data  # of the bytes as they are, spaces and all
    draft.descend(frame, (Call(to=target, value=value, data=data),), sender=frame.target)


def _managed(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.keep_value(frame)
    target, data = arguments[:2]
    draft.descend(frame, (Call(to=target, data=data),), sender=frame.target)


def _cancel(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    """Moves nothing: a plain call."""


_LISTS = "address[],uint256[],bytes[],bytes32,bytes32"
TIMELOCK = (
    Function("schedule(address,uint256,bytes,bytes32,bytes32,uint256)", _one),
    Function("execute(address,uint256,bytes,bytes32,bytes32)", _one, payable=True),
    Function(f"scheduleBatch({_LISTS},uint256)", _batch),
    Function(f"executeBatch({_LISTS})", _batch, payable=True),
    Function("cancel(bytes32)", _cancel),
)
COMPOUND_TIMELOCK = tuple(
    Function(f"{name}(address,uint256,string,bytes,uint256)", _compound, payable=name == "executeTransaction")
    for name in ("queueTransaction", "executeTransaction")
)
ACCESS_MANAGER = (
    Function("schedule(address,bytes,uint48)", _managed),
    Function("execute(address,bytes)", _managed, payable=True),
)
