"""Configuration: treasurer.toml, read into frozen models; every error names the file, the line and what was
expected.
"""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from ...wallets.errors import TreasurerError
from ...wallets.hints import nearest, nearest_or_all
from ...wallets.values import Address

NAME_LENGTH = 64
"""Characters of a bot's name."""


class ConfigurationError(TreasurerError):
    """treasurer.toml cannot be used; nothing was started."""

    exit_status = 2

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message, next_command=f"edit {path}")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _no_credentials(value: object) -> object:
    """An endpoint is ``env:NAME``, ``file:PATH`` or a URL that carries no secret."""
    if isinstance(value, str) and not value.startswith(("env:", "file:")):
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an endpoint is env:NAME, file:PATH or an http(s) URL")
        if parts.username or parts.password or parts.query or re.search(r"[A-Za-z0-9_-]{20,}", parts.path):
            raise ValueError(
                "a URL that carries credentials is a secret: write env:NAME and put the URL in the environment"
            )
    return value


def _a_reference(value: object) -> object:
    """A secret is never written out: ``env:NAME``, ``file:PATH`` or ``prompt``."""
    if not isinstance(value, str) or not (value == "prompt" or value.startswith(("env:", "file:"))):
        raise ValueError('a literal secret is refused: write "env:NAME", "file:PATH" or "prompt"')
    return value


def _no_boolean(value: object) -> object:
    """Python takes true for 1; a person who writes it means something else."""
    if isinstance(value, bool):
        raise ValueError("a whole number is expected: 1, not true")
    return value


def _a_number(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('write a decimal number in quotes, as in "1.5"')
    return value


Endpoint = Annotated[str, BeforeValidator(_no_credentials)]
SecretReference = Annotated[str, BeforeValidator(_a_reference)]
WholeNumber = Annotated[int, Field(strict=True)]
Exact = Annotated[Decimal, BeforeValidator(_a_number)]


class Chain(_Section):
    """Which chain, and the endpoints to read and write it by; ``registry`` names a registry file of a devnet."""

    id: WholeNumber = Field(gt=0)
    rpc: tuple[Endpoint, ...] = Field(min_length=1)
    registry: str | None = None


class Wallet(_Section):
    """The account, who signs for it, and what it may be worth."""

    address: Address
    signer: Literal["keystore"] = "keystore"
    password: SecretReference = "prompt"  # noqa: S105 - a reference, not a password
    max_value_usd: WholeNumber = Field(default=5000, gt=0)


class PolicyFiles(_Section):
    """The policy and its book, by their paths in the bot's folder; ``shadow``: one that is only judged beside it."""

    file: str = "policy.yaml"
    book: str = "book.yaml"
    shadow: str | None = None
    shadow_book: str | None = None

    @model_validator(mode="after")
    def _beside(self) -> PolicyFiles:
        if self.shadow_book is not None and self.shadow is None:
            raise ValueError("shadow_book is the book of a shadow policy: name that one with shadow")
        return self


class Model(_Section):
    """The model that plans, by its name in the catalog."""

    name: str = "qwen2.5-coder-1.5b-q4_k_m"
    gpu_layers: WholeNumber | Literal["auto"] = "auto"


class Api(_Section):
    """Where the API listens, when it is there."""

    listen: str = "127.0.0.1:8420"


class Log(_Section):
    """How much is logged, and in which form: ``auto`` is text on a terminal and JSON elsewhere."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "text", "json"] = "auto"


class Schedule(_Section):
    """An automation that time fires: ``cron`` or ``every`` (as in ``15m``), with its rule for a missed time."""

    id: str
    goal: str
    cron: str | None = None
    every: str | None = None
    timezone: str = "UTC"
    misfire: Literal["skip", "run"] = "skip"
    adaptive: bool = False

    @model_validator(mode="after")
    def _one_time(self) -> Schedule:
        if (self.cron is None) == (self.every is None):
            raise ValueError("a schedule has either cron or every")
        return self


class Trigger(_Section):
    """An automation that an event fires: the health factor of our debt falls below a bound."""

    id: str
    goal: str
    health_factor_below: Exact
    adaptive: bool = False


class Configuration(_Section):
    """All of treasurer.toml."""

    version: Annotated[Literal[1], BeforeValidator(_no_boolean)]
    name: str = Field(pattern=rf"^[a-z0-9][a-z0-9-]{{0,{NAME_LENGTH - 1}}}$")
    mode: Literal["observe", "live"] = "observe"
    chain: Chain
    wallet: Wallet
    policy: PolicyFiles = PolicyFiles()
    model: Model = Model()
    api: Api = Api()
    log: Log = Log()
    schedule: tuple[Schedule, ...] = ()
    trigger: tuple[Trigger, ...] = ()

    @model_validator(mode="after")
    def _distinct_ids(self) -> Configuration:
        ids = [item.id for item in self.schedule] + [item.id for item in self.trigger]
        twice = {name for name in ids if ids.count(name) > 1}
        if twice:
            raise ValueError(f"two automations are called {min(twice)}: an id is one automation's")
        return self


def read_configuration(path: Path) -> Configuration:
    """The configuration in ``path``. Raises ConfigurationError with file, line, what was expected and the nearest
    word.
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", path) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path}:{line}: TOML is UTF-8 text, and this is not", path) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = _PLACE.search(str(error))
        line = int(said[1]) if said and said[1] else max(1, len(text.splitlines()))
        message = f"{path}:{line}: not TOML: {_PLACE.sub('', str(error))}"
        raise ConfigurationError(message, path) from error
    try:
        return Configuration.model_validate(document)
    except ValidationError as error:
        faults = [dict(fault) for fault in error.errors()]
        told = [_described(path, text, fault) for fault in faults if not _follows(fault, faults)]
        raise ConfigurationError("\n".join(told), path) from error


