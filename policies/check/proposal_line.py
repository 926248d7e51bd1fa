"""One line of ``policy check``: the JSON of a proposal, read strictly, or said to be malformed with the reason."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from ...wallets.call import Authorization, Call, Operation
from ...wallets.errors import InvalidValue
from ...wallets.typed_data import TypedData
from ...wallets.values import parse_address, parse_base_units, parse_hash, parse_hex
from ..documents.yaml_document import DEEPEST_NESTING, nested, unknown_key
from ..proposal import Proposal, Provenance
from ..trusted import made

LARGEST_LINE_BYTES = 1 << 20
LARGEST_CHAIN_ID = 2**53 - 1
_KEYS = ("id", "chain_id", "from", "calls", "typed_data", "message", "hash", "authorization_list", "provenance", "at")
_CALL_KEYS = frozenset({"to", "value", "data", "operation"})
_TYPED_KEYS = frozenset({"types", "primaryType", "domain", "message"})
_AUTHORIZATION_KEYS = frozenset({"chain_id", "address", "nonce"})
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_LONGEST_SHOWN = 80
NO_KEY = "0x" + "0" * 64
"""A line has no Run, so all lines share one intent key."""


class Malformed(ValueError):
    """A line that is no proposal. ``id`` and ``at`` are what could be read of it all the same."""

    def __init__(self, message: str, line_id: str | None = None, at: datetime | None = None) -> None:
        super().__init__(message)
        self.id = line_id
        self.at = at


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A well-formed line: its id, its time, and the proposal in it."""

    id: str
    at: datetime
    proposal: Proposal


def read_line(line: bytes | str) -> ProposalLine:
    """The proposal of one line. Raises Malformed, and nothing else, for anything that is not exactly one."""
    value = _read_json(line)
    line_id = value.get("id")
    if not isinstance(line_id, str):
        raise Malformed("id is a string of your own that names the line", at=_readable(value))
    try:
        at = parse_instant(value.get("at"))
    except ValueError as error:
        raise Malformed(str(error), line_id) from error
    try:
        return ProposalLine(line_id, at, _read_proposal(value, at))
    except (InvalidValue, ValidationError, ValueError) as error:
        raise Malformed(_sentence(error), line_id, at) from error


def _readable(value: dict[str, Any]) -> datetime | None:
    try:
        return parse_instant(value.get("at"))
    except ValueError:
        return None


