"""What one call is before its function is known, and which function it runs: the same at the top and at every depth."""

from __future__ import annotations

from typing import Any

from ...wallets.call import Call, Operation
from ...wallets.values import NATIVE
from ..effect import Kind
from .accounts.multisend import unwrapped_multisend
from .described.declared import decode_declared
from .draft.abi import NotCanonical, decode
from .draft.draft import Draft, Frame
from .draft.function import Function
from .registry import BY_KIND, KEEPS_PLAIN_VALUE, RECEIVES, function_of
from .unregistered import name_danger

TAKES_NO_PLAIN_VALUE = frozenset(BY_KIND) - KEEPS_PLAIN_VALUE
"""Kinds whose contracts have no receive function that keeps value for its sender."""


def decode_call(draft: Draft, frame: Frame, call: Call) -> None:
    """Append the effects of ``call``, which ``frame`` places. Never raises."""
    if call.to is None:
        draft.visit(frame, call)
        draft.add(
            Kind.CONTRACT_CREATION, frame, target=None, asset=NATIVE, amount=call.value, note="creates a contract"
        )
    elif call.operation == Operation.DELEGATECALL:
        _delegatecall(draft, frame, call)
    elif not call.data:
        draft.visit(frame, call)
        _native(draft, frame)
    elif len(call.data) < 4:
        words = f"what {frame.target} does with {len(call.data)} bytes, too few for a selector"
        draft.visit(frame, call, note="too short for a selector")
        draft.unknown(words, frame, **_sent(frame))
    else:
        _function(draft, frame, call)


def _delegatecall(draft: Draft, frame: Frame, call: Call) -> None:
    """Foreign code as ours: named, unless it is a MultiSend of our own Safe, which is the calls that it makes."""
    try:
        inner_calls = unwrapped_multisend(call, draft.account, draft.chain_id, draft.book)
    except NotCanonical as fault:
        draft.unknown(f"what the calls packed for {frame.target} are: {fault}", frame)
        inner_calls = None
    if inner_calls is None:
        draft.visit(frame, call, note="delegatecall: runs this code as the account's own")
        draft.add(Kind.DELEGATECALL, frame, asset=NATIVE, amount=frame.value, counterparty=frame.target)
        return
    draft.visit(frame, call, "multiSend(bytes)", note=f"MultiSend of {len(inner_calls)} calls")
    if not inner_calls:
        draft.add(Kind.CALL, frame, note="a MultiSend of nothing")
    draft.descend(frame, inner_calls, sender=frame.sender)


def _native(draft: Draft, frame: Frame) -> None:
    """A call without data: native coin sent, or code run for nothing."""
    kinds = _kinds(draft, frame.target)
    receive = next((RECEIVES[kind] for kind in kinds if kind in RECEIVES), None)
    if receive is not None:
        receive(draft, frame)
    elif frame.value == 0:
        draft.unknown(f"what the code of {frame.target} does in a call without value and data", frame)
    elif TAKES_NO_PLAIN_VALUE.intersection(kinds):
        draft.stray_value(frame, f"{frame.target} without data")
    else:
        draft.transfer(frame, NATIVE, frame.value, frame.target)


def _function(draft: Draft, frame: Frame, call: Call) -> None:
    data = call.data
    called = data[:4]
    kinds = _kinds(draft, frame.target)
    function = function_of(kinds, called)
    if function is None:
        function = _declared(draft, frame, data)
    if function is None:
        if kinds or draft.book.knows(frame.target, draft.chain_id):
            words = f"selector 0x{called.hex()} of {frame.target} in the book"
        else:
            words = f"selector 0x{called.hex()} of {frame.target}, a contract that is not in the book"
        draft.visit(frame, call)
        index = draft.unknown(words, frame, **_sent(frame))
        name_danger(draft, frame, data, index)
        return
    try:
        arguments = decode(function.signature, data[4:])
    except NotCanonical as fault:
        words = f"what the calldata of {function.signature} means to {frame.target}: it is not canonical, {fault}"
        draft.visit(frame, call, function.signature, note="not canonical")
        draft.unknown(words, frame, **_sent(frame))
        return
    if draft.nodes is not None:
        draft.visit(frame, call, function.signature, arguments)
    if frame.value and not function.payable:
        draft.stray_value(frame, function.signature)
    before = len(draft.effects)
    function.decode(draft, frame, arguments)
    if len(draft.effects) == before:
        draft.add(Kind.CALL, frame, note=f"{function.signature} that moves nothing")


def _declared(draft: Draft, frame: Frame, data: bytes) -> Function | None:
    """A function of somebody's own contract, as the book declares it, or as its ABI file names it."""
    declared = draft.book.declared(frame.target, draft.chain_id, data[:4])
    if declared is None:
        return None

    def decode_it(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        decode_declared(draft, frame, declared, arguments, data)

    return Function(declared.signature, decode_it, declared.payable or declared.kind is Kind.UNKNOWN)


def _kinds(draft: Draft, address: str) -> tuple[str, ...]:
    """The kinds under which the book names this address as a token or a venue."""
    token = draft.book.token(address, draft.chain_id)
    venue = draft.book.venue(address, draft.chain_id)
    if venue is None:
        return () if token is None else (token.kind,)
    return (venue.kind,) if token is None else (token.kind, venue.kind)


def _sent(frame: Frame) -> dict[str, object]:
    """What an unknown call takes along."""
    return {"asset": NATIVE, "amount": frame.value, "counterparty": frame.target} if frame.value else {}
