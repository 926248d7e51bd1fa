"""Clear-signing descriptors (ERC-7730): the intent of a function or message, and a label for each of its arguments.

Read: context (contract.deployments, contract.abi as a list, eip712.deployments, eip712.schemas), metadata (enums,
constants), display (definitions, formats). Addresses of files elsewhere (abi or schemas by URL, includes) are not
followed: what is signed lies in the bundle.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...wallets.call import selector
from ...wallets.errors import InvalidValue
from ...wallets.hints import nearest, nearest_or_all
from ...wallets.values import parse_address, parse_hex
from ..documents.yaml_document import Fault, Path_
from .abis import AbiFile, Described, Parameter, Shown, read_fragments
from .human_signature import encoded_type, read_encoded_type, read_human_signature

FORMATS: Mapping[str, frozenset[str]] = {
    "raw": frozenset(),
    "amount": frozenset(),
    "tokenAmount": frozenset(
        {"tokenPath", "token", "nativeCurrencyAddress", "threshold", "message", "chainId", "chainIdPath"}
    ),
    "nftName": frozenset({"collection", "collectionPath"}),
    "addressName": frozenset({"types", "sources", "senderAddress"}),
    "date": frozenset({"encoding"}),
    "duration": frozenset(),
    "unit": frozenset({"base", "decimals", "prefix"}),
    "enum": frozenset({"$ref"}),
    "calldata": frozenset({"selector", "selectorPath", "calleePath", "callee", "amountPath", "spenderPath"}),
}
"""Parameters by format (ERC-7730, "Field formats")."""
_SECTIONS = frozenset({"$schema", "context", "metadata", "display"})
_FIELD_KEYS = frozenset({"$id", "$ref", "path", "value", "label", "format", "params", "fields", "visible"})
_CONTAINER = frozenset({"@.from", "@.to", "@.value", "@.chainId"})


def read_descriptor(name: str, document: dict[str, Any], faults: list[Fault]) -> AbiFile:
    """The functions and messages of one descriptor; what is wrong with it is appended to ``faults``."""
    for key in document:
        if key == "includes":
            faults.append(((key,), "files elsewhere are not followed: write what it includes into this file"))
        elif key not in _SECTIONS:
            faults.append(((key,), f'unknown key "{key}"{nearest(key, _SECTIONS)}'))
    context = _object(document, "context", (), faults)
    contract, eip712 = context.get("contract"), context.get("eip712")
    if isinstance(contract, dict) == isinstance(eip712, dict):
        faults.append((("context",), "a descriptor is about a contract or about eip712 messages: one of the two"))
        return AbiFile(name, {}, {})
    reader = _Reader(document, faults)
    if isinstance(contract, dict):
        functions, deployments = reader.functions(contract), reader.deployments(contract, "contract")
        return AbiFile(name, functions, {}, deployments)
    assert isinstance(eip712, dict)
    return AbiFile(name, {}, reader.messages(eip712), reader.deployments(eip712, "eip712"))


def _object(value: Mapping[str, Any], key: str, path: Path_, faults: list[Fault]) -> dict[str, Any]:
    inner = value.get(key, {})
    if isinstance(inner, dict):
        return inner
    faults.append(((*path, key), "an object is expected"))
    return {}


class _Reader:
    def __init__(self, document: dict[str, Any], faults: list[Fault]) -> None:
        self._faults = faults
        self._display = _object(document, "display", (), faults)
        self._definitions = _object(self._display, "definitions", ("display",), faults)
        self._formats = _object(self._display, "formats", ("display",), faults)
        metadata = _object(document, "metadata", (), faults)
        self._enums = _object(metadata, "enums", ("metadata",), faults)
        self._constants = _object(metadata, "constants", ("metadata",), faults)

    def deployments(self, context: dict[str, Any], kind: str) -> frozenset[tuple[int, str]] | None:
        """The contracts that the descriptor is about; None where it does not say."""
        if "deployments" not in context:
            return None
        found, place = set(), ("context", kind, "deployments")
        written = context["deployments"]
        for position, one in enumerate(written if isinstance(written, list) else [None]):
            chain_id = one.get("chainId") if isinstance(one, dict) else None
            if not isinstance(one, dict) or not isinstance(chain_id, int) or isinstance(chain_id, bool):
                self._faults.append(((*place, position), "a deployment is {chainId, address}"))
                continue
            try:
                found.add((chain_id, parse_address(one.get("address"))))
            except InvalidValue as error:
                self._faults.append(((*place, position, "address"), str(error)))
        return frozenset(found)

    def functions(self, contract: dict[str, Any]) -> dict[bytes, Described]:
        """Functions of the ABI, those with a format described by it; without an ABI those that the formats spell."""
        abi = contract.get("abi")
        listed = isinstance(abi, list)
        found = read_fragments(abi, ("context", "contract", "abi"), self._faults) if isinstance(abi, list) else {}
        for key, written in self._formats.items():
            place = ("display", "formats", key)
            try:
                spelt = None if key.startswith("0x") else read_human_signature(key)
                called = parse_hex(key) if spelt is None else selector(spelt.signature)
            except (InvalidValue, ValueError) as error:
                self._faults.append((place, str(error)))
                continue
            known = found.get(called)
            if known is None and (listed or spelt is None):
                names = (one.signature for one in found.values())
                self._faults.append((place, f"the ABI has no function {key}{nearest_or_all(key, names)}"))
                continue
            base = known or spelt
            assert base is not None
            described = self._described(base, written, place)
            payable = base.payable if listed else any(one.path == "@.value" for one in described.shown)
            found[called] = Described(base.signature, base.parameters, payable, described.intent, described.shown)
        return found

    def messages(self, eip712: dict[str, Any]) -> dict[str, Described]:
        """Messages by encodeType: a format's key is one, or the primary type of a schema that lies here."""
        schemas: dict[str, Described] = {}
        written_schemas = eip712.get("schemas", [])
        for position, schema in enumerate(written_schemas if isinstance(written_schemas, list) else []):
            place = ("context", "eip712", "schemas", position)
            if isinstance(schema, str):
                continue  # a URL; the format's key must then spell the type
            try:
                encoded = encoded_type(schema["primaryType"], schema["types"])
                schemas[schema["primaryType"]] = read_encoded_type(encoded)
            except (KeyError, TypeError, ValueError) as error:
                self._faults.append((place, f"a schema is {{primaryType, types}} of EIP-712: {error}"))
        found = {}
        for key, written in self._formats.items():
            place_of_format = ("display", "formats", key)
            try:
                message = read_encoded_type(key) if "(" in key else schemas[key]
            except KeyError:
                words = f"no schema here has the primary type {key}{nearest_or_all(key, schemas)}"
                self._faults.append((place_of_format, words))
                continue
            except ValueError as error:
                self._faults.append((place_of_format, str(error)))
                continue
            found[message.signature] = self._described(message, written, place_of_format)
        return found

    def _described(self, base: Described, written: Any, place: Path_) -> Described:
        if not isinstance(written, dict):
            self._faults.append((place, "a format is an object with intent and fields"))
            return base
        intent = written.get("intent", "")
        if isinstance(intent, dict):
            intent = "; ".join(f"{label}: {text}" for label, text in intent.items())
        if not isinstance(intent, str):
            self._faults.append(((*place, "intent"), "words for people are expected"))
            intent = ""
        fields = written.get("fields", [])
        if not isinstance(fields, list):
            self._faults.append(((*place, "fields"), "a list of fields is expected"))
            fields = []
        shown: list[Shown] = []
        for position, one in enumerate(fields):
            self._field(base, one, (*place, "fields", position), "", shown)
        return Described(base.signature, base.parameters, base.payable, intent, tuple(shown))

    def _field(self, base: Described, written: Any, place: Path_, prefix: str, shown: list[Shown]) -> None:
        if not isinstance(written, dict):
            self._faults.append((place, "a field is an object with path, label and format"))
            return
        for key in written:
            if key not in _FIELD_KEYS:
                self._faults.append(((*place, key), f'unknown key "{key}"{nearest(key, _FIELD_KEYS)}'))
        written = self._with_definition(written, place)
        value, path = written.get("value"), written.get("path", "")
        if not isinstance(path, str) or (not path and value is None and "fields" not in written):
            self._faults.append((place, "a field names its argument in path, or gives a text in value"))
            return
        full = path if path.startswith(("@.", "$.")) else _joined(prefix, path.removeprefix("#."))
        if path:
            self._check_path(base, full, (*place, "path"))
        if isinstance(written.get("fields"), list):
            for position, inner in enumerate(written["fields"]):
                self._field(base, inner, (*place, "fields", position), full, shown)
            return
        label, form = written.get("label"), written.get("format", "raw")
        if not isinstance(label, str) or not label:
            self._faults.append((place, "a field has a label"))
            return
        params = self._params(base, form, written.get("params", {}), place, prefix)
        if isinstance(value, str) and value.startswith("$."):
            value = self._constant(value, (*place, "value"))
        shown.append(Shown(full, label, str(form), params, None if value is None else str(value)))

    def _with_definition(self, written: dict[str, Any], place: Path_) -> dict[str, Any]:
        reference = written.get("$ref")
        if reference is None:
            return written
        name = str(reference).removeprefix("$.display.definitions.")
        definition = self._definitions.get(name) if str(reference).startswith("$.display.definitions.") else None
        if not isinstance(definition, dict):
            words = f"$.display.definitions has no {name}{nearest_or_all(name, self._definitions)}"
            self._faults.append(((*place, "$ref"), words))
            return written
        params = {**(definition.get("params") or {}), **(written.get("params") or {})}
        return {**definition, **written, "params": params}

    def _params(self, base: Described, form: Any, written: Any, place: Path_, prefix: str) -> Mapping[str, Any] | None:
        known = FORMATS.get(form) if isinstance(form, str) else None
        if known is None:
            self._faults.append(((*place, "format"), f"no format {form!r}{nearest_or_all(str(form), FORMATS)}"))
            return None
        if not isinstance(written, dict):
            self._faults.append(((*place, "params"), "an object is expected"))
            return None
        params = dict(written)
        for key, value in written.items():
            here = (*place, "params", key)
            if key not in known:
                self._faults.append((here, f"{form} has no parameter {key}{nearest_or_all(key, known)}"))
            elif key.endswith("Path") and isinstance(value, str) and not value.startswith("$."):
                full = value if value.startswith("@.") else _joined(prefix, value.removeprefix("#."))
                self._check_path(base, full, here)
                params[key] = full
            elif isinstance(value, str) and value.startswith("$.metadata.constants."):
                params[key] = self._constant(value, here)
        if form == "enum":
            name = str(written.get("$ref", "")).removeprefix("$.metadata.enums.")
            values = self._enums.get(name)
            if not isinstance(values, dict):
                words = f"$.metadata.enums has no {name}{nearest_or_all(name, self._enums)}"
                self._faults.append(((*place, "params"), words))
            else:
                params["values"] = {str(key): str(text) for key, text in values.items()}
        return params

    def _constant(self, reference: str, place: Path_) -> Any:
        name = reference.removeprefix("$.metadata.constants.")
        if name not in self._constants:
            words = f"$.metadata.constants has no {name}{nearest_or_all(name, self._constants)}"
            self._faults.append((place, words))
        return self._constants.get(name)

    def _check_path(self, base: Described, path: str, place: Path_) -> None:
        if path.startswith("$."):
            return
        if path.startswith("@."):
            if path not in _CONTAINER:
                self._faults.append((place, f"no {path}: one of {', '.join(sorted(_CONTAINER))}"))
            return
        fault = path_fault(base.parameters, path)
        if fault is not None:
            self._faults.append((place, fault))


def _joined(prefix: str, path: str) -> str:
    return f"{prefix}.{path}" if prefix and path else prefix or path


def path_fault(parameters: tuple[Parameter, ...], path: str) -> str | None:
    """What is wrong with a path (``params.path.[0:20]``) into these parameters, or None."""
    members, kind = parameters, ""
    for segment in path.replace("[", ".[").replace("..", ".").split("."):
        if not segment:
            continue
        if segment.startswith("["):
            if kind.endswith("]"):
                kind = kind[: kind.rindex("[")]
            elif ":" not in segment or not kind.startswith(("bytes", "uint", "string")):
                return f"{path}: {segment} does not fit the type {kind}"
            continue
        named = {member.name: member for member in members}
        if segment not in named or kind.endswith("]"):
            return f"{path}: no argument is called {segment}{nearest_or_all(segment, filter(None, named))}"
        members, kind = named[segment].members, named[segment].type
    return None
