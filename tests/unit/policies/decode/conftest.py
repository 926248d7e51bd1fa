"""A small book, and one call from calldata to effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.decode import derive_effects, derive_tree
from treasurer.policies.effect import Effect
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Authorization, Call

from .signatures import DELEGATION_MANAGER, ENTRY_POINT, SEAPORT

CHAIN = 1
NAMES = {
    "self": "0x1111111111111111111111111111111111111101",
    "alice": "0xa11ce00000000000000000000000000000000a11",
    "stranger": "0xdead00000000000000000000000000000000beef",
    "usdc": "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48",
    "dai": "0x6b175474e89094c44da98b954eedeac495271d0f",
    "weth": "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2",
    "permitless": "0x2222222222222222222222222222222222222202",
    "punks": "0x3333333333333333333333333333333333333303",
    "fake": "0xfa4e00000000000000000000000000000000c0de",
    "router": "0x68b3465833fb72a70ecdf485e0e4c7bd8665fc45",
    "router_v2": "0x7a250d5630b4cf539739df2c5dacb4c659f2488d",
    "pool": "0x87870bca3f3fd6335c3f4ce8392d69350b4fa4e2",
    "permit2": "0x000000000022d473030f116ddee9f6b43ac78ba3",
    "governor": "0x4444444444444444444444444444444444444404",
    "debt": "0x5555555555555555555555555555555555555505",
    "sender": "0x0000000000000000000000000000000000000001",
    "this": "0x0000000000000000000000000000000000000002",
}


@dataclass(frozen=True)
class Token:
    label: str
    address: str
    kind: str = "erc20"
    permit: bool | None = None


@dataclass(frozen=True)
class Venue:
    label: str
    kind: str
    code_hash: str | None = None


class Book:
    """Tokens and venues of chain 1. ``pinned``: kinds of further venues by address, whose code is pinned."""

    def __init__(self, pinned: dict[str, str | Venue] | None = None) -> None:
        tokens = (
            ("usdc", "erc20", None),
            ("dai", "erc20", True),
            ("weth", "weth9", None),
            ("permitless", "erc20", False),
        )
        self.tokens = {NAMES[label]: Token(label, NAMES[label], kind, permit) for label, kind, permit in tokens}
        self.tokens[NAMES["punks"]] = Token("punks", NAMES["punks"], "erc721")
        venues = {
            "router": "uniswap-v3-router",
            "router_v2": "uniswap-v2-router",
            "pool": "aave-v3-pool",
            "permit2": "permit2",
            "governor": "governor",
            "debt": "aave-v3-debt-token",
        }
        self.venues = {NAMES[label]: Venue(label, kind) for label, kind in venues.items()}
        for address, kind in (pinned or {}).items():
            self.venues[address] = kind if isinstance(kind, Venue) else Venue(kind, kind, "0x" + "11" * 32)

    def token(self, address: str, chain_id: int) -> Token | None:
        return self.tokens.get(address) if chain_id == CHAIN else None

    def venue(self, address: str, chain_id: int) -> Venue | None:
        return self.venues.get(address) if chain_id == CHAIN else None

    def declared(self, address: str, chain_id: int, called: bytes) -> None:
        return None

    def message(self, address: str, chain_id: int, encoded: str) -> None:
        return None

    def underlying(self, address: str, chain_id: int) -> str | None:
        venue = self.venue(address, chain_id)
        return NAMES["usdc"] if venue is not None and venue.kind == "erc4626" else None

    def knows(self, address: str, chain_id: int) -> bool:
        return self.token(address, chain_id) is not None or self.venue(address, chain_id) is not None


@pytest.fixture(scope="session")
def who() -> SimpleNamespace:
    """The addresses of the little world, by name; ``who.self`` is the account."""
    return SimpleNamespace(**NAMES)


@pytest.fixture(scope="session")
def book() -> Book:
    """The book of that world."""
    return Book()


@pytest.fixture
def venues(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts of signatures, in the book."""
    more = {SEAPORT: "seaport", ENTRY_POINT: "entry-point-0.8", DELEGATION_MANAGER: "delegation-manager"}
    monkeypatch.setattr(book, "venues", book.venues | {at: Venue(name, name) for at, name in more.items()})


@pytest.fixture(scope="session")
def effects_of(book: Book) -> Callable[..., tuple[Effect, ...]]:
    """``effects_of(call, .., typed_data=, authorizations=, chain_id=, venues=, tree=, **facts)``; ``venues``: kinds of
    further, pinned venues by address; with ``tree`` the calls come beside the effects.
    """

    def derive(
        *calls: Call,
        typed_data: Any = None,
        authorizations: tuple[Authorization, ...] = (),
        chain_id: int = CHAIN,
        venues: dict[str, str | Venue] | None = None,
        tree: bool = False,
        **facts: Any,
    ) -> Any:
        world = book if venues is None else Book(venues)
        proposal = Proposal(
            chain_id=chain_id,
            account=NAMES["self"],
            calls=calls,
            typed_data=typed_data,
            authorizations=authorizations,
            intent_key="0x" + "00" * 32,
            run="run",
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
        )
        return (derive_tree if tree else derive_effects)(proposal, world, **facts)

    return derive
