"""Pins: the code that runs at a contract of the book is the code whose hash the book holds."""

from __future__ import annotations

from collections.abc import Sequence

from ...wallets.call import Operation
from ...wallets.values import DEVNET_CHAIN_ID
from ..decode import contracts_called
from ..effect import Effect
from ..facts import Facts
from ..language.book import Book
from ..language.entries import TokenEntry, VenueEntry
from ..proposal import Proposal
from ..verdict import Reason


def unpinned(effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts) -> list[Reason]:
    """Reasons against targets whose code is not what the book pins, or, away from the devnet, venues that it does not
    pin.

    Without a chain (``static``) code hashes are not checked.
    """
    if facts.static:
        return []
    named = [effect.target for effect in effects] + [
        call.to for call in proposal.calls if call.operation is Operation.DELEGATECALL
    ]
    if any(effect.path for effect in effects):
        named += contracts_called(proposal, book)  # a wrapper that was believed has no effect of its own
    targets = dict.fromkeys(address for address in named if address is not None)
    reasons = []
    for target in targets:
        for entry in (book.venue(target, proposal.chain_id), book.token(target, proposal.chain_id)):
            if entry is not None:
                reasons += _check(entry, target, proposal.chain_id, facts)
    return reasons


def _check(entry: VenueEntry | TokenEntry, address: str, chain_id: int, facts: Facts) -> list[Reason]:
    reasons = []
    if entry.code_hash is not None:
        reasons += _differs(entry.label, "code_hash", facts.code_hashes.get(address), entry.code_hash)
    elif isinstance(entry, VenueEntry) and chain_id != DEVNET_CHAIN_ID:
        reasons.append(
            _reason(entry.label, "code_hash", "none in the book", "pinned", "treasurer registry pin reads it")
        )
    if entry.implementation is not None:
        found = facts.implementations.get(address)
        reasons += _differs(entry.label, "implementation", found, entry.implementation)
        if entry.implementation_hash is not None:
            found = facts.code_hashes.get(entry.implementation)
            reasons += _differs(entry.label, "implementation_hash", found, entry.implementation_hash)
    return reasons


def _differs(label: str, condition: str, found: str | None, pinned: str) -> list[Reason]:
    if found == pinned:
        return []
    return [_reason(label, condition, found or "unknown", pinned, "the code is not the code that was signed for")]


def _reason(label: str, condition: str, actual: str, limit: str, why: str) -> Reason:
    message = f"{label}: {condition} is {actual}, not {limit}: {why}"
    return Reason(rule="code-hash", condition=condition, actual=actual, limit=limit, message=message)
