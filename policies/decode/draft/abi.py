"""Canonical ABI decoding: the one encoding that the Solidity ABI specification prescribes for a value, and no other.

Contracts read far more than that: trailing bytes, dirty upper bytes, offsets that overlap or skip. Whatever is not the
encoding that a strict encoder gives back is refused here, so that two readers of the same bytes cannot differ.
Values: uintN and intN are int, address is lower-case text, bool is bool, bytesN, bytes and string are bytes, tuples
and arrays are tuples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ....wallets.call import argument_types

WORD = 32
_ADDRESS_PADDING = bytes(12)


class NotCanonical(ValueError):
    """The bytes are not the canonical encoding of the expected types; the message says where they part from it."""


@dataclass(frozen=True)
class AbiType:
    """Bytes in the head, whether the value is in the tail, and a reader ``(data, position) -> (value, end)``."""

    head_bytes: int
    dynamic: bool
    read: Callable[[bytes, int], tuple[Any, int]]


def decode(signature: str, data: bytes) -> tuple[Any, ...]:
    """The arguments of ``name(type,..)`` in calldata without its selector. Raises NotCanonical."""
    values: tuple[Any, ...]
    values, end = _members(signature).read(data, 0)
    if end != len(data):
        raise NotCanonical(f"{len(data) - end} bytes follow the last argument")
    return values


@lru_cache(maxsize=512)
def _members(signature: str) -> AbiType:
    return _sequence(tuple(_parse(kind) for kind in argument_types(signature)))


@lru_cache(maxsize=256)
def _parse(kind: str) -> AbiType:
    if kind.endswith("[]"):
        return _array(_parse(kind[:-2]))
    if kind.endswith("]"):
        item, _, count = kind[:-1].rpartition("[")
        return _sequence((_parse(item),) * int(count))
    if kind.startswith("("):
        return _sequence(tuple(_parse(member) for member in argument_types(kind)))
    if kind in ("bytes", "string"):
        return AbiType(WORD, True, _read_bytes)
    if kind == "address":
        return AbiType(WORD, False, _read_address)
    if kind == "bool":
        return _unsigned(1)
    if kind.startswith("uint"):
        return _unsigned(int(kind[4:]))
    if kind.startswith("int"):
        return _signed(int(kind[3:]))
    if kind.startswith("bytes"):
        return _fixed_bytes(int(kind[5:]))
    raise NotImplementedError(f"no decoder for the ABI type {kind}: write one in abi.py")


def _word(data: bytes, position: int) -> int:
    chunk = data[position : position + WORD]
    if len(chunk) != WORD:
        raise NotCanonical("the bytes end inside an argument")
    return int.from_bytes(chunk, "big")


def _read_address(data: bytes, position: int) -> tuple[str, int]:
    end = position + WORD
    if end > len(data):
        raise NotCanonical("the bytes end inside an argument")
    if data[position : position + 12] != _ADDRESS_PADDING:
        raise NotCanonical("an address has dirty padding")
    return "0x" + data[position + 12 : end].hex(), end


def _unsigned(bits: int) -> AbiType:
    def read(data: bytes, position: int) -> tuple[int | bool, int]:
        end = position + WORD
        if end > len(data):
            raise NotCanonical("the bytes end inside an argument")
        value = int.from_bytes(data[position:end])
        if value >> bits:
            raise NotCanonical(f"a number does not fit its {bits} bits")
        return (bool(value) if bits == 1 else value), end

    return AbiType(WORD, False, read)


def _signed(bits: int) -> AbiType:
    def read(data: bytes, position: int) -> tuple[int, int]:
        value = _word(data, position)
        value -= (value >> 255) << 256
        if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
            raise NotCanonical(f"a signed number does not fit its {bits} bits")
        return value, position + WORD

    return AbiType(WORD, False, read)


def _fixed_bytes(size: int) -> AbiType:
    def read(data: bytes, position: int) -> tuple[bytes, int]:
        end = position + WORD
        if end > len(data) or any(data[position + size : end]):
            raise NotCanonical(f"a bytes{size} is cut short or has dirty padding")
        return data[position : position + size], end

    return AbiType(WORD, False, read)


def _read_bytes(data: bytes, position: int) -> tuple[bytes, int]:
    length = _word(data, position)
    start = position + WORD
    end = start + -(-length // WORD) * WORD
    if end > len(data):
        raise NotCanonical("a byte string is longer than the bytes that follow")
    if any(data[start + length : end]):
        raise NotCanonical("a byte string has dirty padding")
    return data[start : start + length], end


def _sequence(members: tuple[AbiType, ...]) -> AbiType:
    head_bytes = sum(member.head_bytes for member in members)
    dynamic = any(member.dynamic for member in members)

    readers = tuple(member.read for member in members)

    def read(data: bytes, position: int) -> tuple[tuple[Any, ...], int]:
        return _read_members(members, head_bytes, data, position)

    def read_static(data: bytes, position: int) -> tuple[tuple[Any, ...], int]:
        values = []
        for read_member in readers:
            value, position = read_member(data, position)
            values.append(value)
        return tuple(values), position

    return AbiType(WORD, True, read) if dynamic else AbiType(head_bytes, False, read_static)


def _array(member: AbiType) -> AbiType:
    def read(data: bytes, position: int) -> tuple[tuple[Any, ...], int]:
        length = _word(data, position)
        start = position + WORD
        if length * member.head_bytes > len(data) - start:
            raise NotCanonical("an array is longer than the bytes that follow")
        return _read_members((member,) * length, member.head_bytes * length, data, start)

    return AbiType(WORD, True, read)


def _read_members(members: tuple[AbiType, ...], head_bytes: int, data: bytes, base: int) -> tuple[tuple[Any, ...], int]:
    """Heads in order, then tails in order with no gap: each offset must be the end of the tail before it."""
    position, tail = base, base + head_bytes
    values = []
    for member in members:
        if member.dynamic:
            if base + _word(data, position) != tail:
                raise NotCanonical("an offset does not point to the next free byte")
            value, tail = member.read(data, tail)
            position += WORD
        else:
            value, position = member.read(data, position)
        values.append(value)
    return tuple(values), tail
