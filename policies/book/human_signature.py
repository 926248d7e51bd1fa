"""Signatures as people spell them, with names: ``pay((address token, uint256 amount) order, address to)``, and the
encodeType of EIP-712 messages.
"""

from __future__ import annotations

import re
from typing import Any

from .abi_types import canonical_type
from .abis import DEEPEST_STRUCT, Described, Parameter

_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_LOCATIONS = frozenset({"memory", "calldata", "storage", "payable"})
LONGEST_SIGNATURE = 4096


def read_human_signature(text: str) -> Described:
    """Raises ValueError that says what is expected."""
    text = text.strip().removeprefix("function ").strip()
    name, bracket, rest = text.partition("(")
    if len(text) > LONGEST_SIGNATURE or not bracket or not rest.endswith(")") or not _NAME.fullmatch(name):
        raise ValueError(f"a function is written as in pay(address to,uint256 amount), not {text[:80]!r}")
    parameters = _parameters(rest[:-1], 0)
    return Described(f"{name}({','.join(parameter.type for parameter in parameters)})", parameters)


def _parameters(text: str, depth: int) -> tuple[Parameter, ...]:
    if depth > DEEPEST_STRUCT:
        raise ValueError(f"structs are nested deeper than {DEEPEST_STRUCT}")
    return tuple(_parameter(part, depth) for part in split(text))


def _parameter(text: str, depth: int) -> Parameter:
    members: tuple[Parameter, ...] = ()
    text = text.strip().removeprefix("tuple") if text.strip().startswith("tuple(") else text.strip()
    if text.startswith("("):
        end = text.rindex(")")
        members = _parameters(text[1:end], depth + 1)
        kind, rest = f"({','.join(member.type for member in members)})", text[end + 1 :]
        arrays = re.match(r"(\[[0-9]*\])*", rest)
        assert arrays is not None
        kind, words = kind + arrays.group(), rest[arrays.end() :].split()
    else:
        kind, *words = text.split() or [""]
    words = [word for word in words if word not in _LOCATIONS]
    fault = canonical_type(kind)
    if fault is not None:
        raise ValueError(fault)
    if len(words) > 1 or (words and not _NAME.fullmatch(words[0])):
        raise ValueError(f"a parameter is a type and a name, not {text[:80]!r}")
    return Parameter(words[0] if words else "", kind, members)


def split(text: str) -> list[str]:
    """The parts between the commas that are in no bracket."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]] if text.strip() else []


def encoded_type(primary: str, types: Any) -> str:
    """encodeType of EIP-712: the primary struct, then those it refers to in alphabetical order.

    Raises ValueError, KeyError or TypeError where ``types`` do not describe it.
    """
    reached: set[str] = set()
    waiting = [primary]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for member in types[name]:
            inner = str(member["type"]).partition("[")[0]
            if inner in types:
                waiting.append(inner)
    order = [primary, *sorted(reached - {primary})]
    spelt = {name: ",".join(f"{member['type']} {member['name']}" for member in types[name]) for name in order}
    return "".join(f"{name}({members})" for name, members in spelt.items())


def read_encoded_type(encoded: str) -> Described:
    """The message that ``Mail(Person from)Person(address wallet)`` spells. Raises ValueError."""
    structs: dict[str, list[tuple[str, str]]] = {}
    for part in encoded.split(")")[:-1]:
        name, bracket, inner = part.partition("(")
        pairs = [tuple(member.strip().split(" ")) for member in inner.split(",") if member.strip()]
        if not bracket or not _NAME.fullmatch(name) or name in structs or any(len(pair) != 2 for pair in pairs):
            raise ValueError(f"an EIP-712 type is written as in Mail(address from,string text), not {encoded[:80]!r}")
        structs[name] = [(pair[0], pair[1]) for pair in pairs]
    if not structs or len(encoded) > LONGEST_SIGNATURE:
        raise ValueError(f"an EIP-712 type is written as in Mail(address from,string text), not {encoded[:80]!r}")
    primary = next(iter(structs))
    canonical = encoded_type(
        primary, {name: [{"type": kind, "name": member} for kind, member in pairs] for name, pairs in structs.items()}
    )
    return Described(canonical, _members(structs, primary, 0))


def _members(structs: dict[str, list[tuple[str, str]]], name: str, depth: int) -> tuple[Parameter, ...]:
    if depth > DEEPEST_STRUCT:
        raise ValueError(f"{name} is nested in itself, or deeper than {DEEPEST_STRUCT}")
    found = []
    for kind, member in structs[name]:
        base, bracket, arrays = kind.partition("[")
        members = _members(structs, base, depth + 1) if base in structs else ()
        spelt = f"({','.join(one.type for one in members)}){bracket}{arrays}" if base in structs else kind
        fault = canonical_type(spelt)
        if fault is not None:
            raise ValueError(fault)
        found.append(Parameter(member, spelt, members))
    return tuple(found)
