"""What decoders of typed data share: the message that would be signed, and a struct whose meaning is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .draft import Draft


@dataclass(frozen=True)
class Signed:
    """A message that would be signed, the contract that would verify it."""

    contract: str
    message: dict[str, Any]


@dataclass(frozen=True)
class SignedStruct:
    """``encoded``: the struct's encodeType of EIP-712; ``decode`` appends what a signature over it permits."""

    encoded: str
    decode: Callable[[Draft, Signed], None]


def require_kind(draft: Draft, contract: str, index: int | None, *kinds: str) -> bool:
    """Raise unknown beside ``index`` where the book has no venue of these kinds at ``contract``; whether it has one."""
    venue = draft.book.venue(contract, draft.chain_id)
    if venue is not None and venue.kind in kinds:
        return True
    draft.unknown(f"what {contract} is: the book names no {kinds[0]} there", target=contract, beside=index)
    return False


def require_account(draft: Draft, signed: Signed, index: int, owner: str) -> None:
    """Raise unknown beside ``index`` where the owner is not the account."""
    if owner != draft.account:
        words = f"what a signature over the assets of {owner}, who is not the account, is for"
        draft.unknown(words, target=signed.contract, beside=index)
