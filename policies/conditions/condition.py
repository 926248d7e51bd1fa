"""What a condition is: held against one effect of a proposal, it holds, fails, or cannot be known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Literal, Self

from pydantic import ValidationInfo

from ...wallets.values import NATIVE, checksum
from ..book.book import Book
from ..effect import Effect, Kind
from ..facts import Facts
from ..proposal import Proposal
from ..worth import Unknown

Memory = Literal["", "dealings", "movements", "first dealings"]
"""What a condition needs of the past: nothing; which rules let what through to whom; each movement by itself; when
each counterparty was first dealt with.
"""
Truth = bool | Unknown
"""Three-valued: True holds, False fails, Unknown says what is not known."""
Field = Literal["asset", "bought", "counterparty", "target", "on_behalf_of"]
"""The fields of an effect that hold an asset or an address."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What decides a condition where the effect has this ``field``: it holds for these ``values`` (and for the account
    itself where ``account``), and fails for any other.
    """

    field: Field
    values: frozenset[str]
    account: bool = False


@dataclass(slots=True)
class Subject:
    """What a condition is held against: one effect, with the proposal, the book and the facts around it.

    ``effects``: all of the proposal's, of which this one is at ``index``. Nobody changes one: it is not frozen because
    each effect of each verdict has one, and a frozen one takes three times as long to make.
    """

    effect: Effect
    proposal: Proposal
    book: Book
    facts: Facts
    effects: tuple[Effect, ...] = ()
    index: int = 0

    @property
    def chain_id(self) -> int:
        """The chain of the proposal."""
        return self.proposal.chain_id

    def name(self, address: str | None) -> str:
        """An address in words: its label in the book, ``self``, or its EIP-55 form."""
        if address is None:
            return "nothing known"
        if address == self.proposal.account:
            return "self"
        label = self.book.label_of(address, self.chain_id)
        return label or (address if address == NATIVE else checksum(address))

    def unknown(self, what: str) -> Unknown:
        """Unknown, in the decoder's words where it left any."""
        return Unknown("; ".join(self.effect.unknown) or what)


class Condition(ABC):
    """One condition of a rule. Subclasses are frozen dataclasses that say their ``name`` and ``how`` it is written."""

    name: ClassVar[str]
    how: ClassVar[str]
    remembers: ClassVar[Memory] = ""
    by_shape: ClassVar[bool] = False
    """Its ``judge`` needs no number: what the effect names, and where that came from, decides."""

    @property
    def lookback_seconds(self) -> int:
        """How far into what was let through before it looks; 0: not at all."""
        return 0

    @classmethod
    @abstractmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Of what a person wrote after the name. Raises ValueError, ValidationError or ``documents.located`` faults."""

    def decided(self, kind: Kind, book: Book, chain_id: int) -> Decided | bool | None:
        """What ``judge`` says of effects of this kind on this chain, so that a policy can be indexed by it.

        True or False where it says that of every such effect; None where each has to be judged.
        """
        del kind, book, chain_id
        return None

    @abstractmethod
    def judge(self, subject: Subject) -> Truth:
        """Whether the condition holds for this effect."""

    @abstractmethod
    def actual(self, subject: Subject) -> str:
        """What was found, in words."""

    @abstractmethod
    def limit(self) -> str:
        """What the condition asks for, in words."""


class SumCondition(Condition):
    """A condition held against the sum over all effects of the proposal that meet the rule's other conditions."""

    per_asset: ClassVar[bool]

    @abstractmethod
    def measure(self, subject: Subject) -> Decimal | Unknown:
        """What one effect adds to the sum: never negative."""

    @abstractmethod
    def holds(self, least: Decimal, most: Decimal | None, subject: Subject) -> bool | None:
        """Whether the sum that ``subject`` is part of holds when it lies between ``least`` and ``most`` (None: no
        bound is known); None: cannot say.
        """

    def span(self, asset: str, book: Book, chain_id: int) -> tuple[int, int] | None:
        """The least and the most base units of this asset with which it holds, of one effect alone.

        None where anything but the amount decides.
        """
        del asset, book, chain_id
        return None

    def judge(self, subject: Subject) -> Truth:
        """The condition over this effect alone."""
        measured = self.measure(subject)
        if isinstance(measured, Unknown):
            return measured
        return bool(self.holds(measured, measured, subject))


def listed(words: Iterable[str]) -> str:
    """``a, b or c``."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