def _read_json(line: bytes | str) -> dict[str, Any]:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        if len(text) > LARGEST_LINE_BYTES:
            raise Malformed(f"the line is longer than {LARGEST_LINE_BYTES} characters")
        _bound_nesting(text)
        value = json.loads(text, object_pairs_hook=_distinct, parse_constant=_no_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate is no text
    except Malformed:
        raise
    except (json.JSONDecodeError, RecursionError) as error:
        raise Malformed(f"the line is not JSON: {error}"[:300]) from error
    except UnicodeError as error:
        raise Malformed("the line is not JSON: it is not UTF-8, or has half of a surrogate pair") from error
    except ValueError as error:
        raise Malformed("the line is not JSON that can be read: a number of more digits than any amount has") from error
    if not isinstance(value, dict):
        raise Malformed("a line is one JSON object")
    return value


def _bound_nesting(text: str) -> None:
    if text.count("{") + text.count("[") <= DEEPEST_NESTING:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        bracket = match[0]
        if bracket in "{[":
            depth += 1
            if depth > DEEPEST_NESTING:
                raise Malformed(f"nested deeper than {DEEPEST_NESTING}")
        elif bracket in "}]":
            depth -= 1


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Malformed(f'the key "{twice}" stands twice in one object')
    return value


def _no_constant(name: str) -> Any:
    raise Malformed(f"the line is not JSON: {name} is no number there")


def _read_proposal(value: dict[str, Any], at: datetime) -> Proposal:
    for key in value:
        if key not in _KEYS:
            raise ValueError(unknown_key(key, _KEYS))
    for key in ("chain_id", "from"):
        if key not in value:
            raise ValueError(f'"{key}" is missing')
    if all(value.get(key) is None for key in ("calls", "typed_data", "message", "hash")):
        raise ValueError("calls, typed_data, message or hash: one must be there")
    fields = {
        "chain_id": _integer(value["chain_id"], "chain_id", 1, LARGEST_CHAIN_ID),
        "account": _address(value["from"]),
        "calls": tuple(_call(item) for item in _list(value, "calls")),
        "typed_data": _typed_data(value.get("typed_data")),
        "message": _message(value.get("message")),
        "raw_hash": None if value.get("hash") is None else parse_hash(value["hash"]),
        "authorizations": tuple(_authorization(item) for item in _list(value, "authorization_list")),
        "provenance": _provenance(value.get("provenance")),
        "intent_key": NO_KEY,
        "run": "policy check",
        "expires_at": at,
    }
    return made(Proposal, fields)


def _list(value: dict[str, Any], key: str) -> list[Any]:
    found = value.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise ValueError(f"{key} is a list")
    return found


def _object(value: Any, what: str, keys: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is an object of {', '.join(sorted(keys))}")
    for key in value:
        if key not in keys:
            raise ValueError(f"{what}: {unknown_key(key, sorted(keys))}")
    return value


def _call(item: Any) -> Call:
    call = _object(item, "a call", _CALL_KEYS)
    if "to" not in call:
        raise ValueError('a call says "to": an address, or null to create a contract')
    value, data = call.get("value", "0"), call.get("data", "0x")
    if not isinstance(value, str):
        raise ValueError(f"value is a decimal string of wei, not {_json(value)}")
    if not isinstance(data, str):
        raise ValueError(f"data is hex text, not {_json(data)}")
    fields = {
        "to": None if call["to"] is None else _address(call["to"]),
        "value": parse_base_units(value),
        "data": parse_hex(data),
        "operation": Operation(_integer(call.get("operation", 0), "operation", 0, 1)),
    }
    return made(Call, fields)


def _address(value: Any) -> str:
    """Not through the cache with anything but text: a list could not be hashed."""
    if not isinstance(value, str):
        raise ValueError(f"an address is a string, not {_json(value)}")
    return parse_address(value)


def _integer(value: Any, what: str, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise ValueError(f"{what} is an integer from {least} to {most}, not {_json(value)}")
    return value


def _typed_data(value: Any) -> TypedData | None:
    if value is None:
        return None
    typed = _object(value, "typed_data", _TYPED_KEYS)
    if isinstance(typed.get("types"), dict):
        for members in typed["types"].values():
            listed = members if isinstance(members, list) else []
            if any(isinstance(item, dict) and set(item) != {"name", "type"} for item in listed):
                raise ValueError("typed_data: a member of a type has a name and a type, nothing else")
    missing = sorted(_TYPED_KEYS - set(typed))
    if missing:
        raise ValueError(f"typed_data: {', '.join(missing)} missing: it is the object of eth_signTypedData_v4")
    return TypedData.model_validate(typed)


def _message(value: Any) -> bytes | None:
    """The bytes of a message of EIP-191: those of ``0x..``, else the UTF-8 of the text."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"message is text, or 0x and hex digits, not {_json(value)}")
    return parse_hex(value) if value.startswith("0x") else value.encode()


def _authorization(item: Any) -> Authorization:
    found = _object(item, "an authorization", _AUTHORIZATION_KEYS)
    if set(found) != _AUTHORIZATION_KEYS:
        raise ValueError("an authorization has chain_id, address and nonce")
    fields = {
        "chain_id": _integer(found["chain_id"], "chain_id", 0, LARGEST_CHAIN_ID),
        "address": _address(found["address"]),
        "nonce": _integer(found["nonce"], "nonce", 0, 2**64 - 1),
    }
    return made(Authorization, fields)


def _provenance(value: Any) -> dict[str, Provenance]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ValueError("provenance maps addresses to labels")
    found: dict[str, Provenance] = {}
    for address, label in value.items():
        key = _address(address)
        if key in found:
            raise ValueError(f"provenance names {address} twice")
        if label not in _LABELS:
            raise ValueError(f"provenance is one of {', '.join(_LABELS)}, not {_json(label)}")
        found[key] = Provenance(label)
    return found


_LABELS = tuple(label.value for label in Provenance)


def parse_instant(value: Any) -> datetime:
    """The time of ``2026-11-22T10:00:00Z``, or with an offset. Raises ValueError."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("at is required: the time of the proposal with its zone, as in 2026-11-22T10:00:00Z")
    return _instant(value)


@lru_cache(maxsize=1024)
def _instant(value: str) -> datetime:
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"at is a time that there is, as in 2026-11-22T10:00:00Z, not {_json(value)}") from error


def _json(value: Any) -> str:
    """A value as the line has it, as far as it is short."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}.."


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        path, words = nested(error, ("typed_data",))[0]
        return f"{'.'.join(str(part) for part in path)}: {words}"[:300]
    return str(error)[:300]
