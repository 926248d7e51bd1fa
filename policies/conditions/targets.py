"""The condition on the contract called: who it is in the book, that its code is the pinned one, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import ValidationInfo, model_validator

from ..book.entries import TokenEntry, VenueEntry
from ..documents.duration import Seconds, write_seconds
from ..documents.yaml_document import Written
from ..worth import Unknown
from .condition import Condition, Subject, Truth
from .names import Addresses


class _Age(Written):
    min: Seconds


class _TargetTerms(Written):
    label: Any = None
    book: Any = None
    code_hash: Literal["pinned"] | None = None
    implementation: Literal["pinned"] | None = None
    age: _Age | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say at least one of label, book, code_hash, implementation, age")
        return self


@dataclass(frozen=True)
class Target(Condition):
    """The contract called is among those named, runs the code that the book pins, and has run it for so long.

    ``age`` is counted from the earliest time at which the guard knows that the code was there already.
    """

    name: ClassVar[str] = "target"
    how: ClassVar[str] = "{book: venues, code_hash: pinned, age: {min: 30d}}"
    among: Addresses | None
    code_hash: bool
    implementation: bool
    age_seconds: int | None

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Labels, ``{book: section}``, or a mapping of label, book, code_hash, implementation and age."""
        if not isinstance(value, dict):
            return cls(Addresses.of_contracts(value, info), code_hash=False, implementation=False, age_seconds=None)
        terms = _TargetTerms.model_validate(value, context=info.context)
        named: list[Any] = [] if terms.label is None else _as_list(terms.label)
        named += [] if terms.book is None else [{"book": terms.book}]
        return cls(
            among=Addresses.of_contracts(named, info) if named else None,
            code_hash=terms.code_hash is not None,
            implementation=terms.implementation is not None,
            age_seconds=None if terms.age is None else terms.age.min,
        )

    def judge(self, subject: Subject) -> Truth:
        """False where any part fails; else Unknown where any part is not known."""
        target = subject.effect.target
        if target is None or (self.among is not None and not self.among.contains(target, subject)):
            return False
        entries = _entries(target, subject)
        if self.code_hash and not any(entry.code_hash for entry in entries):
            return False
        if self.implementation and not any(entry.implementation for entry in entries):
            return False
        truth: Truth = True
        for found, wanted in self._held(target, subject):
            if found is not None and found != wanted:
                return False
            if found is None and truth is True:
                truth = Unknown(f"the code of {subject.name(target)}")
        if self.age_seconds is None:
            return truth
        age = _age_seconds(target, subject)
        if age is None:
            return Unknown(f"since when the code of {subject.name(target)} is there")
        return truth if age >= self.age_seconds else False

    def actual(self, subject: Subject) -> str:
        """The target by its name, with what is found of its code."""
        target = subject.effect.target
        if target is None:
            return "no contract"
        parts = [subject.name(target)]
        if self.code_hash:
            parts.append(f"code {subject.facts.code_hashes.get(target, 'unknown')}")
        if self.implementation:
            parts.append(f"implementation {subject.facts.implementations.get(target, 'unknown')}")
        if self.age_seconds is not None:
            age = _age_seconds(target, subject)
            parts.append("of unknown age" if age is None else f"{age} seconds old")
        return ", ".join(parts)

    def limit(self) -> str:
        """What is asked of the target."""
        parts = [] if self.among is None else [self.among.words()]
        parts += ["the pinned code"] if self.code_hash else []
        parts += ["the pinned implementation"] if self.implementation else []
        parts += [] if self.age_seconds is None else [f"at least {write_seconds(self.age_seconds)} old"]
        return ", ".join(parts)

    def _held(self, target: str, subject: Subject) -> Iterator[tuple[str | None, str]]:
        """What is found (None: unknown) and what the book pins."""
        facts = subject.facts
        for entry in _entries(target, subject):
            if self.code_hash and entry.code_hash is not None:
                yield facts.code_hashes.get(target), entry.code_hash
            if self.implementation and entry.implementation is not None:
                yield facts.implementations.get(target), entry.implementation
                if entry.implementation_hash is not None:
                    yield facts.code_hashes.get(entry.implementation), entry.implementation_hash


def _entries(target: str, subject: Subject) -> list[VenueEntry | TokenEntry]:
    book, chain_id = subject.book, subject.chain_id
    found = (book.venue(target, chain_id), book.token(target, chain_id))
    return [entry for entry in found if entry is not None]


def _age_seconds(target: str, subject: Subject) -> int | None:
    since = subject.facts.code_since.get(target)
    return None if since is None else int(subject.facts.at.timestamp()) - since


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
