"""abis/*.json: what functions and messages of other people's contracts are called, and what their arguments mean.

Two formats. A plain Solidity ABI is a list of fragments (Solidity, "Contract ABI Specification", JSON). A clear-signing
descriptor (ERC-7730) has ``context``, ``metadata`` and ``display`` and is read in descriptors.py. Neither says what
moves: a function known only from here has a name and is unknown. Every fault is named with file, line and column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...wallets.call import selector
from ..documents.json_document import read_json
from ..documents.yaml_document import Fault
from ..errors import DocumentError
from .abi_types import canonical_type

MOST_FUNCTIONS = 1024
"""Functions and messages in one file: the largest routers have a tenth of it."""
MOST_PARAMETERS = 64
"""Parameters in all of one function, those inside structs counted."""
DEEPEST_STRUCT = 8
_MUTABILITY = frozenset({"pure", "view", "nonpayable", "payable"})


@dataclass(frozen=True)
class Parameter:
    """One argument: its name ("" where it has none), its type as in signatures, and the members of its struct."""

    name: str
    type: str
    members: tuple[Parameter, ...] = ()


@dataclass(frozen=True)
class Shown:
    """One line for people: the argument at ``path`` under ``label``, written as ``format`` with its ``params``."""

    path: str
    label: str
    format: str = "raw"
    params: Mapping[str, Any] | None = None
    value: str | None = None


@dataclass(frozen=True)
class Described:
    """A function, or a message of EIP-712, with the words that its file has for it.

    ``signature``: ``name(type,..)`` of a function, encodeType of a message. ``shown`` is empty where the file has no
    display for it: then each parameter speaks for itself.
    """

    signature: str
    parameters: tuple[Parameter, ...]
    payable: bool = False
    intent: str = ""
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class AbiFile:
    """One file. ``deployments``: the only (chain, address) pairs that it is about; None where it does not say.

    ``functions`` by selector; ``messages`` by encodeType of their primary type.
    """

    name: str
    functions: Mapping[bytes, Described]
    messages: Mapping[str, Described]
    deployments: frozenset[tuple[int, str]] | None = None


def read_abis(attachments: Mapping[str, bytes]) -> dict[str, AbiFile]:
    """All ``abis/NAME.json`` by NAME. Raises DocumentError with the faults of all of them."""
    files: dict[str, AbiFile] = {}
    faults: list[str] = []
    for path, source in sorted(attachments.items()):
        if not path.startswith("abis/"):
            continue
        name = path.removeprefix("abis/").removesuffix(".json")
        try:
            files[name] = read_abi(name, source, path)
        except DocumentError as error:
            faults.extend(error.faults)
    if faults:
        raise DocumentError(faults)
    return files


def read_abi(name: str, source: bytes, path: str) -> AbiFile:
    """One file of either format. Raises DocumentError that names each fault as ``path:line:column: ..``."""
    from .descriptors import read_descriptor  # it builds on this module

    document = read_json(source, path)
    faults: list[Fault] = []
    if isinstance(document.value, list):
        functions = read_fragments(document.value, (), faults)
        read = AbiFile(name, functions, {})
    elif isinstance(document.value, dict) and isinstance(document.value.get("abi"), list):
        read = AbiFile(name, read_fragments(document.value["abi"], ("abi",), faults), {})  # a compiler's artifact
    elif isinstance(document.value, dict):
        read = read_descriptor(name, document.value, faults)
    else:
        faults.append(((), "a list of ABI fragments or an ERC-7730 descriptor is expected"))
    if faults:
        raise document.error(faults)
    if len(read.functions) + len(read.messages) > MOST_FUNCTIONS:
        raise document.error(
            [((), f"more than {MOST_FUNCTIONS} functions and messages: keep those that the bot calls")]
        )
    return read


def read_fragments(fragments: list[Any], place: tuple[str | int, ...], faults: list[Fault]) -> dict[bytes, Described]:
    """The functions of a Solidity ABI by selector; events, errors and constructors are passed over."""
    found: dict[bytes, Described] = {}
    for position, fragment in enumerate(fragments):
        here = (*place, position)
        if not isinstance(fragment, dict):
            faults.append((here, "an ABI fragment is an object with type, name and inputs"))
            continue
        if fragment.get("type", "function") != "function":
            continue
        described = _function(fragment, here, faults)
        if described is None:
            continue
        twin = found.setdefault(selector(described.signature), described)
        if twin is not described and twin.signature != described.signature:
            faults.append((here, f"{described.signature} and {twin.signature} have one selector"))
    return found


def _function(fragment: dict[str, Any], here: tuple[str | int, ...], faults: list[Fault]) -> Described | None:
    before = len(faults)
    name = fragment.get("name")
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        faults.append((here, "a function's name is expected in name"))
        return None
    mutability = fragment.get("stateMutability", "payable" if fragment.get("payable") is True else "nonpayable")
    if mutability not in _MUTABILITY:
        faults.append(((*here, "stateMutability"), f"one of {', '.join(sorted(_MUTABILITY))} is expected"))
    parameters = tuple(read_parameters(fragment.get("inputs", []), (*here, "inputs"), faults))
    if len(faults) > before:
        return None
    if counted(parameters) > MOST_PARAMETERS:
        faults.append((here, f"{name} has more than {MOST_PARAMETERS} parameters"))
        return None
    signature = f"{name}({','.join(parameter.type for parameter in parameters)})"
    return Described(signature, parameters, payable=mutability == "payable")


def read_parameters(
    inputs: Any, here: tuple[str | int, ...], faults: list[Fault], depth: int = 0
) -> Iterator[Parameter]:
    """The parameters of a fragment's ``inputs`` or of a tuple's ``components``."""
    if not isinstance(inputs, list) or depth > DEEPEST_STRUCT:
        faults.append((here, f"a list of parameters is expected, structs at most {DEEPEST_STRUCT} deep"))
        return
    for position, written in enumerate(inputs):
        place = (*here, position)
        kind = written.get("type") if isinstance(written, dict) else None
        name = written.get("name", "") if isinstance(written, dict) else None
        if not isinstance(kind, str) or not isinstance(name, str):
            faults.append((place, "a parameter is an object with type and name"))
            continue
        members: tuple[Parameter, ...] = ()
        if kind.startswith("tuple"):
            members = tuple(read_parameters(written.get("components"), (*place, "components"), faults, depth + 1))
            kind = f"({','.join(member.type for member in members)}){kind.removeprefix('tuple')}"
        fault = canonical_type(kind)
        if fault is not None:
            faults.append(((*place, "type"), fault))
        yield Parameter(name, kind, members)


def counted(parameters: tuple[Parameter, ...]) -> int:
    """How many parameters there are, those inside structs counted."""
    return sum(1 + counted(parameter.members) for parameter in parameters)
