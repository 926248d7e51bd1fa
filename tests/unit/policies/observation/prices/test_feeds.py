"""A feed's answer is a price only when it is positive, fresh, and not from the future."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.observation.prices.feeds import Feed, read_price
from treasurer.policies.observation.reads.probes import Answers, decimals, latest_round
from treasurer.wallets.eip712 import word

NOW = 1_800_000_000
FEED = Feed("0x" + "fe" * 20, heartbeat_seconds=3600)


def answers(answer: int = 2500 * 10**8, updated_at: int = NOW - 60, scale: int = 8) -> Answers:
    round_data = b"".join(word(value) for value in (7, answer % 2**256, updated_at, updated_at, 7))
    return Answers({latest_round(FEED.address): round_data, decimals(FEED.address): word(scale)})


def reason(found: Answers, *, feed: Feed = FEED, at: int = NOW, block_time: int = NOW) -> str:
    price, why = read_price(feed, found, at=at, block_time=block_time)
    assert price is None
    return why


def test_a_fresh_positive_answer_is_the_price() -> None:
    price, why = read_price(FEED, answers(), at=NOW, block_time=NOW)
    assert price is not None
    assert (price.usd, price.updated_at, why) == (Decimal(2500), NOW - 60, "")


@pytest.mark.parametrize("answer", [0, -1, -(2**255)])
def test_nothing_but_a_positive_answer_is_a_price(answer: int) -> None:
    assert "no positive price" in reason(answers(answer=answer))


def test_the_heartbeat_is_the_last_second_that_counts() -> None:
    price, _ = read_price(FEED, answers(updated_at=NOW - 3600), at=NOW, block_time=NOW)
    assert price is not None
    assert "is stale: 3601 s old" in reason(answers(updated_at=NOW - 3601))


def test_age_is_held_against_the_later_clock() -> None:
    stale = answers(updated_at=NOW - 3601)
    assert "stale" in reason(stale, at=NOW - 1000, block_time=NOW)
    assert "stale" in reason(stale, at=NOW, block_time=NOW - 1000)


def test_an_answer_later_than_the_block_is_no_price() -> None:
    assert "from the future" in reason(answers(updated_at=NOW + 1), at=NOW + 100, block_time=NOW)


def test_a_feed_that_does_not_answer_is_no_price() -> None:
    assert "does not answer" in reason(Answers({}))
    assert "does not answer" in reason(
        Answers({latest_round(FEED.address): b"\0" * 159, decimals(FEED.address): word(8)})
    )
    assert "does not answer" in reason(Answers({latest_round(FEED.address): b"\0" * 160}))


def test_a_feed_without_a_heartbeat_is_no_price() -> None:
    assert "heartbeat" in reason(answers(), feed=Feed(FEED.address, None))


@given(st.integers(1, 2**255 - 1), st.integers(0, 36))
def test_no_digit_is_rounded_away(answer: int, scale: int) -> None:
    price, _ = read_price(FEED, answers(answer=answer, scale=scale), at=NOW, block_time=NOW)
    assert price is not None
    digits, exponent = price.usd.as_tuple().digits, price.usd.as_tuple().exponent
    assert isinstance(exponent, int)
    assert int("".join(map(str, digits))) * 10 ** (exponent + scale) == answer
