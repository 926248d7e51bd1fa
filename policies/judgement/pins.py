"""Pins: the code that runs at a contract of the book is the code whose hash the book holds."""

from __future__ import annotations

from collections.abc import Sequence

from ...wallets.call import Operation
from ...wallets.values import DEVNET_CHAIN_ID, ZERO_ADDRESS
from ..book.book import Book
from ..book.contract_kinds import CONTRACT_ACCOUNTS
from ..book.entries import TokenEntry, VenueEntry
from ..decode import contracts_called
from ..effect import Effect
from ..facts import ContractAccount, Facts
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
    for address in dict.fromkeys((proposal.account, *targets)):
        venue = book.venue(address, proposal.chain_id)
        if venue is not None and venue.kind in CONTRACT_ACCOUNTS:
            if address not in targets:
                reasons += _check(venue, address, proposal.chain_id, facts)
            reasons += _check_account(venue, address, facts)
    return reasons


def _check_account(entry: VenueEntry, address: str, facts: Facts) -> list[Reason]:
    """A contract account is what the book pins, and is the same after the calls, whatever the calldata says."""
    found = facts.contract_accounts.get(address)
    if found is None:
        why = "what cannot be read is not signed for"
        return [_reason(entry.label, "contract_account", "unknown", "readable", why)]
    return [*_differs_from_pins(entry, found), *_changed_by_calls(entry, address, found, facts)]


def _differs_from_pins(entry: VenueEntry, found: ContractAccount) -> list[Reason]:
    """Once anything of the account is pinned, modules, guard and handler that the book does not name are none."""
    if (entry.owners, entry.threshold, entry.modules, entry.guard, entry.fallback_handler) == (None,) * 5:
        return []
    pinned: dict[str, tuple[object, object]] = {
        "guard": (found.guard, _or_none(entry.guard)),
        "fallback_handler": (found.fallback_handler, _or_none(entry.fallback_handler)),
        "modules": (sorted(found.modules), sorted(entry.modules or ())),
    }
    if entry.owners is not None:
        pinned["owners"] = (sorted(found.owners), sorted(entry.owners))
    if entry.threshold is not None:
        pinned["threshold"] = (found.threshold, entry.threshold)
    why = "the account is not as it was signed for: write it into book.yaml if that is meant"
    return [
        _reason(entry.label, condition, _told(actual), _told(limit), why)
        for condition, (actual, limit) in pinned.items()
        if actual != limit
    ]


def _changed_by_calls(entry: VenueEntry, address: str, found: ContractAccount, facts: Facts) -> list[Reason]:
    simulated = facts.simulation
    if simulated is None or not simulated.succeeded:
        return []
    after = simulated.contract_accounts.get(address)
    if after is None:
        why = "what the calls make of it cannot be read"
        return [_reason(entry.label, "contract_account", "unknown afterwards", "readable", why)]
    why = "the calls change who commands the account, or what it runs"
    return [
        _reason(entry.label, name, f"{_told(getattr(after, name))} afterwards", _told(getattr(found, name)), why)
        for name in ContractAccount.model_fields
        if getattr(found, name) != getattr(after, name)
    ]


def _or_none(pinned: str | None) -> str | None:
    return None if pinned == ZERO_ADDRESS else pinned


def _told(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


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
