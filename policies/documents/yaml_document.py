"""Documents that people write in YAML: read into plain values, validated, and every fault named with file, line and
column.

Numbers are plain digits, and with a fraction become Decimal, never float. Anchors, tags, directives, repeated keys and
numbers that another YAML reads as another number (``010``, ``0x10``, ``1_000``, ``1e3``) are faults: a policy must read
the same to a person and to every engine. ``Written`` is the base of every model that a person fills in;
``read_document`` reads one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, Event, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from ...wallets.hints import nearest
from ..errors import DocumentError, PolicyError

LARGEST_DOCUMENT_BYTES = 1 << 20
DEEPEST_NESTING = 32
MOST_FAULTS = 20
_TAG = "tag:yaml.org,2002:"
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
_MOST_DIGITS = 100

Path_ = tuple[str | int, ...]
Fault = tuple[Path_, str]
Model = TypeVar("Model", bound=BaseModel)


def located(faults: list[Fault]) -> PydanticCustomError:
    """An error for a validator to raise: each fault at its own place below the value being validated."""
    text = "; ".join(message for _, message in faults)
    return PydanticCustomError("located", "{text}", {"text": text, "faults": faults})


class Written(BaseModel):
    """Base of the models that people fill in: frozen, and a key that it does not have is a fault with the nearest
    word.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, value: Any) -> Any:
        if isinstance(value, dict):
            known = [field.alias or name for name, field in cls.model_fields.items()]
            faults: list[Fault] = [((key,), unknown_key(key, known)) for key in value if key not in known]
            if faults:
                raise located(faults)
        elif not isinstance(value, cls):
            keys = ", ".join(field.alias or name for name, field in cls.model_fields.items())
            raise located([((), f"keys with their values are expected here, of: {keys}; not {_shown(value)}")])
        return value


def unknown_key(key: object, known: Iterable[str]) -> str:
    """The sentence about a key that is not one of ``known``."""
    known = list(known)
    hint = nearest(str(key), known) or "."
    return f'unknown key "{key}"{hint} Expected one of: {", ".join(known)}'


def read_document(model: type[Model], source: bytes, name: str, context: dict[str, Any] | None = None) -> Model:
    """``source`` as a ``model``. Raises DocumentError that names each fault as ``name:line:column: what was expected``.

    ``context`` is what the model's validators find in ``ValidationInfo.context``.
    """
    value, places = read_yaml(source, name)
    try:
        return model.model_validate(value, context=context)
    except ValidationError as error:
        faults = [fault for item in error.errors() for fault in _faults(item)]
    lines = sorted({(places.of(path), _at(path), message) for path, message in faults})
    raise DocumentError([_sentence(name, place, f"{at}{message}") for place, at, message in lines[:MOST_FAULTS]])


def read_file(path: str | Path) -> bytes:
    """The bytes of a document. Raises PolicyError where it cannot be read, or is larger than 1 MiB."""
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        raise PolicyError(f"{path} cannot be read: {error.strerror}") from error
    if len(source) > LARGEST_DOCUMENT_BYTES:
        raise PolicyError(f"{path} is larger than {LARGEST_DOCUMENT_BYTES} bytes: split it")
    return source


class Places:
    """Where each value of a document stands: line and column, from 1, by its path."""

    def __init__(self) -> None:
        self._places: dict[Path_, tuple[int, int]] = {}

    def set(self, path: Path_, node: Node) -> None:
        """Remember where the key or item at ``path`` begins."""
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)

    def of(self, path: Path_) -> tuple[int, int]:
        """The place of ``path``, or of the nearest value around it."""
        while path and path not in self._places:
            path = path[:-1]
        return self._places.get(path, (1, 1))


def read_yaml(source: bytes, name: str) -> tuple[Any, Places]:
    """Plain values (dict, list, str, int, Decimal, bool, None) of one YAML 1.2 document, and where they stand."""
    try:
        text = source.decode("utf-8")
        _bound_nesting(text, name)
        root = YAML(typ="safe", pure=True).compose(text)
    except UnicodeDecodeError as error:
        raise DocumentError([f"{name}:1:1: not UTF-8 text: {error.reason}"]) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise DocumentError([_sentence(name, place, f"not YAML: {error.problem or error.context}")]) from error
    except ReaderError as error:
        before = source.decode()[: error.position]
        place = (before.count("\n") + 1, error.position - before.rfind("\n"))
        raise DocumentError([_sentence(name, place, f"not YAML: the character {error.character!r}")]) from error
    except YAMLError as error:
        raise DocumentError([f"{name}:1:1: not YAML: {error}"]) from error
    places = Places()
    if root is None:
        raise DocumentError([f"{name}:1:1: the file is empty"])
    return _Reader(name, places).value(root, ()), places


