"""Mutations: what a forger does to calldata that decodes: cut, lengthen, flip, dirty, point elsewhere, splice."""

from __future__ import annotations

import random
from collections.abc import Callable

WORD = 32


def mutated(draw: random.Random, data: bytes) -> bytes:
    """The bytes after one to three mutations."""
    for _ in range(draw.randint(1, 3)):
        data = draw.choice(_MUTATIONS)(draw, data)
    return data


def _cut(draw: random.Random, data: bytes) -> bytes:
    return data[: draw.randint(0, len(data))]


def _lengthen(draw: random.Random, data: bytes) -> bytes:
    return data + draw.choice((b"\0" * WORD, b"\0", draw.randbytes(draw.randint(1, 64))))


def _flip(draw: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = draw.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :]


def _word(draw: random.Random, data: bytes) -> bytes:
    """Another word in the place of one: an offset, a length, an address with dirt above it."""
    words = (len(data) - 4) // WORD
    if words < 1:
        return data
    at = 4 + WORD * draw.randrange(words)
    number = draw.choice((0, 1, WORD, 2**255, 2**256 - 1, len(data), at - 4, draw.getrandbits(256)))
    return data[:at] + (number % 2**256).to_bytes(WORD, "big") + data[at + WORD :]


def _move(draw: random.Random, data: bytes) -> bytes:
    """A word copied over another one."""
    words = (len(data) - 4) // WORD
    if words < 2:
        return data
    source, target = (4 + WORD * draw.randrange(words) for _ in range(2))
    return data[:target] + data[source : source + WORD] + data[target + WORD :]


def _insert(draw: random.Random, data: bytes) -> bytes:
    at = draw.randint(0, len(data))
    return data[:at] + draw.choice((b"\0" * WORD, draw.randbytes(draw.randint(1, WORD)))) + data[at:]


def _selector(draw: random.Random, data: bytes) -> bytes:
    return draw.randbytes(4) + data[4:]


_MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _cut,
    _lengthen,
    _flip,
    _flip,
    _word,
    _word,
    _word,
    _move,
    _insert,
    _selector,
)
