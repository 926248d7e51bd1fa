"""Two ways of doing one thing, timed in turns, and what the pairs say of them."""

from __future__ import annotations

import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass

FEWEST_PAIRS = 3
SIGNIFICANT_DIGITS = 4
CONFIDENCE = 0.95

Sample = Callable[[], float]
"""Does the thing once, or a batch of it, and returns what one took, in the figure's unit."""


@dataclass(frozen=True)
class Contest:
    """What is timed, ready to run. ``peer`` is None where it cannot be had; ``missing`` then says why."""

    ours: Sample
    peer: Sample | None
    missing: str = ""


@dataclass(frozen=True)
class Figure:
    """``contest`` sets both sides up and checks that they do the same; ``seconds`` bounds the timing of ``pairs``."""

    unit: str
    pairs: int
    seconds: float
    contest: Callable[[], AbstractContextManager[Contest]]


@dataclass(frozen=True)
class Line:
    """One figure as it is printed: medians of both sides, and of their ratio pair by pair.

    ``ratio`` is ours divided by the peer's: below 1 ours is quicker. Between ``lo`` and ``hi`` the ratio's median lies
    with 95 % confidence; of fewer than six pairs no such interval can be told, and they are the extremes.
    """

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    unit: str
    n: int
    lo: float | None
    hi: float | None

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def interleaved(
    contest: Contest, pairs: int, seconds: float, *, clock: Callable[[], float] = time.monotonic
) -> list[tuple[float, float | None]]:
    """Samples of both sides in turns, every second pair with the peer first, after one pair that does not count.

    Ends after ``pairs``, or with the first pair past ``seconds``, but not before FEWEST_PAIRS.
    """
    _pair(contest, peer_first=False)
    until = clock() + seconds
    found: list[tuple[float, float | None]] = []
    while len(found) < pairs and (len(found) < FEWEST_PAIRS or clock() < until):
        found.append(_pair(contest, peer_first=len(found) % 2 == 1))
    return found


def _pair(contest: Contest, *, peer_first: bool) -> tuple[float, float | None]:
    if contest.peer is None:
        return contest.ours(), None
    if peer_first:
        peer = contest.peer()
        return contest.ours(), peer
    ours = contest.ours()
    return ours, contest.peer()


def summed_up(name: str, unit: str, pairs: Sequence[tuple[float, float | None]]) -> Line:
    """The line of one figure. A side without a peer has no ratio."""
    ours = _rounded(statistics.median(ours for ours, _ in pairs))
    peers = [peer for _, peer in pairs if peer is not None]
    if len(peers) < len(pairs):
        return Line(name, ours, None, None, unit, len(pairs), None, None)
    ratios = [ours / peer for (ours, _), peer in zip(pairs, peers, strict=True)]
    lo, hi = median_interval(ratios)
    return Line(
        name,
        ours,
        _rounded(statistics.median(peers)),
        _rounded(statistics.median(ratios)),
        unit,
        len(pairs),
        _rounded(lo),
        _rounded(hi),
    )


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """An interval that holds the median with CONFIDENCE, by order statistics: nothing is assumed of the distribution.

    The number of values below the median is binomial (n, 1/2): the interval is cut from both ends as far as its tails
    allow. Source: Conover, Practical Nonparametric Statistics, 3.2.
    """
    ordered, n = sorted(values), len(values)
    cut, tail = 0, 0.5**n
    while 2 * (tail := tail + math.comb(n, cut + 1) * 0.5**n) <= 1 - CONFIDENCE:
        cut += 1
    return ordered[cut], ordered[-1 - cut]


def _rounded(value: float) -> float:
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")
