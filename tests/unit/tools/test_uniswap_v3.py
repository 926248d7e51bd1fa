"""Routes as the router takes them, and what code of ours reads from them."""

from __future__ import annotations

from decimal import Decimal

from treasurer.policies.decode.path import packed_path
from treasurer.tools import Token
from treasurer.tools.pricing import dollars, units_for, usd_of
from treasurer.tools.uniswap_v3 import Route, exact_input

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
