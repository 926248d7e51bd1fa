"""ENS: a name that people signed with an address must still resolve to it when it is used."""

from __future__ import annotations

from collections.abc import Sequence

from ...wallets.values import checksum
from ..book.book import Book
from ..effect import Effect
from ..facts import Facts
from ..proposal import Proposal
from ..verdict import Reason

ENS_RULE = "ens"


def unresolved(effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts) -> list[Reason]:
    """Reasons against entries of the book whose name resolves elsewhere, to nothing, or is not known to resolve."""
    if not book.ens_names:
        return []
    reasons = []
    for address in dict.fromkeys(address for effect in effects for address in effect.addresses):
        for label, name in book.ens_names.get((address, proposal.chain_id), ()):
            found = facts.ens.get(name)
            if found != address:
                reasons.append(_reason(label, name, address, found, known=name in facts.ens))
    return reasons


def _reason(label: str, name: str, address: str, found: str | None, *, known: bool) -> Reason:
    actual = checksum(found) if found is not None else "nothing" if known else "unknown"
    message = f"{label}: {name} resolves to {actual}, and it was signed for {checksum(address)}: ask {label} first"
    if not known:
        message = f"{label}: it is unknown what {name} resolves to now, so nothing is done with {label}"
    return Reason(rule=ENS_RULE, condition=name, actual=actual, limit=checksum(address), message=message)
