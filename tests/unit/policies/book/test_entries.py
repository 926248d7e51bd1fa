"""What holds a token's feed to something is whole, and held to a feed: anything else is a fault with its line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.book.entries import TokenEntry
from treasurer.policies.errors import DocumentError

ADDRESS, FEED, POOL = ("0x" + digits * 20 for digits in ("e0", "fe", "90"))
WITH_FEED = f'feed: "{FEED}", heartbeat: 1h'


def token(terms: str) -> TokenEntry:
    text = f'version: 1\ntokens:\n  weth: {{address: "{ADDRESS}", chains: [1], decimals: 18, {terms}}}\n'
    entry = Book.read(text.encode()).token_by_label("weth", 1)
    assert entry is not None
    return entry


def test_a_whole_pool_is_read_in_its_units() -> None:
    entry = token(f'{WITH_FEED}, pool: "{POOL}", twap: 30m, max_gap_bps: 200, min_usd: 0.5, max_usd: 20000')
    assert (entry.pool, entry.twap, entry.max_gap_bps) == (POOL, 1800, 200)
    assert (entry.min_usd, entry.max_usd) == (Decimal("0.5"), 20_000)
    assert token(f"{WITH_FEED}, max_move_bps: 500").max_move_bps == 500
    assert token(f"{WITH_FEED}, min_usd: 1, max_usd: 1").min_usd == 1
    for seconds, twap in ((60, "1m"), (604_800, "7d")):
        assert token(f'{WITH_FEED}, pool: "{POOL}", twap: {twap}, max_gap_bps: 1').twap == seconds


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (f'pool: "{POOL}", twap: 30m, max_gap_bps: 200', "pool is held against a feed"),
        ("min_usd: 1", "min_usd is held against a feed"),
        ("max_usd: 1", "max_usd is held against a feed"),
        ("max_move_bps: 100", "max_move_bps is held against a feed"),
        (f'{WITH_FEED}, pool: "{POOL}", max_gap_bps: 200', "a pool needs twap"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 30m', "a pool needs max_gap_bps"),
        (f"{WITH_FEED}, twap: 30m", "twap belongs to a pool"),
        (f"{WITH_FEED}, max_gap_bps: 200", "max_gap_bps belongs to a pool"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 59s, max_gap_bps: 200', "over 1m to 7d"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 8d, max_gap_bps: 200', "over 1m to 7d"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 30m, max_gap_bps: 0', "greater than 0"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 30m, max_gap_bps: 10001', "less than or equal to 10000"),
        (f'{WITH_FEED}, pool: "{POOL}", twap: 30m, max_gap_bps: 9, max_move_bps: 9', "leave max_move_bps out"),
        (f"{WITH_FEED}, min_usd: 2, max_usd: 1", "min_usd is above max_usd"),
        (f"{WITH_FEED}, min_usd: 0", "greater than 0"),
        (f'{WITH_FEED}, max_usd: "1"', "a number is expected"),
    ],
)
def test_half_of_it_is_a_fault_where_it_stands(terms: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as raised:
        token(terms)
    assert "book.yaml:3:" in str(raised.value)
