"""Conditions on the circumstances: deadline, health_factor_after, chain."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ..book.book import Book
from ..documents.duration import Seconds, write_seconds
from ..documents.numbers import Number
from ..documents.yaml_document import Written
from ..effect import Kind
from .bounds import write_number
from .condition import Condition, Decided, Subject, Truth, listed


class _DeadlineTerms(Written):
    max: Seconds


@dataclass(frozen=True)
class Deadline(Condition):
    """How long after ``at`` the calldata or the signature still works. Without a deadline it works for ever."""

    name: ClassVar[str] = "deadline"
    how: ClassVar[str] = "{max: 1h}"
    seconds: int

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{max: 1h}``."""
        return cls(_DeadlineTerms.model_validate(value, context=info.context).max)

    def judge(self, subject: Subject) -> Truth:
        """Whether the deadline is at most so long after the time of judgement."""
        deadline = subject.effect.deadline
        return deadline is not None and Decimal(deadline) - _timestamp(subject) <= self.seconds

    def actual(self, subject: Subject) -> str:
        """How far away it is."""
        deadline = subject.effect.deadline
        return (
            "no deadline"
            if deadline is None
            else f"{write_number(Decimal(deadline) - _timestamp(subject))} seconds away"
        )

    def limit(self) -> str:
        """The bound."""
        return f"at most {write_seconds(self.seconds)}"


def _timestamp(subject: Subject) -> Decimal:
    at = subject.facts.at
    return Decimal(int(at.replace(microsecond=0).timestamp())) + Decimal(at.microsecond) / 1_000_000


class _HealthTerms(Written):
    min: Number


@dataclass(frozen=True)
class HealthFactorAfter(Condition):
    """The account's health factor after the proposal, as the simulation found it."""

    name: ClassVar[str] = "health_factor_after"
    how: ClassVar[str] = "{min: 1.8}"
    least: Decimal

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{min: 1.8}``."""
        least = _HealthTerms.model_validate(value, context=info.context).min
        if least < 1:
            raise ValueError("below 1 a position is liquidated: write 1 or more, as in {min: 1.8}")
        return cls(least)

    def judge(self, subject: Subject) -> Truth:
        """Whether it is at least so high; unknown without a simulation that tells."""
        found = self._found(subject)
        return subject.unknown("the health factor afterwards") if found is None else found >= self.least

    def actual(self, subject: Subject) -> str:
        """The health factor."""
        found = self._found(subject)
        return "unknown" if found is None else write_number(found)

    def limit(self) -> str:
        """The bound."""
        return f"at least {write_number(self.least)}"

    @staticmethod
    def _found(subject: Subject) -> Decimal | None:
        simulation = subject.facts.simulation
        found = None if simulation is None or not simulation.succeeded else simulation.health_factor_after
        return None if found is None or found.is_nan() else found


@dataclass(frozen=True)
class Chain(Condition):
    """The chain of the proposal."""

    name: ClassVar[str] = "chain"
    how: ClassVar[str] = "[1, 8453]"
    by_shape: ClassVar[bool] = True
    ids: tuple[int, ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """One chain id, or a list."""
        ids = value if isinstance(value, list) else [value]
        if not ids or any(isinstance(item, bool) or not isinstance(item, int) for item in ids):
            raise ValueError(f"a chain is its number, as in 1 or [1, 8453], not {value!r}")
        return cls(tuple(ids))

    def decided(self, kind: Kind, book: Book, chain_id: int) -> Decided | bool | None:
        """By the chain alone."""
        return chain_id in self.ids

    def judge(self, subject: Subject) -> Truth:
        """Whether the proposal is for one of these chains."""
        return subject.chain_id in self.ids

    def actual(self, subject: Subject) -> str:
        """The chain."""
        return str(subject.chain_id)

    def limit(self) -> str:
        """The chains."""
        return listed(str(item) for item in self.ids)
