"""The condition on typed data (EIP-712): its domain, its primary type, and single members of its message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo
from pydantic_core import PydanticCustomError

from ...wallets.errors import InvalidValue
from ...wallets.typed_data import TypedData
from ...wallets.values import parse_address
from ..documents.numbers import Number
from ..documents.yaml_document import Fault, Written, located, nested
from ..worth import Unknown
from .bounds import Bounds
from .condition import Condition, Subject, Truth, listed
from .message_path import NO_PATH, is_path, members_at
from .names import Addresses

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_INTEGER = re.compile(r"-?[0-9]{1,78}|0x[0-9a-fA-F]{1,64}")


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


_Texts = Annotated[tuple[Annotated[str, Field(strict=True)], ...], BeforeValidator(_listed), Field(min_length=1)]


class _DomainTerms(Written):
    name: _Texts | None = None
    version: _Texts | None = None
    contract: Any = None


class _MemberTerms(Written):
    one_of: Annotated[tuple[Any, ...] | None, BeforeValidator(_listed)] = Field(default=None, alias="in")
    label: Any = None
    book: Any = None
    max: Number | None = None
    min: Number | None = None
    above: Number | None = None
    below: Number | None = None


class _Terms(Written):
    domain: _DomainTerms | None = None
    primary_type: _Texts | None = None
    fields: dict[str, Any] | None = None


@dataclass(frozen=True)
class MemberTerms:
    """What the members at ``path`` must be: one of some values, addresses among some, or whole numbers in bounds."""

    path: str
    one_of: tuple[str | int | bool, ...] | None
    among: Addresses | None
    bounds: Bounds | None

    @classmethod
    def parse(cls, path: str, value: Any, info: ValidationInfo) -> Self:
        """Raises ValueError, ValidationError or located faults."""
        if not is_path(path):
            raise ValueError(NO_PATH)
        terms = _MemberTerms.model_validate(value, context=info.context)
        limits = {
            word: bound for word in ("max", "min", "above", "below") if (bound := getattr(terms, word)) is not None
        }
        named = [*(() if terms.label is None else _listed(terms.label))]
        named += [] if terms.book is None else [{"book": terms.book}]
        if sum((terms.one_of is not None, bool(named), bool(limits))) != 1:
            raise ValueError("say one thing of a member: in: [..]; or label and book; or max, min, above, below")
        for item in terms.one_of or ():
            if not isinstance(item, str | int):
                raise ValueError(f"in holds texts, whole numbers, true and false, not {item!r}")
            if isinstance(item, str) and _ADDRESS.fullmatch(item):
                raise ValueError(f"{item} is an address: write it into the book, and here label: its label")
        return cls(
            path=path,
            one_of=terms.one_of,
            among=Addresses.of_contracts(named, info) if named else None,
            bounds=Bounds.model_validate(limits) if limits else None,
        )

    def judge(self, subject: Subject, typed_data: TypedData) -> Truth:
        """Whether the members are so. A member that there is not fails; one that does not read is unknown."""
        return members_at(self.path, typed_data, lambda kind, value: self._holds(kind, value, subject))

    def _holds(self, kind: str, value: Any, subject: Subject) -> Truth:
        read = read_member(kind, value)
        if read is None:
            return Unknown(f"what {self.path} of the typed data is")
        if self.among is not None:
            return kind == "address" and isinstance(read, str) and self.among.contains(read, subject)
        if self.one_of is not None:
            return any(type(item) is type(read) and item == read for item in self.one_of)
        assert self.bounds is not None
        if isinstance(read, bool) or not isinstance(read, int):
            return False
        return bool(self.bounds.holds(Decimal(read), Decimal(read)))

    def words(self) -> str:
        """``value at most 1000``."""
        if self.one_of is not None:
            return f"{self.path} {listed(str(item) for item in self.one_of)}"
        wanted = self.among or self.bounds
        assert wanted is not None
        return f"{self.path} {wanted.words()}"


@dataclass(frozen=True)
class TypedMessage(Condition):
    """The typed data that would be signed. What is not typed data fails it."""

    name: ClassVar[str] = "typed_data"
    how: ClassVar[str] = "{domain: {contract: usdc}, primary_type: [Permit], fields: {value: {max: 1000000}}}"
    names: tuple[str, ...] | None
    versions: tuple[str, ...] | None
    contract: Addresses | None
    primary_types: tuple[str, ...] | None
    members: tuple[MemberTerms, ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``domain`` (name, version, contract), ``primary_type``, ``fields`` by path. Faults are located."""
        terms = _Terms.model_validate(value, context=info.context)
        if not terms.model_fields_set:
            raise ValueError("say at least one of domain, primary_type, fields")
        domain = terms.domain or _DomainTerms()
        faults: list[Fault] = []
        members = []
        for path, wanted in (terms.fields or {}).items():
            try:
                members.append(MemberTerms.parse(path, wanted, info))
            except ValidationError as error:
                faults += nested(error, ("fields", path))
            except PydanticCustomError as error:
                faults += [(("fields", path, *inner), text) for inner, text in (error.context or {})["faults"]]
            except ValueError as error:
                faults.append((("fields", path), str(error)))
        if faults:
            raise located(faults)
        return cls(
            names=domain.name,
            versions=domain.version,
            contract=None if domain.contract is None else Addresses.of_contracts(domain.contract, info),
            primary_types=terms.primary_type,
            members=tuple(members),
        )

    def judge(self, subject: Subject) -> Truth:
        """False where any part fails; else Unknown where a member does not read."""
        typed_data = subject.proposal.typed_data
        if typed_data is None:
            return False
        truth: Truth = True
        for part in self._parts(subject, typed_data):
            if part is False:
                return False
            truth = part if truth is True else truth
        return truth

    def actual(self, subject: Subject) -> str:
        """The primary type and the domain's name."""
        typed_data = subject.proposal.typed_data
        if typed_data is None:
            return "no typed data"
        missed = [one.path for one in self.members if one.judge(subject, typed_data) is not True]
        words = (
            f"{typed_data.primary_type[:80]} for {str(typed_data.domain.get('name', 'a domain without a name'))[:80]}"
        )
        return f"{words} with another {', '.join(missed)}" if missed else words

    def limit(self) -> str:
        """What is asked of it."""
        parts = [] if self.primary_types is None else [f"type {listed(self.primary_types)}"]
        parts += [] if self.names is None else [f"domain {listed(self.names)}"]
        parts += [] if self.versions is None else [f"version {listed(self.versions)}"]
        parts += [] if self.contract is None else [f"contract {self.contract.words()}"]
        return ", ".join([*parts, *(one.words() for one in self.members)])

    def _parts(self, subject: Subject, typed_data: TypedData) -> Iterator[Truth]:
        domain = typed_data.domain
        if self.primary_types is not None:
            yield typed_data.primary_type in self.primary_types
        if self.names is not None:
            yield domain.get("name") in self.names
        if self.versions is not None:
            yield domain.get("version") in self.versions
        if self.contract is not None:
            contract = read_member("address", domain.get("verifyingContract"))
            yield isinstance(contract, str) and self.contract.contains(contract, subject)
        for member in self.members:
            yield member.judge(subject, typed_data)


def read_member(kind: str, value: Any) -> str | int | bool | None:
    """A member as its type reads it: addresses and bytes as lower-case hex, numbers whole; None where it does not."""
    if kind == "bool":
        return value if isinstance(value, bool) else None
    if kind == "string":
        return value if isinstance(value, str) else None
    if kind == "address":
        try:
            return parse_address(value) if isinstance(value, str) else None
        except InvalidValue:
            return None
    if kind.startswith(("uint", "int")):
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            return int(value, 16 if value.startswith("0x") else 10)
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    if kind.startswith("bytes"):
        return value.lower() if isinstance(value, str) and value.startswith("0x") else None
    return None
