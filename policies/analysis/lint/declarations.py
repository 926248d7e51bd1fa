"""What the book says of contracts: declared calls that could send somewhere, permits that nobody said there are."""

from __future__ import annotations

from ...book.declared import passes_calls_on
from ...book.entries import TokenEntry, VenueEntry
from ...effect import Kind
from .finding import Desk


def check_declarations(desk: Desk) -> None:
    """Adds what it finds to the desk."""
    sections, chains = desk.bundle.book.sections, set(desk.policy.chains)
    letting = {kind for rule in desk.policy.rules if rule.decision != "deny" for kind in rule.kinds}
    for entry in sections.get("venues", ()):
        if isinstance(entry, VenueEntry):
            _calls(desk, entry, allowed=Kind.CALL in letting and bool(chains & set(entry.chains)))
    for entry in sections.get("tokens", ()):
        untold = isinstance(entry, TokenEntry) and entry.kind == "erc20" and entry.permit is None
        if untold and Kind.PERMIT in letting and chains & set(getattr(entry, "chains", ())):
            desk.book_says(
                "permit-unsaid",
                ("tokens", entry.label),
                f"the book does not say whether {entry.label} has a permit, and a rule lets permits through",
                "unsaid counts as one that it has: a contract without one may do anything with the signature",
                "write permit: true or permit: false",
            )


def _calls(desk: Desk, entry: VenueEntry, *, allowed: bool) -> None:
    for signature, declaration in entry.functions.items():
        path = ("venues", entry.label, "functions", signature)
        if declaration.effect == "call" and passes_calls_on(signature):
            desk.book_says(
                "carries-calls",
                path,
                f"{signature} is declared as a call, and its bytes could be a call of somebody else's choosing",
                "who fills in the arguments says what the contract does with what it may take of ours",
                "leave it out: what is not declared is unknown",
            )
        elif allowed and declaration.effect == "call" and "address" in signature.partition("(")[2]:
            desk.book_says(
                "call-with-address",
                path,
                f"{signature} of {entry.label} is declared as a call, and takes an address",
                "a function that takes an address may send there, or let it take: a rule that allows call lets it pass",
                "declare effect: transfer where it sends, or leave it out where it lets somebody take",
            )
