"""derive_effects: one proposal in, the ordered effects that it has at its worst case out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...wallets.call import Call, Operation
from ...wallets.values import NATIVE
from ..effect import Effect, Kind
from ..proposal import Proposal
from .abi import NotCanonical, decode
from .book_view import BookView
from .declared import decode_declared
from .draft import Draft, Frame
from .function import Function
from .multisend import unwrapped_multisend
from .registry import BY_KIND, function_of
from .settlement import settled_approvals
from .typed_data import derive_typed_data
from .unregistered import name_danger
from .weth9 import wrap

TAKES_NO_PLAIN_VALUE = frozenset(BY_KIND) - {"weth9", "governor"}
"""Kinds whose contracts have no receive function that keeps value for its sender."""
NOTHING: Mapping[str, int] = {}


def derive_effects(
    proposal: Proposal,
    book: BookView,
    *,
    total_supplies: Mapping[str, int] = NOTHING,
    allowances: Mapping[str, int] = NOTHING,
    static: bool = True,
) -> tuple[Effect, ...]:
    """Effects of ``proposal`` in order: outflows at most, inflows at least, as its bytes bound them. Never raises.

    ``total_supplies``: base units by token; ``allowances``: base units by ``token:spender``, where known;
    ``static``: no chain was read, and what is unknown for that says so.
    """
    draft = Draft(proposal.account, proposal.chain_id, book, total_supplies, allowances, static)
    for authorization in proposal.authorizations:
        _authorization(draft, authorization.chain_id, authorization.address)
    for number, call in enumerate(proposal.calls):
        _call(draft, number, call)
    if proposal.typed_data is not None:
        derive_typed_data(draft, proposal.typed_data)
        if proposal.calls or proposal.authorizations:
            draft.unknown("which to sign: a proposal is calls or typed data, and this one is two things to sign")
    return draft.finished(settled_approvals(draft.movements))


def _authorization(draft: Draft, chain_id: int, code: str) -> None:
    """EIP-7702: the account would run the code at ``code``."""
    index = draft.add(Kind.SET_CODE, target=code, counterparty=code)
    if chain_id != draft.chain_id:
        where = "every chain" if chain_id == 0 else f"chain {chain_id}"
        draft.unknown(
            f"what the authorization does on {where}: the proposal is for chain {draft.chain_id}", beside=index
        )


def _call(draft: Draft, number: int, call: Call) -> None:
    if call.to is None:
        draft.add(Kind.CONTRACT_CREATION, call=number, asset=NATIVE, amount=call.value)
        return
    frame = Frame(number, call.to, call.value)
    if call.operation == Operation.DELEGATECALL:
        _delegatecall(draft, frame, call)
    else:
        _plain(draft, frame, call)


def _delegatecall(draft: Draft, frame: Frame, call: Call) -> None:
    """Foreign code as ours: named, unless it is a MultiSend of our own Safe, which is the calls that it makes."""
    try:
        inner_calls = unwrapped_multisend(call, draft.account, draft.chain_id, draft.book)
    except NotCanonical as fault:
        draft.unknown(f"what the calls packed for {frame.target} are: {fault}", frame)
        inner_calls = None
    if inner_calls is None:
        draft.add(Kind.DELEGATECALL, frame, asset=NATIVE, amount=frame.value, counterparty=frame.target)
        return
    if not inner_calls:
        draft.add(Kind.CALL, frame, note="a MultiSend of nothing")
    for inner in inner_calls:
        inner_frame = Frame(frame.call, inner.to or frame.target, inner.value)
        if inner.operation == Operation.DELEGATECALL:
            draft.add(Kind.DELEGATECALL, inner_frame, asset=NATIVE, amount=inner.value, counterparty=inner.to)
        else:
            _plain(draft, inner_frame, inner)


def _plain(draft: Draft, frame: Frame, call: Call) -> None:
    if not call.data:
        _native(draft, frame)
    elif len(call.data) < 4:
        draft.unknown(
            f"what {frame.target} does with {len(call.data)} bytes, too few for a selector", frame, **_sent(frame)
        )
    else:
        _function(draft, frame, call.data)


def _native(draft: Draft, frame: Frame) -> None:
    """A call without data: native coin sent, or code run for nothing."""
    if draft.is_weth(frame.target):
        wrap(draft, frame)
    elif frame.value == 0:
        draft.unknown(f"what the code of {frame.target} does in a call without value and data", frame)
    elif TAKES_NO_PLAIN_VALUE.intersection(_kinds(draft, frame.target)):
        draft.stray_value(frame, f"{frame.target} without data")
    else:
        draft.transfer(frame, NATIVE, frame.value, frame.target)


def _function(draft: Draft, frame: Frame, data: bytes) -> None:
    called = data[:4]
    kinds = _kinds(draft, frame.target)
    function = function_of(kinds, called)
    if function is None:
        function = _declared(draft, frame, called)
    if function is None:
        if kinds or draft.book.knows(frame.target, draft.chain_id):
            words = f"selector 0x{called.hex()} of {frame.target} in the book"
        else:
            words = f"selector 0x{called.hex()} of {frame.target}, a contract that is not in the book"
        index = draft.unknown(words, frame, **_sent(frame))
        name_danger(draft, frame, data, index)
        return
    try:
        arguments = decode(function.signature, data[4:])
    except NotCanonical as fault:
        words = f"what the calldata of {function.signature} means to {frame.target}: it is not canonical, {fault}"
        draft.unknown(words, frame, **_sent(frame))
        return
    if frame.value and not function.payable:
        draft.stray_value(frame, function.signature)
    before = len(draft.effects)
    function.decode(draft, frame, arguments)
    if len(draft.effects) == before:
        draft.add(Kind.CALL, frame, note=f"{function.signature} that moves nothing")


def _declared(draft: Draft, frame: Frame, called: bytes) -> Function | None:
    """A function of somebody's own contract, as the book declares it."""
    declared = draft.book.declared(frame.target, draft.chain_id, called)
    if declared is None:
        return None

    def decode_it(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        decode_declared(draft, frame, declared, arguments)

    return Function(declared.signature, decode_it)


def _kinds(draft: Draft, address: str) -> tuple[str, ...]:
    """The kinds under which the book names this address as a token or a venue."""
    token = draft.book.token(address, draft.chain_id)
    venue = draft.book.venue(address, draft.chain_id)
    return tuple(entry.kind for entry in (token, venue) if entry is not None)


def _sent(frame: Frame) -> dict[str, object]:
    """What an unknown call takes along."""
    return {"asset": NATIVE, "amount": frame.value, "counterparty": frame.target} if frame.value else {}
