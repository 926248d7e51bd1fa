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


_TYPED = {"types": {}, "primaryType": "A", "domain": {}, "message": {}}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (_line(at="2026-11-24T10:00:00+99:00"), "at is a time that there is, as in 2026-11-22T10:00:00Z"),
        (_line(at="0000-01-01T10:00:00Z"), "at is a time that there is"),
        (_line(at="0001-01-01T00:00:00+05:00"), "at is a time that there is"),
        (_line(at="2026-02-30T10:00:00Z"), 'not "2026-02-30T10:00:00Z"'),
        ('{"id": "a", "chain_id": ' + "9" * 5000 + "}", "a number of more digits than any amount has"),
        ('{"id": "a", "chain_id": NaN}', "NaN is no number there"),
        ('{"id": "\\ud800"}', "half of a surrogate pair"),
        (b'{"id": "\xff"}', "it is not UTF-8"),
        (_line(chain_id=True, hash=HASH), "9007199254740991, not true"),
        (_line(chain_id=None, hash=HASH), "9007199254740991, not null"),
        (_line(calls=[{"to": None, "data": None}]), "data is hex text, not null"),
        (_line(calls=[{"to": {}}]), "an address is a string, not {}"),
        (_line(calls=[{"to": ["0" * 500]}]), "0000.."),
        (_line(message={}), "hex digits, not {}"),
        (_line(typed_data={}), "typed_data: domain, message, primaryType, types missing"),
        (_line(typed_data={"types": {}, "primaryType": "A", "domain": {}}), "typed_data: message missing"),
        (_line(typed_data={**_TYPED, "types": []}), "typed_data.types: names with their values are expected"),
        (_line(typed_data={**_TYPED, "types": {"A": 5}}), "typed_data.types.A: a list is expected"),
        (_line(typed_data={**_TYPED, "primaryType": 5}), "typed_data.primaryType: text is expected"),
    ],
)
def test_what_is_malformed_is_said_in_the_words_of_the_line(text: str | bytes, words: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_line(text)
    assert words in str(caught.value)
    for strange in ("Python", "timedelta", "None", "True", "Input", "required", "sys."):
        assert strange not in str(caught.value)


@pytest.mark.parametrize(
    "fields",
    [{"message": "0xabc"}, {"message": 5}, {"message": "0xzz"}, {"hash": "0xabcd"}, {"hash": 1}, {"msg": "x"}, {}],
)
def test_anything_else_is_malformed(fields: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read_line(_line(**fields))
