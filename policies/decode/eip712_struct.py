"""Strict reading of EIP-712 messages: exactly the members of the struct, each value in a form that means one thing.

A number is an int or its decimal text, an address is 0x and 40 hex digits (valid by EIP-55 where cases are mixed),
bytes are 0x text of their exact length. Whatever an encoder might stretch to fit is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...wallets.errors import InvalidValue
from ...wallets.values import parse_address, parse_base_units, parse_hex

DOMAIN_TYPE = "EIP712Domain"


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


def read_struct(name: str, types: StructTypes, message: object) -> dict[str, Any]:
    """Values by member name. Raises NotThatStruct."""
    members = types.members[name]
    if not isinstance(message, dict) or set(message) != {member["name"] for member in members}:
        raise NotThatStruct(f"{name} does not have exactly its members")
    return {member["name"]: _read(member["type"], types, message[member["name"]]) for member in members}


def _read(kind: str, types: StructTypes, value: object) -> Any:
    if kind.endswith("[]"):
        if not isinstance(value, list):
            raise NotThatStruct(f"a {kind} is a list")
        return tuple(_read(kind[:-2], types, item) for item in value)
    if kind in types.members:
        return read_struct(kind, types, value)
    try:
        return _read_atom(kind, value)
    except InvalidValue as error:
        raise NotThatStruct(str(error)) from error


def _read_atom(kind: str, value: object) -> Any:
    if kind == "bool":
        if not isinstance(value, bool):
            raise NotThatStruct(f"a bool is true or false, not a {type(value).__name__}")
        return value
    if kind.startswith("uint"):
        if not isinstance(value, int | str):
            raise NotThatStruct(f"a {kind} is an int or its decimal text, not a {type(value).__name__}")
        number = parse_base_units(value)
        if number >> int(kind[4:]):
            raise NotThatStruct(f"{number} does not fit {kind}")
        return number
    if not isinstance(value, str):
        raise NotThatStruct(f"a {kind} is text, not a {type(value).__name__}")
    if kind == "address":
        return parse_address(value)
    if kind == "string":
        return value
    data = parse_hex(value)
    if len(data) != int(kind[5:]):
        raise NotThatStruct(f"a {kind} is 0x and {2 * int(kind[5:])} hex digits")
    return data
