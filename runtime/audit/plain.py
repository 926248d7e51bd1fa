"""From models and numbers to what a block holds, and from a block to JSON for people."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from ...wallets.cid import cid_text
from .errors import RecordRefused
from .records import is_link

_MAX_DEPTH = 64
_INT64 = 2**63


def to_plain(value: Any, depth: int = 0) -> Any:
    """``value`` as dag-cbor holds it: models by their JSON form, Decimals and integers beyond 64 bits as text, tuples
    as lists.

    Raises RecordRefused for floats (an amount is never one), bytes that are no link, keys that are no text, endless
    nesting.
    """
    if depth > _MAX_DEPTH:
        raise RecordRefused(f"a record is nested at most {_MAX_DEPTH} deep")
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if isinstance(value, int):
        return int(value) if -_INT64 <= value < _INT64 else str(int(value))
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise RecordRefused("the keys of a record are texts")
        return {str(key): to_plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(item, depth + 1) for item in value]
    if isinstance(value, str | Decimal):
        return str(value)
    if isinstance(value, BaseModel):
        return to_plain(value.model_dump(mode="json", by_alias=True), depth + 1)
    if is_link(value):
        return value
    raise RecordRefused(
        f"a record holds texts, integers, lists and links, no {kind.__name__}: write amounts as text, bytes as hex"
    )


def to_json(value: Any) -> Any:
    """A block's value for people and JSON: links as ``{"/": "bafy.."}`` (DAG-JSON)."""
    if isinstance(value, dict):
        return {key: to_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    return {"/": cid_text(value)} if isinstance(value, bytes) else value


def links_in(value: Any) -> Iterator[bytes]:
    """Every link in a block's value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from links_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from links_in(item)
    elif isinstance(value, bytes):
        yield value
