"""What is the price of a token follows from its feed, the pool beside it, and the feed of the pool's other token."""

from __future__ import annotations

from decimal import Decimal

from eth_abi import encode

from treasurer.policies.book.book import Book
from treasurer.policies.observation.prices.pools import Pool
from treasurer.policies.observation.prices.prices import PriceReads, Prices
from treasurer.policies.observation.reads import probes
from treasurer.policies.observation.reads.probes import Answers, Probe
from treasurer.wallets.eip712 import word
from treasurer.wallets.values import NATIVE

USDC, WETH, ARB, USDC_FEED, WETH_FEED, ARB_FEED, POOL = (
    "0x" + digits * 20 for digits in ("c0", "e0", "a0", "f1", "f2", "f3", "90")
)
NOW = 1_800_000_000


def book(weth: str = "", usdc: str = "", arb: str = "") -> Book:
    return Book.read(
        f"""
version: 1
tokens:
  usdc: {{address: "{USDC}", chains: [1], decimals: 18, feed: "{USDC_FEED}", heartbeat: 24h{usdc}}}
  weth: {{address: "{WETH}", chains: [1], decimals: 18, kind: weth9, feed: "{WETH_FEED}", heartbeat: 1h{weth}}}
  arb: {{address: "{ARB}", chains: [1], decimals: 18{arb}}}
""".encode()
    )


def feed(address: str, usd: int, *, updated_at: int = NOW - 60, before: int | None = None) -> dict[Probe, bytes]:
    def said(answer: int) -> bytes:
        return b"".join(word(value) for value in (7, answer * 10**8 % 2**256, updated_at, updated_at, 7))

    found = {probes.latest_round(address): said(usd), probes.decimals(address): word(8)}
    return found if before is None else {**found, probes.previous_round(address): said(before)}


def pool(tick: int, one: str = USDC, other: str = WETH) -> dict[Probe, bytes]:
    """At this tick throughout: base units of ``other`` for one of ``one``."""
    first, second = probes.pool_tokens(POOL)
    observation = Pool(POOL, 1800, 100, 12).observation
    told = encode(["int56[]", "uint160[]"], [[0, 1800 * tick], [0, 0]])
    return {observation: told, first: word(one), second: word(other)}


def told(entries: Book, answers: dict[Probe, bytes]) -> Prices:
    reads = PriceReads.of(entries, 1, 12)
    assert answers.keys() <= set(reads.probes)
    return reads.told_by(Answers(answers), at=NOW + 12, block_time=NOW)


HELD = f', pool: "{POOL}", twap: 30m, max_gap_bps: 100'


def test_without_a_pool_the_feed_is_the_price_also_of_the_native_coin() -> None:
    found = told(book(), feed(USDC_FEED, 1) | feed(WETH_FEED, 2500))
    assert {asset: price.usd for asset, price in found.prices.items()} == {USDC: 1, WETH: 2500, NATIVE: 2500}
    assert found.unpriced == {}
    assert found.gaps_bps == {}


def test_a_pool_that_agrees_leaves_the_feeds_price() -> None:
    found = told(book(weth=HELD), feed(USDC_FEED, 1) | feed(WETH_FEED, 1) | pool(99))
    assert found.prices[WETH].usd == Decimal(1)
    assert found.prices[NATIVE] == found.prices[WETH]
    assert Decimal(99) < found.gaps_bps[WETH] <= 100


def test_a_pool_that_does_not_agree_leaves_no_price_and_says_how_far_it_is() -> None:
    found = told(book(weth=HELD), feed(USDC_FEED, 1) | feed(WETH_FEED, 1) | pool(101))
    assert found.prices.keys() == {USDC}
    assert "bps apart, at most 100" in found.unpriced[WETH]
    assert found.unpriced[NATIVE] == found.unpriced[WETH]
    assert Decimal(100) < found.gaps_bps[WETH] < 102


def test_a_pool_that_does_not_answer_leaves_no_price_and_an_unknown_gap() -> None:
    said = feed(USDC_FEED, 1) | feed(WETH_FEED, 1)
    for answers, why in (
        (said, "is no Uniswap v3 pool of weth"),
        ({probe: data for probe, data in (said | pool(0)).items() if len(data) != 256}, "too few observations"),
        (said | pool(0, one=USDC, other=ARB), "is no Uniswap v3 pool of weth"),
        (said | pool(0, one=ARB, other=WETH), "which has no feed in the book"),
        (said | pool(0, one=POOL, other=WETH), "which has no feed in the book"),
    ):
        found = told(book(weth=HELD), answers)
        assert WETH not in found.prices
        assert why in found.unpriced[WETH]
        assert found.gaps_bps == {}


def test_the_other_token_of_a_pool_needs_a_price_of_its_own_feed() -> None:
    stale = feed(USDC_FEED, 1, updated_at=NOW - 90_000)
    found = told(book(weth=HELD), stale | feed(WETH_FEED, 1) | pool(0))
    assert "trades against usdc, which has no price" in found.unpriced[WETH]
    assert "is stale" in found.unpriced[WETH]


def test_two_tokens_may_be_held_against_one_pool_and_neither_is_priced_by_it() -> None:
    found = told(book(weth=HELD, usdc=HELD), feed(USDC_FEED, 1) | feed(WETH_FEED, 1) | pool(0))
    assert found.gaps_bps == {USDC: 0, WETH: 0}
    apart = told(book(weth=HELD, usdc=HELD), feed(USDC_FEED, 1) | feed(WETH_FEED, 1) | pool(500))
    assert apart.prices == {}
    assert apart.gaps_bps.keys() == {USDC, WETH}


def test_an_answer_outside_of_what_the_book_expects_is_no_price() -> None:
    for terms, usd, why in (
        (", min_usd: 100", 99, "less than the 100"),
        (", max_usd: 10000", 10001, "more than the 10000"),
    ):
        found = told(book(weth=terms), feed(USDC_FEED, 1) | feed(WETH_FEED, usd))
        assert why in found.unpriced[WETH]
    bounds = ", min_usd: 100, max_usd: 10000"
    for usd in (100, 10000):
        assert WETH in told(book(weth=bounds), feed(USDC_FEED, 1) | feed(WETH_FEED, usd)).prices


def test_a_feed_that_jumps_is_no_price() -> None:
    entries = book(weth=", max_move_bps: 1000")
    for usd, before, moved in ((1100, 1000, None), (1000, 1100, None), (1101, 1000, "1010"), (1000, 1101, "1010")):
        found = told(entries, feed(USDC_FEED, 1) | feed(WETH_FEED, usd, before=before))
        if moved is None:
            assert WETH in found.prices
        else:
            assert f"moved {moved} bps" in found.unpriced[WETH]
    for nothing in (feed(WETH_FEED, 1000), feed(WETH_FEED, 1000, before=0), feed(WETH_FEED, 1000, before=-1)):
        assert "its move is unknown" in told(entries, feed(USDC_FEED, 1) | nothing).unpriced[WETH]
