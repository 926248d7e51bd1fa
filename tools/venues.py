"""Which venue a tool uses: the one that was named, or the only one of its kind that the book has."""

from __future__ import annotations

from ..wallets.registry import Venue as Row
from .errors import NotOffered
from .handles import Token, Venue
from .tool import Context


def venue_of_kind(ctx: Context, kind: str, named: Venue | None) -> tuple[str, Row]:
    """Label and registry row of a venue of ``kind`` that the book names.

    Raises NotOffered where ``named`` is of another kind, or where the book has none.
    """
    rows = {row.address: row for row in ctx.registry.venues.values() if row.kind == kind}
    offered = [venue for venue in ctx.handles.venues.values() if venue.address in rows]
    if named is not None and named not in offered:
        known = ", ".join(venue.label for venue in offered) or "none in the book"
        raise NotOffered(f"{named.label} is no venue for this: use {known}")
    if not offered:
        raise NotOffered(f"the book names no venue of kind {kind} that the registry knows: add it under venues")
    chosen = named or offered[0]
    return chosen.label, rows[chosen.address]


def wrapped_native(ctx: Context) -> Token:
    """The token that wraps the chain's own coin. Raises NotOffered where the book lacks it."""
    row = ctx.registry.tokens[ctx.registry.wrapped_native]
    for token in ctx.handles.tokens.values():
        if token.address == row.address:
            return token
    raise NotOffered(f"the book lacks {ctx.registry.wrapped_native}, which wraps the native coin: add it under tokens")
