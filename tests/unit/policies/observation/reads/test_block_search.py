"""The block of a time is found in few requests, on any chain, and never one after that time."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.facts import Block
from treasurer.policies.observation.reads.block_search import MOST_HEADERS, newest_before
from treasurer.wallets.chain import BlockHeader

NOW = 1_800_000_000
NO_HASH = "0x" + "00" * 32


class Chain:
    """Headers by number, and which were asked for. ``seconds_per_block`` before the head, which is at NOW."""

    def __init__(self, times: list[int] | range) -> None:
        self.times = times
        self.asked: list[int] = []

    @property
    def head(self) -> Block:
        return Block(number=len(self.times) - 1, hash=NO_HASH, timestamp=self.times[-1])

    async def header(self, number: int) -> BlockHeader:
        self.asked.append(number)
        return BlockHeader(number, NO_HASH, self.times[number], 0, NO_HASH)

    def find(self, time: int, near: int = 0) -> tuple[BlockHeader, int] | None:
        return asyncio.run(newest_before(self.header, time, self.head, near))


def even(blocks: int, seconds: int) -> Chain:
    return Chain(range(NOW - (blocks - 1) * seconds, NOW + 1, seconds))


@given(
    st.lists(st.integers(1, 100_000), min_size=1, max_size=300).map(lambda gaps: list(accumulate([NOW, *gaps]))),
    st.data(),
)
def test_what_is_found_is_never_too_young_and_is_the_newest_until_it_is_not(
    times: list[int], data: st.DataObject
) -> None:
    chain = Chain(times)
    time = data.draw(st.integers(times[0] - 1000, times[-1] - 1))
    found = chain.find(time)
    newest = bisect_right(times, time) - 1
    assert len(chain.asked) <= MOST_HEADERS
    assert all(0 <= number < len(times) for number in chain.asked)
    if newest < 0:
        assert found is None
    elif found is not None:
        block, until = found
        assert block.timestamp <= time < until
        # Either it is the newest, and stays so until the next one, or the requests ran out.
        assert (block.number == newest and until in {times[newest + 1], time + 1}) or len(chain.asked) == MOST_HEADERS


@given(st.integers(1, 20), st.integers(3600, 90 * 86_400))
def test_on_a_chain_of_even_blocks_a_few_requests_find_it_within_a_hundredth(seconds: int, age: int) -> None:
    chain = even(20_000_000, seconds)
    found = chain.find(NOW - age, near=age // 100)
    assert found is not None
    assert NOW - age - max(age // 100, seconds) <= found[0].timestamp <= NOW - age
    assert len(chain.asked) <= 6


@given(st.integers(1, 200), st.integers(1, 30))
def test_a_short_chain_is_searched_whole(blocks: int, seconds: int) -> None:
    chain = even(blocks + 1, seconds)
    assert chain.find(NOW - blocks * seconds - 1) is None
    genesis = chain.find(NOW - blocks * seconds)
    assert genesis is not None
    assert genesis[0].number == 0


def test_a_chain_whose_first_block_has_no_time_is_no_trap() -> None:
    """Some chains begin at second zero."""
    chain = Chain([0, *range(NOW - 2 * 5_000_000, NOW + 1, 2)])
    found = chain.find(NOW - 86_400, near=864)
    assert found is not None
    assert found[0].timestamp >= NOW - 86_400 - 864
