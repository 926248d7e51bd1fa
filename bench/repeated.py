"""What one call takes, timed in the process that makes it. Standard library alone: a peer's environment imports it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from time import perf_counter


def p50_us(calls: Sequence[Callable[[], object]], repeats: int) -> float:
    """Microseconds of one call: the median over ``repeats`` of each of ``calls``, and their mean."""
    medians = []
    for call in calls:
        taken = []
        for _ in range(repeats):
            started = perf_counter()
            call()
            taken.append(perf_counter() - started)
        medians.append(statistics.median(taken))
    return statistics.fmean(medians) * 1e6
