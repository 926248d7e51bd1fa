"""JSON Schemas of policy.yaml and book.yaml for editors, made of the very models that read them.

A schema cannot know the book: a label that the book lacks passes here and is an error when the policy is loaded. Each
condition shows how it is written; its type is the one of its example. Source: JSON Schema 2020-12.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from ...wallets.values import parse_address, parse_asset, parse_hash
from ..book.contract_kinds import TOKEN_KINDS, VENUE_KINDS, read_token_kind, read_venue_kind
from ..book.entries import LABEL, RESERVED_LABELS, Entry, PersonEntry, TokenEntry, VenueEntry, one_or_more_chains
from ..conditions import CONDITIONS, Condition, read_conditions
from ..conditions.addresses import AddressCondition
from ..conditions.amounts import BoundedSum
from ..conditions.assets import AssetCondition
from ..conditions.bounds import Bounds
from ..documents.duration import LONGEST_SECONDS, UNIT_SECONDS, parse_seconds
from ..documents.numbers import parse_number
from ..documents.yaml_document import read_yaml
from ..effect import Kind
from ..errors import PolicyError
from ..kinds import ALLOWABLE
from ..language.fields import one_or_more, read_kind, read_version
from ..language.limits import read_recipients
from ..language.policy import Policy

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAMES = ("policy", "book")


def _up_to(most: int) -> str:
    """A pattern of the whole numbers from 1 to ``most``, which has two digits or more."""
    digits = str(most)
    parts = [f"[1-9][0-9]{{0,{len(digits) - 2}}}", digits]
    for place, digit in enumerate(digits):
        least, rest = int(place == 0), len(digits) - place - 1
        if int(digit) > least:
            parts.append(f"{digits[:place]}[{least}-{int(digit) - 1}][0-9]{{{rest}}}")
    return f"({'|'.join(parts)})"


_DURATION: Schema = {
    "type": "string",
    "pattern": "^("
    + "|".join(f"{_up_to(min(LONGEST_SECONDS // each, 999_999_999))}{unit}" for unit, each in UNIT_SECONDS.items())
    + ")$",
    "description": "A length of time, as in 90s, 30m, 24h, 7d; at most a hundred years.",
}
_ADDRESS: Schema = {
    "type": "string",
    "pattern": "^0x[0-9a-fA-F]{40}$",
    "description": "Quoted: YAML reads an unquoted 0x.. as a number.",
}
_NAME: Schema = {
    "anyOf": [
        {"type": "string", "not": {"pattern": "^0x"}},
        {
            "type": "object",
            "properties": {"book": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}},
            "required": ["book"],
            "additionalProperties": False,
        },
    ]
}


def schema(name: str) -> Schema:
    """The schema of ``policy`` or ``book``. Raises PolicyError for another name."""
    if name == "policy":
        return {"$schema": DIALECT, "title": "policy.yaml of treasurer", **_policy()}
    if name == "book":
        return {"$schema": DIALECT, "title": "book.yaml of treasurer", **_book()}
    raise PolicyError(f'there is no schema "{name}": ask for policy or book')


def _policy() -> Schema:
    found = _model(Policy)
    rule = found["properties"]["rules"]["items"]
    word = rule["properties"]
    for decision in ("allow", "escalate"):
        word[decision] = _one_or_more({"enum": [kind.value for kind in Kind if kind in ALLOWABLE]})
    rule["oneOf"] = [
        {"required": ["allow"], "not": {"required": ["approvals"]}},
        {"required": ["escalate", "approvals"]},
        {"required": ["deny"], "not": {"required": ["approvals"]}},
    ]
    return found


def _book() -> Schema:
    shapes: dict[str, type[BaseModel]] = {
        "tokens": TokenEntry,
        "venues": VenueEntry,
        "people": PersonEntry,
        "payees": Entry,
        "accounts": Entry,
    }
    return {
        "type": "object",
        "properties": {"version": {"const": 1}, **{name: _section(shape) for name, shape in shapes.items()}},
        "required": ["version"],
        "propertyNames": {"not": {"enum": sorted(RESERVED_LABELS)}},
        "additionalProperties": _section(Entry),
    }


def _section(shape: type[BaseModel]) -> Schema:
    entry = _model(shape, without="label")
    return {
        "anyOf": [
            {
                "type": "object",
                "propertyNames": {"pattern": f"^{LABEL}$", "not": {"enum": sorted(RESERVED_LABELS)}},
                "additionalProperties": {"anyOf": [entry, {"type": "array", "items": entry, "minItems": 1}]},
            },
            {"type": "null"},
        ]
    }


def _model(model: type[BaseModel], without: str = "") -> Schema:
    fields = {(item.alias or name): item for name, item in model.model_fields.items() if name != without}
    found: Schema = {
        "type": "object",
        "properties": {name: _field(item) for name, item in fields.items()},
        "additionalProperties": False,
    }
    required = [name for name, item in fields.items() if item.is_required()]
    if required:
        found["required"] = required
    if model.__doc__ and model.__doc__ != BaseModel.__doc__:
        found["description"] = " ".join(model.__doc__.split())
    return found


def _field(item: FieldInfo) -> Schema:
    return _annotated(item.annotation, list(item.metadata))


def _annotated(annotation: Any, metadata: list[Any]) -> Schema:
    """Of a type with its marks; the last reader stands outermost, as pydantic calls it first."""
    found = _type(annotation)
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            for inner in mark.metadata:
                found = _marked(found, inner)
        else:
            found = _marked(found, mark)
    return found


def _marked(found: Schema, mark: Any) -> Schema:
    if isinstance(mark, BeforeValidator):
        return _READERS[mark.func](found)
    words = {
        "ge": "minimum",
        "gt": "exclusiveMinimum",
        "le": "maximum",
        "lt": "exclusiveMaximum",
        "pattern": "pattern",
    }
    for attribute, word in words.items():
        value = getattr(mark, attribute, None)
        if value is not None:
            found = {**found, word: value if isinstance(value, str) else int(value)}
    for attribute, by_type in (("min_length", ("minLength", "minItems")), ("max_length", ("maxLength", "maxItems"))):
        value = getattr(mark, attribute, None)
        if value is not None:
            found = {**found, by_type[found.get("type") == "array"]: value}
    return found


def _type(annotation: Any) -> Schema:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _annotated(arguments[0], list(arguments[1:]))
    if origin is Union or origin is types.UnionType:
        choices = [_type(item) for item in arguments if item is not type(None)]
        choices += [{"type": "null"}] if type(None) in arguments else []
        return choices[0] if len(choices) == 1 else {"anyOf": choices}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _type(arguments[1])}
    if isinstance(annotation, type):
        if issubclass(annotation, BaseModel):
            return _model(annotation)
        if issubclass(annotation, Enum):
            return {"enum": [item.value for item in annotation]}
        plain = {bool: "boolean", int: "integer", str: "string"}.get(annotation)
        if plain is not None:
            return {"type": plain}
    return {}


def _one_or_more(inner: Schema) -> Schema:
    item = inner.get("items", inner)
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


def _names() -> Schema:
    return {"anyOf": [*_NAME["anyOf"], {"type": "array", "items": _NAME, "minItems": 1}]}


def _conditions() -> Schema:
    return {
        "type": "object",
        "properties": {name: _condition(condition) for name, condition in CONDITIONS.items()},
        "additionalProperties": False,
    }


def _condition(condition: type[Condition]) -> Schema:
    said: Schema = {
        "description": " ".join((condition.__doc__ or "").split()),
        "examples": [_read(way) for way in re.split(r" or (?=[{\[])", condition.how)],
    }
    if issubclass(condition, AddressCondition | AssetCondition):
        return {**_names(), **said}
    if issubclass(condition, BoundedSum):
        return {**_model(Bounds), **said, "minProperties": 1}
    kinds = {_JSON_TYPES[type(example)] for example in said["examples"]}
    if kinds & {"array", "string", "integer"}:
        kinds |= {"array", "string", "integer"}  # one word or number stands for the list of it
    if "object" in kinds:
        kinds.add("array")  # several of them, where a condition takes several
    return {"type": sorted(kinds), **said}


_JSON_TYPES: dict[type, str] = {dict: "object", list: "array", str: "string", int: "integer"}


def _read(how: str) -> Any:
    value, _ = read_yaml(how.encode(), "how")
    return _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int) or value is None else float(value)


_READERS: dict[Callable[..., Any], Callable[[Schema], Schema]] = {
    parse_seconds: lambda inner: dict(_DURATION),
    parse_number: lambda inner: {"type": "number", "minimum": 0},
    parse_address: lambda inner: dict(_ADDRESS),
    parse_asset: lambda inner: {"anyOf": [dict(_ADDRESS), {"const": "native"}]},
    parse_hash: lambda inner: {"type": "string", "pattern": "^0x[0-9a-fA-F]{64}$"},
    one_or_more: _one_or_more,
    one_or_more_chains: _one_or_more,
    read_kind: lambda inner: {"enum": [kind.value for kind in Kind]},
    read_version: lambda inner: {"const": 1},
    read_conditions: lambda inner: _conditions(),
    read_token_kind: lambda inner: {"enum": sorted(TOKEN_KINDS)},
    read_venue_kind: lambda inner: {"enum": sorted(VENUE_KINDS)},
    read_recipients: lambda inner: _names(),
}
"""What people write where a field reads its value with this function, of the schema of what is read. A reader that is
not here is an error: a schema never says "anything" by mistake.
"""