def _follows(fault: dict[str, Any], faults: list[dict[str, Any]]) -> bool:
    """Whether a list is only too short because an item of it was refused."""
    inside = [other["loc"] for other in faults if other is not fault]
    return fault["type"] == "too_short" and any(place[: len(fault["loc"])] == fault["loc"] for place in inside)


def _described(path: Path, text: str, fault: dict[str, Any]) -> str:
    place = [str(part) for part in fault["loc"]]
    line = _line_of(text, fault["loc"])
    name = ".".join(place) or "the file"
    if fault["type"] == "extra_forbidden":
        alike, others = _known_words(fault["loc"][:-1], section=isinstance(fault["input"], dict | list))
        hint = nearest(place[-1], alike) or nearest_or_all(place[-1], [*alike, *others])
        return f"{path}:{line}: unknown key {name}{hint}"
    if fault["type"] == "tuple_type":
        message = _LISTS.get(place[-1], "a list is expected")
    elif fault["type"] == "model_type":
        message = f"a section is expected: [{name}]"
    elif fault["type"] == "missing":
        message = "is missing"
    else:
        message = fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{path}:{line}: {name}: {message}"


_LISTS = {"rpc": 'a list of endpoints is expected, as in ["env:TREASURER_RPC_1"]'}
_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)")
"""Where tomllib puts the place: at the end of its sentence."""


def _known_words(location: tuple[str | int, ...], *, section: bool) -> tuple[list[str], list[str]]:
    """The words known there: first those of the same kind (sections, or values), then the others."""
    model: Any = Configuration
    for part in location:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        arguments = getattr(annotation, "__args__", None)
        model = arguments[0] if arguments else annotation
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for name, field in model.model_fields.items():
        inner = (getattr(field.annotation, "__args__", None) or (field.annotation,))[0]
        kinds[isinstance(inner, type) and issubclass(inner, _Section)].append(name)
    return kinds[section], kinds[not section]


def _line_of(text: str, location: tuple[str | int, ...]) -> int:
    """The line of a key: sections are found by their headers, in order for arrays of tables."""
    lines = text.splitlines()
    section, index, key = "", 0, ""
    for position, part in enumerate(location):
        if isinstance(part, int):
            index = part
        elif position == 0:
            section = key = part
        else:
            key = part
    header = re.compile(rf"\s*\[\[?\s*{re.escape(section)}\s*\]\]?")
    starts = [number for number, line in enumerate(lines) if header.match(line)]
    begin = starts[min(index, len(starts) - 1)] if starts else -1
    if len(location) > 1 and begin >= 0:
        for number in range(begin + 1, len(lines)):
            if lines[number].lstrip().startswith("["):
                break
            if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", lines[number]):
                return number + 1
        return begin + 1
    for number, line in enumerate(lines):
        if re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number + 1
    return begin + 1 if begin >= 0 else 1
