"""Which ABI types there are, in the one way of writing them that selectors are made of."""

from __future__ import annotations

import re

_ARRAYS = re.compile(r"((?:\[[0-9]*\])*)$")
_SIZED = re.compile(r"(uint|int|bytes)([1-9][0-9]*)")
MOST_ITEMS = 1024
"""Items of an array of fixed length: each is in the calldata, and nobody writes longer ones."""


def canonical_type(kind: str) -> str | None:
    """What is wrong with an ABI type as it stands in a signature, or None (a tuple's members are looked at apart)."""
    arrays = _ARRAYS.search(kind)
    assert arrays is not None
    for size in re.findall(r"\[([0-9]*)\]", arrays.group(1)):
        if size and (size.startswith("0") or int(size) > MOST_ITEMS):
            return f"{kind} is an array of no length that can be read (1 to {MOST_ITEMS})"
    base = kind[: arrays.start()]
    if base.startswith("(") and base.endswith(")"):
        return None
    if base in ("address", "bool", "string", "bytes"):
        return None
    if base in ("uint", "int"):
        return f"{kind} is written {base}256 here"
    sized = _SIZED.fullmatch(base)
    if sized is not None:
        bits = int(sized.group(2))
        if sized.group(1) == "bytes" and bits <= 32:
            return None
        if sized.group(1) != "bytes" and bits <= 256 and bits % 8 == 0:
            return None
    return f"{kind} is no type that is read here (address, bool, string, bytes, bytesN, uintN, intN, arrays, tuples)"
