"""The arithmetic of the benchmark: turns, medians, and the interval of the ratio's median."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest

from .conftest import Load


def _said(words: list[str], word: str, numbers: Iterator[float]) -> float:
    words.append(word)
    return next(numbers)


def test_sides_take_turns_and_every_second_pair_begins_with_the_peer(load: Load) -> None:
    harness = load("harness")
    order: list[str] = []
    contest = harness.Contest(
        ours=lambda: _said(order, "ours", iter([1.0])), peer=lambda: _said(order, "peer", iter([2.0]))
    )
    pairs = harness.interleaved(contest, 3, 60)
    assert pairs == [(1.0, 2.0)] * 3
    assert order == ["ours", "peer", *["ours", "peer"], *["peer", "ours"], *["ours", "peer"]]


def test_the_first_pair_does_not_count(load: Load) -> None:
    harness = load("harness")
    ours, peer = iter([100.0, 1.0, 2.0, 3.0]), iter([100.0, 2.0, 2.0, 2.0])
    contest = harness.Contest(ours=lambda: next(ours), peer=lambda: next(peer))
    assert harness.interleaved(contest, 3, 60) == [(1.0, 2.0), (2.0, 2.0), (3.0, 2.0)]


def test_a_figure_ends_when_its_time_is_over_but_not_before_the_fewest_pairs(load: Load) -> None:
    harness = load("harness")
    contest = harness.Contest(ours=lambda: 1.0, peer=lambda: 1.0)
    seconds = iter(range(1000))
    assert len(harness.interleaved(contest, 100, 5, clock=lambda: float(next(seconds)))) == harness.FEWEST_PAIRS + 4
    assert len(harness.interleaved(contest, 100, 0)) == harness.FEWEST_PAIRS


def test_a_line_holds_medians_and_the_median_of_the_ratios_not_their_quotient(load: Load) -> None:
    harness = load("harness")
    line = harness.summed_up("x", "ms", [(1.0, 1.0), (4.0, 2.0), (9.0, 1.5)])
    assert (line.ours, line.peer, line.ratio, line.n) == (4.0, 1.5, 2.0, 3)
    assert (line.lo, line.hi) == (1.0, 6.0)
    assert json.loads(str(line)) == {
        "name": "x", "ours": 4.0, "peer": 1.5, "ratio": 2.0, "unit": "ms", "n": 3, "lo": 1.0, "hi": 6.0,
    }  # fmt: skip


def test_without_a_peer_there_is_no_ratio(load: Load) -> None:
    harness = load("harness")
    contest = harness.Contest(ours=lambda: 1.23456, peer=None, missing="no network")
    line = harness.summed_up("x", "s", harness.interleaved(contest, 5, 60))
    assert (line.ours, line.peer, line.ratio, line.lo, line.hi, line.n) == (1.235, None, None, None, None, 5)


@pytest.mark.parametrize(("n", "cut"), [(1, 0), (5, 0), (6, 0), (8, 0), (9, 1), (12, 2), (20, 5), (100, 39)])
def test_the_interval_is_that_of_the_tables(load: Load, n: int, cut: int) -> None:
    """Ranks as tables of the sign test have them: of 20 values the 6th and the 15th, of 100 the 40th and the 61st."""
    lo, hi = load("harness").median_interval([float(value) for value in reversed(range(n))])
    assert (lo, hi) == (cut, n - 1 - cut)


@pytest.mark.parametrize("n", [6, 7, 11, 30, 61, 200])
def test_the_interval_is_as_narrow_as_the_confidence_allows(load: Load, n: int) -> None:
    lo, _ = load("harness").median_interval([float(value) for value in range(n)])

    def outside(cut: int) -> float:
        return sum(math.comb(n, below) for below in range(cut + 1)) / float(2 ** (n - 1))

    assert outside(int(lo)) <= 0.05 < outside(int(lo) + 1)
