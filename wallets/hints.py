"""Hints: what a misspelt word may have meant, as the end of an error's sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_LEAST_LIKENESS = 0.6


def nearest(word: str, words: Iterable[str]) -> str:
    """``; did you mean "rules"?`` for a misspelt word, or nothing where no known word is near."""
    near = nearest_word(word, words)
    return f'; did you mean "{near}"?' if near else ""


def nearest_or_all(word: str, words: Iterable[str]) -> str:
    """The same, or all known words where none is near."""
    known = sorted(words)
    return nearest(word, known) or f"; known here: {', '.join(known) or 'none'}"


def nearest_word(word: str, words: Iterable[str]) -> str:
    """The known word that ``word`` is fewest slips away from, or "" where none is near.

    A slip is a letter too many, one too few, one for another, or two that changed places; capitals are none. Of words
    as near as one another the one of the same length comes first: "uscd" is "usdc" before it is "usd".
    """
    folded = str(word).casefold()
    near = [known for known in words if _likeness(folded, known.casefold()) >= _LEAST_LIKENESS]
    return min(near, key=lambda known: _distance(folded, known), default="")


def _likeness(one: str, other: str) -> float:
    matcher = difflib.SequenceMatcher(None, one, other, autojunk=False)
    return 0.0 if matcher.real_quick_ratio() < _LEAST_LIKENESS else matcher.ratio()


def _distance(folded: str, known: str) -> tuple[int, int, str]:
    return _slips(folded, known.casefold()), abs(len(folded) - len(known)), known


def _slips(one: str, other: str) -> int:
    """How many slips lead from one to the other (the optimal string alignment distance)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, last, row = row, before, [i]
        for j, against in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
