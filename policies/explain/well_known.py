"""A book for whoever has none: what a chain's registry names. It authorizes nothing."""

from __future__ import annotations

from ...wallets.errors import InvalidValue
from ...wallets.registry import registry_of
from ..book.book import Book
from ..book.entries import Entry, TokenEntry, VenueEntry


def well_known(chain_id: int) -> Book:
    """The book of the registry that comes with treasurer for this chain; an empty one where there is none."""
    try:
        registry = registry_of(chain_id)
    except InvalidValue:
        return Book({})
    chains = (chain_id,)
    tokens = tuple(
        TokenEntry(label=label, address=row.address, chains=chains, decimals=row.decimals, kind=row.kind)
        for label, row in registry.tokens.items()
    )
    venues = tuple(
        VenueEntry(label=label, address=row.address, chains=chains, kind=row.kind)
        for label, row in registry.venues.items()
    )
    contracts = tuple(
        Entry(label=label, address=row.address, chains=chains) for label, row in registry.contracts.items()
    )
    return Book({"tokens": tokens, "venues": venues, "contracts": contracts})
