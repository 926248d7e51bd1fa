"""Functions of people's own contracts: decoded by what the signed book declares of them."""

from __future__ import annotations

from typing import Any

from ..effect import Kind
from ..language.declared import Declared
from .described import decode_described
from .draft import Draft, Frame


def decode_declared(draft: Draft, frame: Frame, declared: Declared, arguments: tuple[Any, ...]) -> None:
    """Add the declared effect."""
    if declared.described is not None:
        decode_described(draft, frame, declared.described, arguments)
        return
    if declared.kind is Kind.CALL:
        draft.add(Kind.CALL, frame, note=declared.signature)
        return
    if declared.asset is None:
        draft.unknown(f"which asset {declared.signature} of {frame.target} moves: it is no token of the book", frame)
        return
    assert declared.amount is not None
    assert declared.to is not None
    amount, to = int(arguments[declared.amount]), str(arguments[declared.to]).lower()
    draft.transfer(frame, declared.asset, amount, to, note=declared.signature)
