"""Strict reading of EIP-712 messages: exactly the members of the struct, each value in a form that means one thing.

A number is an int or its decimal text, an address is 0x and 40 hex digits (valid by EIP-55 where cases are mixed),
bytes are 0x text of their exact length. Whatever an encoder might stretch to fit is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ....wallets.errors import InvalidValue
from ....wallets.values import parse_address, parse_base_units, parse_hex

DOMAIN_TYPE = "EIP712Domain"
DEEPEST_NESTING = 64
"""Structs and arrays inside one another; the tallest tree of bulk orders has 24."""
_ARRAY = re.compile(r"(?P<member>.+)\[(?P<length>[1-9][0-9]*)?\]")
_NUMBER = re.compile(r"(?P<unsigned>u?)int(?P<bits>[1-9][0-9]{0,2})")
_FIXED_BYTES = re.compile(r"bytes(?P<size>[1-9][0-9]?)")
_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_SIGNED_DECIMAL = re.compile(r"0|-?[1-9][0-9]{0,77}")


class NotThatStruct(ValueError):
    """The message is not exactly of the struct; the message of the error says where they part."""


@dataclass(frozen=True)
class StructTypes:
    """The types of one encoded struct: the primary one, and the members of each as EIP-712 lists them."""

    primary: str
    members: dict[str, list[dict[str, str]]]


@lru_cache(maxsize=64)
def parse_types(encoded: str) -> StructTypes:
    """The types of ``Mail(Person from)Person(address wallet)``, the encodeType form of EIP-712."""
    members: dict[str, list[dict[str, str]]] = {}
    for part in encoded.split(")")[:-1]:
        name, _, inner = part.partition("(")
        pairs = (member.split(" ") for member in inner.split(",") if member)
        members[name] = [{"name": member_name, "type": kind} for kind, member_name in pairs]
    return StructTypes(next(iter(members)), members)


def reachable_types(types: StructTypes) -> set[str]:
    """The structs that the primary one uses, and itself. Raises NotThatStruct for a name that is not a struct's."""
    found: set[str] = set()
    ahead = [types.primary]
    while ahead:
        name = ahead.pop()
        if name in found:
            continue
        if not _NAME.fullmatch(name) or is_atomic(name):
            raise NotThatStruct(f"{name[:80]!r} is no name of a struct")
        found.add(name)
        inner = (_element(member["type"]) for member in types.members[name])
        ahead += [kind for kind in inner if kind in types.members]
    return found


def encode_type(types: StructTypes) -> str:
    """The encodeType of EIP-712: the primary struct, then those that it uses by name. Raises NotThatStruct."""
    names = [types.primary, *sorted(reachable_types(types) - {types.primary})]
    members = {name: ",".join(f"{item['type']} {item['name']}" for item in types.members[name]) for name in names}
    return "".join(f"{name}({members[name]})" for name in names)


def is_atomic(kind: str) -> bool:
    """Whether ``kind`` is a value type, bytes or string of EIP-712, written in full."""
    if kind in ("bool", "address", "string", "bytes"):
        return True
    number, fixed = _NUMBER.fullmatch(kind), _FIXED_BYTES.fullmatch(kind)
    if number is not None:
        return int(number["bits"]) % 8 == 0 and int(number["bits"]) <= 256
    return fixed is not None and int(fixed["size"]) <= 32


def _element(kind: str) -> str:
    while match := _ARRAY.fullmatch(kind):
        kind = match["member"]
    return kind


def read_struct(name: str, types: StructTypes, message: object, depth: int = 0) -> dict[str, Any]:
    """Values by member name, in the order of the type. Raises NotThatStruct."""
    members = types.members[name]
    if not isinstance(message, dict) or set(message) != {member["name"] for member in members}:
        raise NotThatStruct(f"{name} does not have exactly its members")
    if len(message) != len(members):
        raise NotThatStruct(f"{name} names a member twice")
    return {member["name"]: _read(member["type"], types, message[member["name"]], depth + 1) for member in members}


def _read(kind: str, types: StructTypes, value: object, depth: int) -> Any:
    if depth > DEEPEST_NESTING:
        raise NotThatStruct(f"it is nested deeper than {DEEPEST_NESTING}")
    array = _ARRAY.fullmatch(kind)
    if array is not None:
        if not isinstance(value, list):
            raise NotThatStruct(f"a {kind} is a list")
        if array["length"] is not None and len(value) != int(array["length"]):
            raise NotThatStruct(f"a {kind} has {array['length']} items, not {len(value)}")
        return tuple(_read(array["member"], types, item, depth + 1) for item in value)
    if kind in types.members:
        return read_struct(kind, types, value, depth)
    if not is_atomic(kind):
        raise NotThatStruct(f"{kind[:80]!r} is no type of EIP-712 in its full form")
    try:
        return _read_atom(kind, value)
    except InvalidValue as error:
        raise NotThatStruct(str(error)) from error


def _read_atom(kind: str, value: object) -> Any:
    if kind == "bool":
        if not isinstance(value, bool):
            raise NotThatStruct(f"a bool is true or false, not a {type(value).__name__}")
        return value
    number = _NUMBER.fullmatch(kind)
    if number is not None:
        return _read_number(kind, int(number["bits"]), value, signed=not number["unsigned"])
    if not isinstance(value, str):
        raise NotThatStruct(f"a {kind} is text, not a {type(value).__name__}")
    if kind == "address":
        return parse_address(value)
    if kind == "string":
        return value
    data = parse_hex(value)
    if kind != "bytes" and len(data) != int(kind[5:]):
        raise NotThatStruct(f"a {kind} is 0x and {2 * int(kind[5:])} hex digits")
    return data


def _read_number(kind: str, bits: int, value: object, *, signed: bool) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise NotThatStruct(f"a {kind} is an int or its decimal text, not a {type(value).__name__}")
    if not signed:
        number = parse_base_units(value)
        if number >> bits:
            raise NotThatStruct(f"{number} does not fit {kind}")
        return number
    if isinstance(value, str) and not _SIGNED_DECIMAL.fullmatch(value):
        raise NotThatStruct(f"a {kind} is an int or its decimal text, not {value[:80]!r}")
    if isinstance(value, int) and value.bit_length() > 256:
        raise NotThatStruct(f"a number of {value.bit_length()} bits does not fit {kind}")
    number = int(value)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise NotThatStruct(f"{number} does not fit {kind}")
    return number
