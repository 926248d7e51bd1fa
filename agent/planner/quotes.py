"""Quotes and brackets: what stands in them is blanked, before a request is split or read.

A split inside quotes once turned an injected text into a command (docs: what paid).
"""

from __future__ import annotations

BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">", "«": "»", "“": "”", "„": "“”", "\u2039": "\u203a", "「": "」"}
MARKS = frozenset({'"', "`", "″", "\uff02"})
LEFT, RIGHT = "\u2018", "\u2019"
"""Single quotation marks; the right one is an apostrophe, too."""


def blanked(text: str) -> tuple[str, bool]:
    """The text with quotes, brackets and what they hold as spaces, at the same length; False where one never closes.

    An unclosed one blanks everything after it.
    """
    kept = list(text)
    closed = True
    index = 0
    while index < len(text):
        end = _end(text, index)
        if end is None:
            index += 1
            continue
        if end < 0:
            closed, end = False, len(text) - 1
        for position in range(index, end + 1):
            if text[position] != "\n":
                kept[position] = " "
        index = end + 1
    return "".join(kept), closed


def _end(text: str, start: int) -> int | None:
    """Where the quote that opens at ``start`` closes; -1 where it never does; None where nothing opens there."""
    character = text[start]
    if character in BRACKETS:
        return _closing(text, start, character, BRACKETS[character])
    if character in MARKS:
        run = 3 if text.startswith(character * 3, start) else 1
        found = text.find(character * run, start + run)
        return found if found < 0 else found + run - 1
    if character in ("'", LEFT) and _opens(text, start):
        closes = RIGHT + "'" if character == LEFT else "'"
        for position in range(start + 1, len(text)):
            if text[position] in closes and not _letter(text, position + 1):
                return position
        return -1
    return None


def _closing(text: str, start: int, opening: str, closing: str) -> int:
    depth = 0
    for position in range(start, len(text)):
        if text[position] in closing:
            depth -= 1
            if depth == 0:
                return position
        elif text[position] == opening:
            depth += 1
    return -1


def _opens(text: str, position: int) -> bool:
    """An apostrophe opens a quote where no letter stands before it and something follows."""
    return not _letter(text, position - 1) and position + 1 < len(text) and not text[position + 1].isspace()


def _letter(text: str, position: int) -> bool:
    return 0 <= position < len(text) and text[position].isalnum()
