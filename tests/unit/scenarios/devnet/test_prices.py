"""A price and a pool's square root say the same."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from treasurer.scenarios.devnet.deploy.prices import base_units_for, sqrt_price_x96, v2_input

usd = st.integers(10**4, 10**14)
decimals = st.sampled_from([6, 8, 18])
reserve = st.integers(10**12, 10**26)


@given(usd, decimals, usd, decimals)
def test_the_square_of_the_root_is_the_ratio_of_prices(usd0: int, decimals0: int, usd1: int, decimals1: int) -> None:
    ratio = Fraction(usd0 * 10**decimals1, usd1 * 10**decimals0)
    root = sqrt_price_x96(usd0, decimals0, usd1, decimals1)
    assert Fraction(root**2, 2**192) <= ratio < Fraction((root + 2) ** 2, 2**192)


@given(st.integers(1, 10**12), st.integers(1, 10**6), decimals)
def test_an_amount_is_worth_at_most_what_was_asked(worth: int, price: int, places: int) -> None:
    amount = base_units_for(worth, price, places)
    assert amount * price <= worth * 10**places < (amount + 1) * price


@given(reserve, reserve, st.integers(10**4, 10**14), st.integers(10**4, 10**14))
def test_a_v2_pair_is_brought_to_the_price_and_not_beyond(into: int, out: int, worth_in: int, worth_out: int) -> None:
    amount = v2_input(into, out, worth_in, worth_out)
    if amount <= 0:
        assert into * worth_in * 1_000_000 >= out * worth_out * 999_999
        return

    def too_dear(sold: int) -> bool:
        """Whether what comes in would be worth more than what is left, with the pair's own rounding."""
        received = sold * 997 * out // (into * 1_000 + sold * 997)
        return (into + sold) * worth_in > (out - received) * worth_out

    assert not too_dear(amount - amount // 10**6 - 1)
    assert too_dear(amount + amount // 10**6 + into // 10**6 + 1)
