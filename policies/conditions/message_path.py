"""Paths into the message of typed data: ``details.token``, ``transfers[].to`` (every one), ``transfers[any].to``.

Members are found by the types that are signed: what a message holds beside them is not part of the hash, and is not
seen here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...wallets.typed_data import TypedData
from ..worth import Unknown
from .condition import Truth

NO_PATH = "a member is written as in details.token, transfers[].to (every one of them) or transfers[any].to"
_PATH = re.compile(r"[A-Za-z_$][\w$]*(\[(any)?\])*(\.[A-Za-z_$][\w$]*(\[(any)?\])*)*", re.ASCII)
_STEP = re.compile(r"[A-Za-z_$][\w$]*|\[(?:any)?\]", re.ASCII)
_ARRAY = re.compile(r"(.+)\[[0-9]*\]")

Leaf = Callable[[str, Any], Truth]
"""Holds the type and the value of one member against what is asked."""


def is_path(path: str) -> bool:
    """Whether ``path`` is written as paths are."""
    return _PATH.fullmatch(path) is not None


def members_at(path: str, typed_data: TypedData, leaf: Leaf) -> Truth:
    """What ``leaf`` says of the members at ``path``: False where there is none."""
    return _walk(typed_data.types, typed_data.primary_type, typed_data.message, _STEP.findall(path), leaf)


def _walk(types: dict[str, list[dict[str, str]]], kind: str, value: Any, steps: list[str], leaf: Leaf) -> Truth:
    if not steps:
        return leaf(kind, value)
    step, rest = steps[0], steps[1:]
    if step.startswith("["):
        array = _ARRAY.fullmatch(kind)
        if array is None:
            return False
        if not isinstance(value, list):
            return Unknown("a list of the typed data")
        found = [_walk(types, array[1], item, rest, leaf) for item in value]
        return _any(found) if step == "[any]" else _every(found)
    member = next((item for item in types.get(kind, ()) if item.get("name") == step), None)
    if member is None:
        return False
    if not isinstance(value, dict) or step not in value:
        return Unknown(f"what {step} of the typed data is")
    return _walk(types, member.get("type", ""), value[step], rest, leaf)


def _every(found: list[Truth]) -> Truth:
    if not found or any(truth is False for truth in found):
        return False
    return next((truth for truth in found if truth is not True), True)


def _any(found: list[Truth]) -> Truth:
    if any(truth is True for truth in found):
        return True
    return next((truth for truth in found if truth is not False), False)
