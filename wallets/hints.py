"""Hints: what a misspelt word may have meant, as the end of an error's sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(word: str, words: Iterable[str]) -> str:
    """``; did you mean "rules"?`` for a misspelt word, or nothing where no known word is near."""
    near = difflib.get_close_matches(str(word), sorted(words), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""


def nearest_or_all(word: str, words: Iterable[str]) -> str:
    """The same, or all known words where none is near."""
    known = sorted(words)
    return nearest(word, known) or f"; known here: {', '.join(known) or 'none'}"
