"""JSON documents of people and their tools, with the place of each value for faults (RFC 8259).

Numbers with a fraction are refused, and a key that stands in an object twice: two readers must not differ.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

from ..errors import DocumentError
from .yaml_document import DEEPEST_NESTING, MOST_FAULTS, Fault, Path_

_SPACES = " \t\r\n"


@dataclass(frozen=True)
class JsonDocument:
    """The value of a document, and its text to find places in."""

    name: str
    text: str
    value: Any

    def error(self, faults: list[Fault]) -> DocumentError:
        """The faults, each at the line and column where its value begins."""
        lines = sorted({(*_line(self.text, _place(self.text, path)), _at(path), words) for path, words in faults})
        return DocumentError(
            [f"{self.name}:{line}:{column}: {at}{words}" for line, column, at, words in lines[:MOST_FAULTS]]
        )


def read_json(source: bytes, name: str, *, fractions: bool = False) -> JsonDocument:
    """Raises DocumentError where ``source`` is no JSON, or says one thing twice.

    ``fractions``: a number with a fraction or an exponent is its text; otherwise it is a fault.
    """
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError([f"{name}:1:1: not UTF-8 text: {error.reason}"]) from error
    faults: list[str] = []
    doubled: list[bool] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        doubled.append(len(found) < len(pairs))
        return found

    def no_fraction(number: str) -> Any:
        faults.append(f"{number[:40]} is no whole number: write it as text")
        return 0

    of_fraction = str if fractions else no_fraction
    try:
        value = json.loads(text, object_pairs_hook=members, parse_float=of_fraction, parse_constant=no_fraction)
    except json.JSONDecodeError as error:
        raise DocumentError([f"{name}:{error.lineno}:{error.colno}: not JSON: {error.msg}"]) from error
    except (RecursionError, ValueError) as error:
        raise DocumentError(
            [f"{name}:1:1: not JSON that can be read: nested too deep, or a number too long"]
        ) from error
    if _depth(value) > DEEPEST_NESTING:
        faults.append(f"nested deeper than {DEEPEST_NESTING}: nobody writes such a file")
    if faults:
        raise DocumentError([f"{name}:1:1: {words}" for words in faults[:MOST_FAULTS]])
    if any(doubled):
        raise DocumentError(_repeated(text, name))
    return JsonDocument(name, text, value)


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        one, depth = waiting.pop()
        deepest = max(deepest, depth)
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        waiting.extend((item, depth + 1) for item in inner)
    return deepest


def _repeated(text: str, name: str) -> list[str]:
    found: list[tuple[int, str]] = []
    _walk(text, _skip(text, 0), 1, found)
    return [
        f"{name}:{line}:{column}: the key {json.dumps(key)} stands in one object for the second time: remove one"
        for position, key in found[:MOST_FAULTS]
        for line, column in [_line(text, position)]
    ] or [f"{name}:1:1: a key stands in one object for the second time, nested deeper than anybody reads"]


def _walk(text: str, position: int, depth: int, repeated: list[tuple[int, str]]) -> int:
    """The end of the valid JSON value at ``position``; adds the keys that its objects have twice, and where."""
    closing = {"{": "}", "[": "]"}.get(text[position])
    if closing is None or depth > DEEPEST_NESTING:
        return json.JSONDecoder().raw_decode(text, position)[1]
    seen: set[str] = set()
    position = _skip(text, position + 1)
    while text[position] != closing:
        if closing == "}":
            start = position
            key, position = scanstring(text, position + 1)
            if key in seen:
                repeated.append((start, key))
            seen.add(key)
            position = _skip(text, _skip(text, position) + 1)
        position = _skip(text, _walk(text, position, depth + 1, repeated))
        if text[position] == ",":
            position = _skip(text, position + 1)
    return position + 1


def _place(text: str, path: Path_) -> int:
    """Where the value at ``path`` begins in JSON that is valid; the nearest value around it where there is none."""
    position = _skip(text, 0)
    for part in path:
        inner = _member(text, position, part)
        if inner is None:
            break
        position = inner
    return position


def _member(text: str, position: int, part: str | int) -> int | None:
    if text[position] not in "{[":
        return None
    is_object, index = text[position] == "{", 0
    position = _skip(text, position + 1)
    while text[position] not in "}]":
        key: str | int = index
        if is_object:
            key, position = scanstring(text, position + 1)
            position = _skip(text, _skip(text, position) + 1)
        if key == part:
            return position
        _, position = json.JSONDecoder().raw_decode(text, position)
        position = _skip(text, position)
        if text[position] == ",":
            position = _skip(text, position + 1)
        index += 1
    return None


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACES:
        position += 1
    return position


def _line(text: str, position: int) -> tuple[int, int]:
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)


def _at(path: Path_) -> str:
    return f"{'.'.join(str(part) for part in path)}: " if path else ""
