"""decode: from the bytes that would be signed to Effects at their worst case.

May import policies' vocabulary (effect, proposal) and wallets' values. Pure functions: no chain, no clock, no files.
"""

from __future__ import annotations

from .book_view import BookView, TokenView, VenueView
from .derive import derive_effects

__all__ = ["BookView", "TokenView", "VenueView", "derive_effects"]
