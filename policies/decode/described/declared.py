"""Functions of people's own contracts: decoded by what the signed book declares of them."""

from __future__ import annotations

from typing import Any

from ....wallets.values import NATIVE
from ...book.declared import Declared
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..unregistered import name_danger
from .described import described_words


def decode_declared(draft: Draft, frame: Frame, declared: Declared, arguments: tuple[Any, ...], data: bytes) -> None:
    """Add the declared effect. What only an ABI file names is unknown: a name says nothing of what the code does."""
    described = declared.described
    words = declared.signature if described is None else described_words(draft, frame, described, arguments)
    if declared.kind is Kind.UNKNOWN:
        what = (
            f"what {declared.signature} of {frame.target} does: its ABI names it, the book does not say; "
            "declare it under functions"
        )
        sent = {"asset": NATIVE, "amount": frame.value, "counterparty": frame.target} if frame.value else {}
        index = draft.unknown(what, frame, note=words, **sent)
        name_danger(draft, frame, data, index)
        return
    if frame.value and declared.payable:
        draft.transfer(frame, NATIVE, frame.value, frame.target, note=f"paid to {declared.signature}")
    if declared.kind is Kind.CALL:
        draft.add(Kind.CALL, frame, note=words)
        return
    if declared.asset is None:
        draft.unknown(f"which asset {declared.signature} of {frame.target} moves: it is no token of the book", frame)
        return
    assert declared.amount is not None
    assert declared.to is not None
    amount, to = int(arguments[declared.amount]), str(arguments[declared.to]).lower()
    draft.transfer(frame, declared.asset, amount, to, note=words)
