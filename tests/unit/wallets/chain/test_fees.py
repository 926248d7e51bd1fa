"""Fees offered stay includable, and a replacement is one that every pool takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets.chain import FeeQuote, replacement_fees
from treasurer.wallets.chain.fees import LEAST_TIP, quote_fees
from treasurer.wallets.errors import ChainError

wei = st.integers(0, 10**14)


def test_the_offer_is_twice_the_next_base_fee_plus_the_median_tip() -> None:
    history = {
        "baseFeePerGas": ["0x1", hex(30_000_000_000)],
        "reward": [[hex(10**9)], [hex(3 * 10**9)], [hex(2 * 10**9)]],
    }
    assert quote_fees(history) == FeeQuote(62_000_000_000, 2_000_000_000)


def test_empty_blocks_do_not_pull_the_tip_to_zero() -> None:
    history = {"baseFeePerGas": ["0x7"], "reward": [["0x0"], [hex(2 * 10**9)], ["0x0"]]}
    assert quote_fees(history).max_priority_fee_per_gas == 2 * 10**9
    assert quote_fees({"baseFeePerGas": ["0x7"], "reward": [["0x0"]]}) == FeeQuote(14 + LEAST_TIP, LEAST_TIP)
    assert quote_fees({"baseFeePerGas": ["0x7"]}).max_priority_fee_per_gas == LEAST_TIP


@pytest.mark.parametrize("history", [{}, {"baseFeePerGas": []}, {"baseFeePerGas": [None]}, {"baseFeePerGas": ["zz"]}])
def test_an_unusable_history_is_an_error_not_a_fee(history: dict[str, object]) -> None:
    with pytest.raises(ChainError):
        quote_fees(history)


@given(wei, wei, wei, wei)
def test_a_replacement_raises_both_fees_by_an_eighth(old: int, old_tip: int, new: int, new_tip: int) -> None:
    bumped = replacement_fees(FeeQuote(old, old_tip), FeeQuote(new, new_tip))
    assert bumped.max_fee_per_gas * 8 >= old * 9
    assert bumped.max_priority_fee_per_gas * 8 >= old_tip * 9
    assert bumped.max_fee_per_gas >= new
    assert bumped.max_priority_fee_per_gas >= new_tip
