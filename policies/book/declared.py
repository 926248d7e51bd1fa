"""Declarations: what functions of people's own contracts do, written by them into the book and signed with it.

The guard never imports a tool's code: a tool's contract becomes readable to it by these lines. Simulation still denies
whatever leaves beyond them, and away from a devnet the contract's code hash is pinned.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from eth_abi import is_encodable_type
from eth_abi.exceptions import ABITypeError, ParseError
from eth_abi.grammar import normalize
from pydantic import Field, model_validator

from ...wallets.call import argument_types, selector
from ..documents.yaml_document import Written
from ..effect import Kind
from .abis import Described

Position = Annotated[int, Field(ge=0, le=31, strict=True)]
_SIGNATURE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*[(][a-z0-9,()\[\]]*[)]")


class Declaration(Written):
    """``call``: moves nothing of ours. ``transfer``: so much of ``asset`` leaves to somebody; arguments by position."""

    effect: Literal["call", "transfer"] = "call"
    asset: str | None = None
    amount: Position | None = None
    to: Position | None = None

    @model_validator(mode="after")
    def _complete(self) -> Declaration:
        given = [part is not None for part in (self.asset, self.amount, self.to)]
        if any(given) != (self.effect == "transfer") or any(given) != all(given):
            raise ValueError("a transfer has asset, amount and to; a call has none of them")
        return self


@dataclass(frozen=True)
class Declared:
    """One declaration with its asset's address; None where the book has no token of that label on the chain.

    ``described``: the words that the venue's ABI file has for it. ``kind`` is unknown where only that file knows it.
    """

    signature: str
    kind: Kind
    asset: str | None
    amount: int | None
    to: int | None
    payable: bool = False
    described: Described | None = None

    @classmethod
    def of(cls, described: Described) -> Self:
        """A function that only an ABI file knows: it has a name, and nobody signed what it does."""
        return cls(described.signature, Kind.UNKNOWN, None, None, None, described.payable, described)


def check_signature(signature: str, declaration: Declaration) -> str | None:
    """What is wrong with a declared function, or None."""
    if not _SIGNATURE.fullmatch(signature):
        return "a function is written as in donate(address,uint256), without spaces"
    from ..decode.spoken_for import spoken_for  # it builds on this module

    types = argument_types(signature)
    meant = spoken_for(selector(signature))
    if meant is not None:
        return (
            f"{meant} means the same on every contract, and no declaration changes that: leave it out, and name the "
            "contract among the tokens or give the venue its kind"
        )
    for one in types:
        try:
            canonical = normalize(one) == one and is_encodable_type(one)  # type: ignore[no-untyped-call]
        except (ABITypeError, ParseError):
            canonical = False
        if not canonical:
            return f"{signature} has a type that there is not: {one} (write uint256, not uint)"
    for position, wanted in ((declaration.amount, "uint"), (declaration.to, "address")):
        if position is not None and (position >= len(types) or not re.fullmatch(rf"{wanted}\d*", types[position])):
            return f"argument {position} of {signature} is no {wanted}"
    return None


def passes_calls_on(signature: str) -> bool:
    """Whether the arguments could be somebody's calls: bytes beside an address, or a list of bytes."""
    shape = signature.partition("(")[2]
    return "bytes[]" in shape or (re.search(r"\bbytes\b", shape) is not None and "address" in shape)


def selectors(functions: dict[str, Declaration]) -> dict[bytes, str]:
    """Signature by selector."""
    return {selector(signature): signature for signature in functions}
