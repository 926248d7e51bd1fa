"""Routes as the router takes them, and what code of ours reads from them."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.agent.context import handles_of
from treasurer.policies.book.book import Book
from treasurer.policies.decode.venues.path import packed_path
from treasurer.runtime.bot.creation import book_text
from treasurer.tools import Token
from treasurer.tools.pricing import dollars, units_for, usd_of
from treasurer.tools.uniswap_v3 import Route, exact_input, the_market
from treasurer.wallets.registry import registry_of

ONE, TWO, THREE = ("0x" + digit * 40 for digit in "123")
WBTC = Token("wbtc", ONE, 8)


def test_a_packed_route_is_what_the_guard_unpacks() -> None:
    route = Route((ONE, TWO, THREE), (500, 10_000))
    assert packed_path(route.packed()) == (ONE, TWO, THREE)
    assert packed_path(route.packed(backwards=True)) == (THREE, TWO, ONE)
    assert route.packed()[20:23] == (500).to_bytes(3, "big")
    assert route.packed(backwards=True)[20:23] == (10_000).to_bytes(3, "big")


def test_one_hop_is_called_without_a_path() -> None:
    assert exact_input(Route((ONE, TWO), (500,)), THREE, 1, 1)[:4].hex() == "04e45aaf"
    assert exact_input(Route((ONE, TWO, THREE), (500, 500)), THREE, 1, 1)[:4].hex() == "b858183f"


def test_usd_is_exact_and_rounding_goes_where_it_is_told() -> None:
    assert usd_of(WBTC, 123_456_789, Decimal("60000.00000001")) == Decimal("74074.0734000123456789")
    assert units_for(WBTC, Decimal(1), Decimal(3), up=False) == 33_333_333
    assert units_for(WBTC, Decimal(1), Decimal(3), up=True) == 33_333_334
    assert dollars(Decimal("12500")) == "12,500.00 USD"


@pytest.mark.parametrize("chain_id", [1, 10, 137, 8453, 42161, 84532, 11155111])
def test_swaps_are_offered_on_every_chain_that_has_a_registry(chain_id: int) -> None:
    registry = registry_of(chain_id)
    book = Book.read(book_text(registry, "0x" + "0f" * 20, devnet=False).encode())
    context: Any = SimpleNamespace(registry=registry, handles=handles_of(book, registry))
    market = the_market(context, None)
    assert (market.label, market.quoter) == ("uniswap-v3", registry.venues["uniswap-v3"].quoter)
