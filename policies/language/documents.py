"""Documents that people write in YAML: read into plain values, validated, and every fault named with file, line and
column.

Numbers with a fraction become Decimal, never float. Anchors, tags and repeated keys are faults: a policy must read the
same to a person and to the engine. ``Written`` is the base of every model that a person fills in; ``read_document``
reads one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from ...wallets.hints import nearest
from ..errors import DocumentError, PolicyError

LARGEST_DOCUMENT_BYTES = 1 << 20
DEEPEST_NESTING = 32
MOST_FAULTS = 20
_TAG = "tag:yaml.org,2002:"
_INTEGER_BASES = {"0x": 16, "0o": 8, "0b": 2}

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
        mark = event.start_mark
        if depth > DEEPEST_NESTING:
            raise DocumentError([_sentence(name, (mark.line + 1, mark.column + 1), "nested deeper than anybody reads")])
        if isinstance(event, ScalarEvent | CollectionStartEvent) and event.anchor:
            raise DocumentError(
                [
                    _sentence(
                        name, (mark.line + 1, mark.column + 1), "anchors and aliases are not read here: write it out"
                    )
                ]
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
        if kind == "int":
            return self._integer(node, text.replace("_", ""))
        if kind == "float":
            return self._decimal(node, text.replace("_", ""))
        raise self._error(node, f"the tag {node.tag} is not read here")

    def _integer(self, node: Node, text: str) -> int:
        sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
        base = _INTEGER_BASES.get(digits[:2].lower(), 10)
        if len(digits) > 100:
            raise self._error(node, "a number of more than 100 digits")
        return sign * int(digits[2:] if base != 10 else digits, base)

    def _decimal(self, node: Node, text: str) -> Decimal:
        try:
            number = Decimal(text)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or len(text) > 100 or abs(number.adjusted()) > 100:
            raise self._error(node, f"{text} is not a number that can be counted with")
        return number

    def _error(self, node: Node, message: str) -> DocumentError:
        return DocumentError([_sentence(self._name, (node.start_mark.line + 1, node.start_mark.column + 1), message)])


def _faults(item: Mapping[str, Any]) -> list[Fault]:
    path: Path_ = tuple(item["loc"])
    if item["type"] == "located":
        return [((*path, *inner), message) for inner, message in item["ctx"]["faults"]]
    message = str(item["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    if item["type"] == "missing":
        message = f'"{path[-1]}" is missing here'
    return [(path, _EXPECTED.get(item["type"], message))]


_EXPECTED = {
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "string_type": "text is expected",
    "too_short": "at least 1 item is expected",
    "tuple_type": "a list is expected",
    "dict_type": "a mapping of names to values is expected",
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
