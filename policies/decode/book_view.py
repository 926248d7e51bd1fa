"""What decoding asks of a book: which contract is which on one chain."""

from __future__ import annotations

from typing import Protocol

from ..language.abis import Described
from ..language.declared import Declared


class TokenView(Protocol):
    """A token. ``kind``: erc20, weth9, erc721 or erc1155; ``permit``: whether it has one, None untold."""

    @property
    def label(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def permit(self) -> bool | None: ...


class VenueView(Protocol):
    """A venue of the book. ``kind`` names its functions, as in ``uniswap-v3-router``; ``code_hash``: None unpinned."""

    @property
    def label(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def code_hash(self) -> str | None: ...


class BookView(Protocol):
    """Look-ups by lower-case address and chain; None where the book has no such entry valid on that chain."""

    def token(self, address: str, chain_id: int, /) -> TokenView | None: ...
    def venue(self, address: str, chain_id: int, /) -> VenueView | None: ...
    def declared(self, address: str, chain_id: int, called: bytes, /) -> Declared | None: ...
    def message(self, address: str, chain_id: int, encoded: str, /) -> Described | None: ...
    def knows(self, address: str, chain_id: int, /) -> bool: ...
