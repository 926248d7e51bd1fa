"""Conditions on addresses to beware of: on_list (a file of addresses) and lookalike (address poisoning)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo

from ..book.lists import AddressList
from ..documents.yaml_document import Written
from ..language.fields import one_or_more
from ..worth import Unknown
from .addresses import recipient_of
from .condition import Condition, Subject, Truth, listed


@dataclass(frozen=True)
class OnList(Condition):
    """An address of the effect is on a list that is signed with the policy. Meant for deny rules."""

    name: ClassVar[str] = "on_list"
    how: ClassVar[str] = "sanctioned"
    lists: tuple[AddressList, ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """The NAME of ``lists/NAME.txt``, or several."""
        names = value if isinstance(value, list) else [value]
        if not names or not all(isinstance(name, str) for name in names):
            raise ValueError(f"on_list names files of lists/ without their ending, not {value!r}")
        attachments = info.context.get("attachments", {}) if isinstance(info.context, dict) else {}
        return cls(tuple(AddressList.of(name, attachments) for name in names))

    def judge(self, subject: Subject) -> Truth:
        """Whether any address is listed; Unknown where the recipient is."""
        if self._listed(subject) is not None:
            return True
        recipient = recipient_of(subject)
        return recipient if isinstance(recipient, Unknown) else False

    def actual(self, subject: Subject) -> str:
        """The address that is listed, or that none is."""
        found = self._listed(subject)
        return "no address is listed" if found is None else f"{subject.name(found[0])} is on {found[1]}"

    def limit(self) -> str:
        """The lists."""
        return f"on {listed(one.name for one in self.lists)}"

    def _listed(self, subject: Subject) -> tuple[str, str] | None:
        addresses = subject.effect.addresses
        return next(((item, one.name) for one in self.lists for item in addresses if item in one.addresses), None)


_Digits = Annotated[int, Field(ge=0, le=40, strict=True)]


class _LookalikeTerms(Written):
    first: _Digits = 4
    last: _Digits = 4
    of: Annotated[tuple[Literal["book", "peers"], ...], BeforeValidator(one_or_more), Field(min_length=1)]


@dataclass(frozen=True)
class Lookalike(Condition):
    """An address that the book does not know shares its first and last hex digits with an entry or a recent peer."""

    name: ClassVar[str] = "lookalike"
    how: ClassVar[str] = "{first: 4, last: 4, of: [book, peers]}"
    first: int
    last: int
    of: tuple[Literal["book", "peers"], ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{first: 4, last: 4, of: [book, peers]}``."""
        terms = _LookalikeTerms.model_validate(value, context=info.context)
        if terms.first + terms.last < 2:
            raise ValueError("first and last together are at least 2 hex digits, or everything looks alike")
        return cls(terms.first, terms.last, terms.of)

    def judge(self, subject: Subject) -> Truth:
        """Whether any address looks like another; Unknown where the recipient is, or peers could not be asked for."""
        if next(self._pairs(subject), None) is not None:
            return True
        recipient = recipient_of(subject)
        if isinstance(recipient, Unknown):
            return recipient
        strangers = any(not _is_known(address, subject) for address in subject.effect.addresses)
        if strangers and "peers" in self.of and subject.facts.peers is None:
            return Unknown("whom the account dealt with lately")
        return False

    def actual(self, subject: Subject) -> str:
        """Which address looks like which."""
        found = next(self._pairs(subject), None)
        if found is None:
            return "no lookalike"
        return f"{subject.name(found[0])} looks like {subject.name(found[1])} and is not"

    def limit(self) -> str:
        """How alike, and to what."""
        whom = listed({"book": "an entry of the book", "peers": "a recent peer"}[where] for where in self.of)
        return f"the first {self.first} and last {self.last} hex digits of {whom}"

    def _pairs(self, subject: Subject) -> Iterator[tuple[str, str]]:
        for address in subject.effect.addresses:
            if _is_known(address, subject):
                continue
            for other in self._others(subject):
                if other != address and self._ends(other) == self._ends(address):
                    yield address, other

    def _others(self, subject: Subject) -> Iterable[str]:
        if "book" in self.of:
            for section in subject.book.sections:
                yield from subject.book.section(section, subject.chain_id).values()
            yield subject.proposal.account
        if "peers" in self.of:
            yield from subject.facts.peers or ()

    def _ends(self, address: str) -> tuple[str, str]:
        digits = address[2:]
        return digits[: self.first], digits[40 - self.last :]


def _is_known(address: str, subject: Subject) -> bool:
    """What the signed book has is meant: a poisoner's dust must not make a payee look like the poisoner."""
    return address == subject.proposal.account or subject.book.knows(address, subject.chain_id)
