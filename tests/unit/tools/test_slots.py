"""Slots have one canonical text each, and amounts are exact."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.tools import (
    Amount,
    Basis,
    Handles,
    HealthFactor,
    InvalidArgument,
    Payee,
    Share,
    TargetWeights,
    Token,
    UnknownHandle,
    Unresolvable,
    Venue,
)
from treasurer.tools.slots import check, parse_number, plain, resolve, to_base_units

USDC = Token("usdc", "0x" + "c0" * 20, 6)
WETH = Token("weth", "0x" + "ee" * 20, 18)
HANDLES = Handles.of(
    payees=[Payee("alice", "0x" + "a1" * 20)],
    tokens=[USDC, WETH, Token("native", "native", 18)],
    venues=[Venue("aave-v3", "0x" + "aa" * 20), Venue("uniswap-v2", "0x" + "02" * 20), Venue("uniswap-v3", "0x03" * 1)],
)


async def nothing(token: Token, basis: Basis) -> int:
    return 0


async def much(token: Token, basis: Basis) -> int:
    return 10**40 + 1


@pytest.mark.parametrize(
    ("slot", "text", "canonical"),
    [
        (Payee, "alice", "alice"),
        (Token, "ether", "native"),
        (Amount, "250.50 usdc", "250.5 usdc"),
        (Amount, "100% usdc", "all usdc"),
        (Amount, "12.5% eth", "12.5% native"),
        (Share, "all", "100%"),
        (TargetWeights, "60% weth,40% usdc", "60% weth, 40% usdc"),
        (HealthFactor, "1.80", "1.8"),
        (Venue, "aave-v3", "aave-v3"),
    ],
)
def test_each_slot_has_one_canonical_text(slot: type, text: str, canonical: str) -> None:
    assert check(slot, text, HANDLES) == canonical
    assert check(slot, canonical, HANDLES) == canonical


@pytest.mark.parametrize(
    ("slot", "text"),
    [
        (Amount, "0 usdc"),
        (Amount, "-5 usdc"),
        (Amount, "1e3 usdc"),
        (Amount, "5"),
        (Amount, "0.0000001 usdc"),
        (Amount, "101% usdc"),
        (Amount, "0% usdc"),
        (Amount, "\u0665 usdc"),
        (Amount, "9" * 60 + " weth"),
        (TargetWeights, "60% weth, 30% usdc"),
        (TargetWeights, "50% weth, 50% weth"),
        (HealthFactor, "1"),
        (int, "1"),
    ],
)
def test_what_does_not_fit_its_slot_is_refused(slot: type, text: str) -> None:
    with pytest.raises(InvalidArgument):
        check(slot, text, HANDLES)


@pytest.mark.parametrize(
    ("slot", "text"), [(Payee, "mallory"), (Token, "dollars"), (Amount, "5 dai"), (Venue, "curve")]
)
def test_a_label_that_the_book_lacks_is_refused(slot: type, text: str) -> None:
    with pytest.raises(UnknownHandle):
        check(slot, text, HANDLES)


async def test_a_share_of_a_huge_balance_is_rounded_down_to_the_unit() -> None:
    half = await resolve(Amount, "50% weth", HANDLES, much)
    everything = await resolve(Amount, "all weth", HANDLES, much)
    assert isinstance(half, Amount)
    assert isinstance(everything, Amount)
    assert (half.base_units, half.everything) == (5 * 10**39, False)
    assert (everything.base_units, everything.everything) == (10**40 + 1, True)


async def test_a_share_of_nothing_says_so() -> None:
    with pytest.raises(Unresolvable, match="nothing"):
        await resolve(Amount, "all usdc", HANDLES, nothing)


def test_a_venue_is_known_without_its_version_where_that_is_unique() -> None:
    words = HANDLES.venue_words()
    assert words["aave"] == "aave-v3"
    assert "uniswap" not in words


@given(st.integers(1, 2**255))
def test_base_units_survive_whole_units(base_units: int) -> None:
    units = Amount(WETH, base_units).units
    assert to_base_units(parse_number(plain(units)) if len(plain(units)) <= 60 else units, WETH) == base_units


def test_plain_writes_no_exponent() -> None:
    assert [plain(Decimal(text)) for text in ("1E+3", "0.50", "1000", "1E-7")] == ["1000", "0.5", "1000", "0.0000001"]
