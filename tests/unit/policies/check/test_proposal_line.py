"""A line may ask for a message or a bare hash to be signed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from treasurer.policies.check.proposal_line import Malformed, read_line

HASH = "0x" + "ab" * 32


def _line(**fields: Any) -> str:
    return json.dumps({"id": "a", "chain_id": 1, "from": "0x" + "11" * 20, "at": "2026-11-24T10:00:00Z", **fields})


@pytest.mark.parametrize(
    ("message", "expected"), [("hello", b"hello"), ("0x00ff", b"\x00\xff"), ("grüezi", "grüezi".encode()), ("", b"")]
)
def test_a_message_is_text_or_the_bytes_of_its_hex_digits(message: str, expected: bytes) -> None:
    assert read_line(_line(message=message)).proposal.message == expected


def test_a_hash_has_32_bytes() -> None:
    assert read_line(_line(hash=HASH)).proposal.raw_hash == HASH


@pytest.mark.parametrize(
    "fields",
    [{"message": "0xabc"}, {"message": 5}, {"message": "0xzz"}, {"hash": "0xabcd"}, {"hash": 1}, {"msg": "x"}, {}],
)
def test_anything_else_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_line(_line(**fields))
