"""decode: from the bytes that would be signed to Effects at their worst case.

May import policies' vocabulary (effect, proposal) and wallets' values. Pure functions: no chain, no clock, no files.
"""

from __future__ import annotations

from .derive import contracts_called, derive_effects, derive_tree
from .draft.book_view import BookView, TokenView, VenueView
from .draft.call_node import Argument, CallNode

__all__ = [
    "Argument",
    "BookView",
    "CallNode",
    "TokenView",
    "VenueView",
    "contracts_called",
    "derive_effects",
    "derive_tree",
]