def _bound_nesting(text: str, name: str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST_NESTING:
            raise DocumentError([_sentence(name, _place(event), "nested deeper than anybody reads")])
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.anchor:
            raise DocumentError([_sentence(name, _place(event), "anchors and aliases are not read here: write it out")])
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.tag is not None:
            words = f"the tag {event.tag} is not read here: leave it out, and quote what is meant as text"
            raise DocumentError([_sentence(name, _place(event), words)])
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise DocumentError(
                [_sentence(name, _place(event), "lines that begin with % are not read here: remove them")]
            )


class _Reader:
    def __init__(self, name: str, places: Places) -> None:
        self._name = name
        self._places = places

    def value(self, node: Node, path: Path_) -> Any:
        self._places._places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            for position, item in enumerate(node.value):
                self._places.set((*path, position), item)
            return [self.value(item, (*path, position)) for position, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return self._scalar(node)

    def _mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode) or not isinstance(key_node.value, str):
                raise self._error(key_node, "a key is one word")
            key = key_node.value
            if key in result:
                raise self._error(key_node, f'the key "{key}" stands here for the second time: remove one')
            self._places.set((*path, key), key_node)
            result[key] = self.value(value_node, (*path, key))
        return result

    def _scalar(self, node: ScalarNode) -> Any:
        text, kind = node.value, str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        if kind in ("int", "float"):
            return self._number(node, text)
        raise self._error(node, f"the tag {node.tag} is not read here")

    def _number(self, node: Node, text: str) -> int | Decimal:
        if len(text) > _MOST_DIGITS:
            raise self._error(node, f"a number of more than {_MOST_DIGITS} digits")
        if not _PLAIN_NUMBER.fullmatch(text):
            words = f"{text} is not a number in plain digits, as in 1000 or 0.5"
            if text.lower().startswith("0x"):
                words += "; where an address is meant: quote it in the book, and write its label in the policy"
            raise self._error(node, f"{words}; what is meant as text stands in quotes")
        return Decimal(text) if "." in text else int(text)

    def _error(self, node: Node, message: str) -> DocumentError:
        return DocumentError([_sentence(self._name, (node.start_mark.line + 1, node.start_mark.column + 1), message)])


def _place(event: Event) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _faults(item: Mapping[str, Any]) -> list[Fault]:
    path: Path_ = tuple(item["loc"])
    if item["type"] == "located":
        return [((*path, *inner), message) for inner, message in item["ctx"]["faults"]]
    message = str(item["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if item["type"] == "missing":
        message = f'"{path[-1]}" is missing here'
    elif item["type"] == "literal_error":
        message = _no_such_word(item["input"], re.findall(r"'([^']*)'", item["ctx"]["expected"]))
    elif item["type"] == "string_too_long":
        message = f"at most {item['ctx']['max_length']} characters are expected"
    return [(path, _EXPECTED.get(item["type"], message))]


def _no_such_word(value: Any, words: list[str]) -> str:
    """The sentence about a value that is none of the ``words`` that may stand there."""
    hint = nearest(value, words) if isinstance(value, str) else ""
    return f"{_shown(value)} is not known here{hint or ';'} write {' or '.join(words)}"


def _shown(value: Any) -> str:
    """A value as the document has it, as far as it is short."""
    if isinstance(value, dict | list):
        return "keys with values" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    return f'"{value[:60]}"' if isinstance(value, str) else str(value)


_EXPECTED = {
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "string_type": "text is expected; a number or a word such as yes that is meant as text stands in quotes",
    "string_too_short": "at least 1 character is expected",
    "too_short": "at least 1 item is expected",
    "tuple_type": "a list is expected, as in [a, b]",
    "list_type": "a list is expected, as in [a, b]",
    "dict_type": "names with their values are expected, as in {name: value}",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
}
"""What people read where a value is of another type: pydantic's own words are about Python."""


def nested(error: ValidationError, path: Path_ = ()) -> list[Fault]:
    """The faults of a model validated inside another's validator, each below ``path``: hand them to ``located``."""
    return [((*path, *inner), message) for item in error.errors() for inner, message in _faults(item)]


def _at(path: Path_) -> str:
    words = ".".join(str(part) for part in path)
    return f"{words}: " if words else ""


def _sentence(name: str, place: tuple[int, int], message: str) -> str:
    return f"{name}:{place[0]}:{place[1]}: {message}"
