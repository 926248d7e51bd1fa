"""Timelock: an address that was just written into the book may not be dealt with yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..book.book import Book
from ..documents.duration import write_seconds
from ..effect import Effect, Kind
from ..facts import Facts
from ..language.policy import Policy
from ..proposal import Proposal
from ..verdict import Reason

TIMELOCK_RULE = "timelock"


def too_new(
    policy: Policy, effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts
) -> tuple[list[Reason], list[str]]:
    """Reasons where an address of the book has not been there so long, or nobody can tell; and what is left out.

    Revoking what somebody may take needs no waiting.
    """
    if policy.timelock is None:
        return [], []
    if "timelock" in facts.not_held:
        return [], [TIMELOCK_RULE]
    length = policy.timelock.book
    newest = facts.at.timestamp() - length
    reasons = []
    for address in dict.fromkeys(_dealt_with(effects)):
        if address == proposal.account or not book.knows(address, proposal.chain_id):
            continue
        since = facts.known_since.get(address)
        if since is None or since > newest:
            label, needed = book.label_of(address, proposal.chain_id), write_seconds(length)
            known = "unknown" if since is None else f"{int(facts.at.timestamp()) - since} seconds"
            reasons.append(
                Reason(
                    rule=TIMELOCK_RULE,
                    condition="book",
                    actual=known,
                    limit=needed,
                    message=f"{label} must be in the signed book for {needed} before it is used; so far: {known}",
                )
            )
    return reasons, []


def _dealt_with(effects: Sequence[Effect]) -> Iterator[str]:
    for effect in effects:
        if effect.kind is not Kind.REVOCATION:
            yield from (item for item in (effect.target, effect.counterparty, effect.on_behalf_of) if item is not None)
