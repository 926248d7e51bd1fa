"""`python bench [NAME]`: measure every figure, or one, beside its peer: one JSON object a line on standard output."""

from __future__ import annotations

import sys

import figures
from harness import interleaved, summed_up

from treasurer.wallets.errors import TreasurerError

USAGE, NOT_READY, INTERRUPTED = 2, 3, 130


def main(arguments: list[str]) -> int:
    """0; 2 for a name that there is not; 3 where a figure could not be measured, after the others."""
    wanted = arguments or list(figures.NAMES)
    unknown = [name for name in wanted if name not in figures.NAMES]
    if unknown:
        print(f"no figure is called {unknown[0]}: there are {', '.join(figures.NAMES)}", file=sys.stderr)
        return USAGE
    try:
        return max([_measure(name) for name in wanted])
    except KeyboardInterrupt:
        return INTERRUPTED


def _measure(name: str) -> int:
    figure = figures.figure(name)
    try:
        with figure.contest() as contest:
            if contest.peer is None:
                print(f"{name}: no peer: {contest.missing}", file=sys.stderr)
            pairs = interleaved(contest, figure.pairs, figure.seconds)
    except (TreasurerError, OSError) as error:
        print(f"{name} was not measured: {error}", file=sys.stderr)
        return NOT_READY
    print(summed_up(name, figure.unit, pairs), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
