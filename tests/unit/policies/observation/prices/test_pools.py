"""A pool's mean price is exact, whichever of the two tokens is asked for, and a gap is rounded against us."""

from __future__ import annotations

from decimal import Decimal

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.book.book import Book
from treasurer.policies.observation.prices.pools import LAST_TICK, Pool, gap_bps, price_at, read_pool, seconds_since
from treasurer.policies.observation.reads.probes import Answers, pool_tokens
from treasurer.wallets.eip712 import word

LOW, HIGH, ADDRESS = ("0x" + digits * 20 for digits in ("11", "22", "90"))
BOOK = Book.read(
    f"""
version: 1
tokens:
  low: {{address: "{LOW}", chains: [1], decimals: 18}}
  high: {{address: "{HIGH}", chains: [1], decimals: 6}}
""".encode()
)
POOL = Pool(ADDRESS, twap_seconds=600, max_gap_bps=100, seconds_since_block=12)
PRICES = st.decimals(min_value="0.000001", max_value="1e12", allow_nan=False, allow_infinity=False)


def answers(start: int, end: int) -> Answers:
    told = encode(["int56[]", "uint160[]"], [[start, end], [0, 0]])
    one, other = pool_tokens(ADDRESS)
    return Answers({POOL.observation: told, one: word(LOW), other: word(HIGH)})


def price(start: int, end: int, token: str = LOW) -> Decimal:
    one, other = BOOK.token(LOW, 1), BOOK.token(HIGH, 1)
    assert one is not None
    assert other is not None
    pair = (one, other) if token == LOW else (other, one)
    found, why = read_pool(POOL, *pair, answers(start, end))
    assert found is not None, why
    return found


@pytest.mark.parametrize(
    ("moved", "tick"), [(1200, 2), (1799, 2), (0, 0), (-1, -1), (-600, -1), (-601, -2), (-1200, -2)]
)
def test_the_mean_tick_is_rounded_towards_minus_infinity(moved: int, tick: int) -> None:
    """OracleLibrary.consult: (-1) / 600 is -1, not 0."""
    assert price(-(10**9), -(10**9) + moved) == price_at(tick, 18, 6)


def test_a_price_is_a_power_of_the_tick_with_the_decimals_of_both() -> None:
    assert price_at(0, 18, 6) == Decimal(10) ** 12
    assert price_at(2, 6, 6) == Decimal("1.00020001")
    # TickMath.MAX_SQRT_RATIO, which is that of the last tick.
    root = Decimal(1461446703485210103287273052203988822378723970342) / 2**96
    assert abs(price_at(LAST_TICK, 18, 18) / root**2 - 1) < Decimal("1e-19")


def test_the_other_token_is_priced_by_the_other_way_around() -> None:
    forward, backward = price(0, -600 * 200_000), price(0, -600 * 200_000, token=HIGH)
    assert abs(forward * backward - 1) < Decimal("1e-50")
    assert Decimal(2000) < forward < Decimal(2100)


@pytest.mark.parametrize("ticks", [LAST_TICK + 1, -LAST_TICK - 1])
def test_what_no_pool_can_say_is_no_price(ticks: int) -> None:
    one, other = BOOK.token(LOW, 1), BOOK.token(HIGH, 1)
    assert one is not None
    assert other is not None
    assert read_pool(POOL, one, other, answers(0, 600 * ticks))[0] is None
    assert read_pool(POOL, one, other, Answers({POOL.observation: b"\0" * 32 * 8}))[0] is None
    found, why = read_pool(POOL, one, other, Answers({}))
    assert found is None
    assert "over 10m" in why


def test_the_window_ends_with_the_block_that_is_read() -> None:
    assert POOL.observation.data[-64:] == word(612) + word(12)
    assert (seconds_since(100, 90), seconds_since(100, 100), seconds_since(100, 112)) == (1, 1, 12)


def test_the_other_token_is_one_of_the_pair() -> None:
    assert POOL.other_token(LOW, answers(0, 0)) == HIGH
    assert POOL.other_token(HIGH, answers(0, 0)) == LOW
    assert POOL.other_token(ADDRESS, answers(0, 0)) is None
    assert POOL.other_token(LOW, Answers({})) is None


@given(PRICES, PRICES)
def test_a_gap_is_one_number_from_both_sides_and_never_too_small(one: Decimal, other: Decimal) -> None:
    gap = gap_bps(one, other)
    assert gap == gap_bps(other, one)
    assert gap * min(one, other) >= abs(one - other) * 10_000
    assert (gap - Decimal("0.01")) * min(one, other) < abs(one - other) * 10_000 or one == other


def test_a_gap_is_of_the_smaller_price() -> None:
    assert gap_bps(Decimal(2500), Decimal(2000)) == 2500
    assert gap_bps(Decimal(2000), Decimal(2500)) == 2500
    assert gap_bps(Decimal(1), Decimal(1)) == 0
