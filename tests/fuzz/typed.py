"""Typed data to begin with, valid for every struct that is known, and what a forger makes of it."""

from __future__ import annotations

import copy
from typing import Any

from corpus import ACCOUNT, CHAIN, Draw, kinds

from treasurer.policies.decode.draft.eip712_struct import DOMAIN_TYPE, parse_types
from treasurer.policies.decode.typed_data import DOMAIN_MEMBERS, STRUCTS
from treasurer.wallets.typed_data import TypedData

OWNERS = frozenset({"owner", "holder", "from", "offerer", "sender", "delegator", "authorizer"})
MOST_NESTED = 2
"""A Seaport bulk order is a tree of up to 2^24 orders: the smallest of them is enough."""
READ = tuple(struct.encoded for struct in STRUCTS if struct.encoded.count("[2]") <= MOST_NESTED)
STRANGE: tuple[Any, ...] = (None, True, -1, 2**256, "", "0x", "0x1", [], {}, [[]], "1e9", "٣", 1.5, "x" * 10_000)


def typed_data(draw: Draw) -> dict[str, Any]:
    """The object of eth_signTypedData_v4 for a struct that is known, often altered."""
    types = parse_types(draw.random.choice(READ))
    contract = draw.random.choice((*kinds().values(), ACCOUNT, draw.address()))
    domain = {"name": "x", "version": "1", "chainId": draw.random.choice((CHAIN, CHAIN, CHAIN, 0, 1))}
    domain["verifyingContract"] = contract
    listed = [{"name": name, "type": kind} for name, kind in DOMAIN_MEMBERS]
    made = {
        "types": {DOMAIN_TYPE: listed, **copy.deepcopy(types.members)},
        "primaryType": types.primary,
        "domain": domain,
        "message": _struct(draw, types.primary, types.members),
    }
    for _ in range(draw.random.choice((0, 0, 1, 2))):
        _alter(draw, made)
    return made


def _struct(draw: Draw, name: str, members: dict[str, list[dict[str, str]]]) -> dict[str, Any]:
    return {member["name"]: _value(draw, member, member["type"], members) for member in members[name]}


def _value(draw: Draw, member: dict[str, str], kind: str, members: dict[str, list[dict[str, str]]]) -> Any:
    if kind.endswith("]"):
        inner, _, size = kind[:-1].rpartition("[")
        count = int(size) if size else draw.random.choice((0, 1, 1, 2))
        return [_value(draw, member, inner, members) for _ in range(count)]
    if kind in members:
        return _struct(draw, kind, members)
    if kind == "address" and member["name"] in OWNERS and draw.random.random() < 0.8:
        return ACCOUNT
    value = draw.value(kind, 1)
    return "0x" + value.hex() if isinstance(value, bytes) else str(value) if isinstance(value, int) else value


def _alter(draw: Draw, made: dict[str, Any]) -> None:
    """One change somewhere: a value of another sort, a member more or less, another name, another domain."""
    part = draw.random.choice(("message", "domain", "types"))
    at: Any = made[part]
    while isinstance(at, dict) and at:
        key = draw.random.choice(tuple(at))
        inner = at[key]
        if isinstance(inner, dict) and inner and draw.random.random() < 0.5:
            at = inner
            continue
        change = draw.random.choice(("value", "lose", "add", "rename"))
        if change == "value":
            at[key] = draw.random.choice(STRANGE)
        elif change == "lose":
            del at[key]
        elif change == "add":
            at["extra"] = draw.random.choice(STRANGE)
        else:
            at[f"{key}x"] = at.pop(key)
        return


def parsed(made: dict[str, Any]) -> TypedData | None:
    """As a proposal holds it; None where it is not even of that shape."""
    try:
        return TypedData.model_validate(made)
    except ValueError:
        return None
