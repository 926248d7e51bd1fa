"""Conditions on who gets, holds or runs something: to, recipient, spender, on_behalf_of, venue; and whence the
address came.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ...wallets.hints import nearest
from ..book.book import Book
from ..effect import Kind
from ..kinds import FOR_SELF_UNLESS_SAID, HAS_OWNER, HAS_RECIPIENT, HAS_SPENDER, TABLE
from ..proposal import Provenance
from ..worth import Unknown
from .condition import Condition, Decided, Field, Subject, Truth, listed
from .names import Addresses


@dataclass(frozen=True)
class AddressCondition(Condition):
    """Base: one address of the effect is among those named. An effect that has no such address fails it."""

    by_shape: ClassVar[bool] = True
    among: Addresses

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """A label, a list of labels, ``self``, or ``{book: section}``."""
        return cls(Addresses.parse(value, info))

    @staticmethod
    @abstractmethod
    def field(kind: Kind) -> Field | None:
        """The field of such an effect that is its ``address`` where it is known; None where it never has one."""

    @abstractmethod
    def address(self, subject: Subject) -> str | Unknown | None:
        """The address that is held against the names; None where the effect has none."""

    def decided(self, kind: Kind, book: Book, chain_id: int) -> Decided | bool | None:
        """By the address, where the effect has it."""
        field = self.field(kind)
        return field is not None and Decided(field, self.among.members(book, chain_id), self.among.account)

    def judge(self, subject: Subject) -> Truth:
        """Whether the address is among those named."""
        address = self.address(subject)
        if isinstance(address, Unknown):
            return address
        return address is not None and self.among.contains(address, subject)

    def actual(self, subject: Subject) -> str:
        """The address by its name."""
        address = self.address(subject)
        return address.what if isinstance(address, Unknown) else "none" if address is None else subject.name(address)

    def limit(self) -> str:
        """The names."""
        return self.among.words()


def recipient_of(subject: Subject) -> str | Unknown | None:
    """Who gets what the effect moves, or the right to move it."""
    effect = subject.effect
    if effect.counterparty is not None:
        return effect.counterparty
    if effect.kind in FOR_SELF_UNLESS_SAID:
        return subject.proposal.account
    if effect.kind in HAS_RECIPIENT or effect.kind in HAS_SPENDER:
        return subject.unknown("the recipient")
    return None


def position_of(subject: Subject) -> str | Unknown | None:
    """Whose position the effect changes; a withdrawal is for its recipient."""
    effect = subject.effect
    if effect.kind is Kind.WITHDRAW:
        return effect.counterparty or subject.unknown("the recipient")
    if effect.kind in HAS_OWNER:
        return effect.on_behalf_of or subject.unknown("whose position it changes")
    return None


class To(AddressCondition):
    """Who gets what leaves, or the right to take it."""

    name: ClassVar[str] = "to"
    how: ClassVar[str] = "{book: payees}"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The counterparty, of every kind."""
        return "counterparty"

    def address(self, subject: Subject) -> str | Unknown | None:
        """The recipient."""
        return recipient_of(subject)


class Recipient(AddressCondition):
    """Who gets what is bought, withdrawn or unwrapped."""

    name: ClassVar[str] = "recipient"
    how: ClassVar[str] = "self"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The counterparty, of every kind."""
        return "counterparty"

    def address(self, subject: Subject) -> str | Unknown | None:
        """The recipient."""
        return recipient_of(subject)


class Spender(AddressCondition):
    """Who may take an allowance."""

    name: ClassVar[str] = "spender"
    how: ClassVar[str] = "{book: venues}"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The counterparty, of what has a spender."""
        return "counterparty" if kind in HAS_SPENDER else None

    def address(self, subject: Subject) -> str | Unknown | None:
        """The spender of an approval or permit; None for other kinds."""
        if subject.effect.kind not in HAS_SPENDER:
            return None
        return subject.effect.counterparty or subject.unknown("the spender")


class OnBehalfOf(AddressCondition):
    """Whose position a supply, borrow or repay changes; a withdrawal is for its recipient."""

    name: ClassVar[str] = "on_behalf_of"
    how: ClassVar[str] = "self"

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The owner of the position; a withdrawal's counterparty."""
        return TABLE[kind].position

    def address(self, subject: Subject) -> str | Unknown | None:
        """The owner of the position."""
        return position_of(subject)


class Venue(AddressCondition):
    """The contract that is called, by its label under ``venues``."""

    name: ClassVar[str] = "venue"
    how: ClassVar[str] = "[uniswap-v3]"

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Labels of the book's venues."""
        return cls(Addresses.parse(value, info, section="venues"))

    @staticmethod
    def field(kind: Kind) -> Field | None:
        """The target, of every kind."""
        return "target"

    def address(self, subject: Subject) -> str | Unknown | None:
        """The target."""
        return subject.effect.target


@dataclass(frozen=True)
class ProvenanceCondition(Condition):
    """Where the address came from: the book is ``operator``; any other has its established label, or ``untrusted``."""

    name: ClassVar[str] = "provenance"
    how: ClassVar[str] = "[operator, user]"
    by_shape: ClassVar[bool] = True
    labels: tuple[Provenance, ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """One or more of operator, user, chain, untrusted."""
        words = value if isinstance(value, list) else [value]
        known = [label.value for label in Provenance]
        if not words or any(word not in known for word in words):
            wrong = next((word for word in words if word not in known), None)
            hint = nearest(wrong, known) if isinstance(wrong, str) else ""
            raise ValueError(f"provenance is one or more of {', '.join(known)}, not {value!r}{hint}")
        return cls(tuple(Provenance(word) for word in words))

    def judge(self, subject: Subject) -> Truth:
        """Whether the label of the effect's address is among these."""
        found = self._found(subject)
        return found if isinstance(found, Unknown) else found in self.labels

    def actual(self, subject: Subject) -> str:
        """The label."""
        found = self._found(subject)
        return found.what if isinstance(found, Unknown) else found.value

    def limit(self) -> str:
        """The labels."""
        return listed(label.value for label in self.labels)

    @staticmethod
    def _found(subject: Subject) -> Provenance | Unknown:
        address = recipient_of(subject)
        if address is None:
            address = position_of(subject) or subject.effect.target
        if isinstance(address, Unknown):
            return address
        if address is None or address == subject.proposal.account or subject.book.knows(address, subject.chain_id):
            return Provenance.OPERATOR
        return subject.proposal.provenance.get(address, Provenance.UNTRUSTED)
