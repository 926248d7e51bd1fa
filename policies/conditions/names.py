"""How a policy names addresses and assets: labels of the book, ``{book: section}``, and ``self``. Never an address
itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

from pydantic import ValidationInfo

from ...wallets.hints import nearest
from ...wallets.values import NATIVE
from ..book.book import WELL_KNOWN, Book
from ..documents.yaml_document import Fault, located
from .condition import Subject, listed

SELF = "self"
_NOT_RECIPIENTS = frozenset({"people", "tokens"})
"""A bare label never means a person's approval key or a token contract; ``people.alice`` does."""


def book_of(info: ValidationInfo) -> Book | None:
    """The book that the document is validated against, where there is one."""
    return info.context.get("book") if isinstance(info.context, dict) else None


def split_names(value: Any) -> tuple[list[str], list[str]]:
    """Labels and sections of ``alice``, ``{book: payees}``, or a list of such."""
    labels: list[str] = []
    sections: list[str] = []
    items = value if isinstance(value, list) else [value]
    if not items:
        raise located([((), "an empty list matches nothing: name at least one")])
    faults: list[Fault] = []
    for position, item in enumerate(items):
        path: tuple[str | int, ...] = (position,) if isinstance(value, list) else ()
        if isinstance(item, dict):
            faults += [
                ((*path, key), f'unknown key "{key}"; expected {{book: section}}') for key in item if key != "book"
            ]
            named = item.get("book")
            for section in named if isinstance(named, list) and named else [named]:
                if isinstance(section, str):
                    sections.append(section)
                else:
                    faults.append((path, "book names a section of the book, as in {book: payees}"))
        elif isinstance(item, str) and not item.startswith("0x"):
            labels.append(item)
        else:
            faults.append((path, f"{item!r} is not a label: write the address into the book, and its label here"))
    if faults:
        raise located(faults)
    return labels, sections


def missing_sections(book: Book, sections: Iterable[str]) -> list[Fault]:
    """A fault for each section that the book lacks."""
    return [(("book",), _no_section(book, name)) for name in sections if name not in book.sections]


def _no_section(book: Book, name: str) -> str:
    """The sentence about a section that the book lacks: either file may have misspelt it, but none that is known."""
    near = difflib.get_close_matches(name, sorted(book.sections), n=1, cutoff=0.6)
    if not near or near[0] in WELL_KNOWN:
        return f'the book has no section "{name}"{nearest(name, book.sections)}'
    return f'the book has a section "{near[0]}" and the policy says "{name}": write one word in both'


@dataclass(frozen=True)
class Addresses:
    """A set of addresses: ``self``, labels (``section.label`` where two sections share one), whole sections."""

    account: bool = False
    labels: tuple[tuple[str | None, str], ...] = ()
    sections: tuple[str, ...] = ()

    @classmethod
    def of_contracts(cls, value: Any, info: ValidationInfo) -> Self:
        """The same where contracts are meant: a bare label may also be a token's."""
        book = book_of(info)
        items = value if isinstance(value, list) else [value]
        return cls.parse([item if book is None else _token_label(book, item) for item in items], info)

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo, *, section: str | None = None) -> Self:
        """Of what a person wrote; ``section`` is the only one that bare labels are looked up in. Faults are located."""
        names, sections = split_names(value)
        labels: list[tuple[str | None, str]] = []
        for name in names:
            where, dot, label = name.partition(".")
            labels.append((where, label) if dot else (section, name))
        book = book_of(info)
        if book is not None:
            faults = missing_sections(book, sections)
            for within, label in labels:
                if label != SELF or within is not None:
                    faults += _label_faults(book, within, label)
            if faults:
                raise located(faults)
        return cls(
            account=(section, SELF) in labels or (None, SELF) in labels,
            labels=tuple(pair for pair in labels if pair[1] != SELF),
            sections=tuple(sections),
        )

    def contains(self, address: str, subject: Subject) -> bool:
        """Whether ``address`` is one of these on the proposal's chain."""
        return self.has(address, subject.proposal.account, subject.book, subject.chain_id)

    def has(self, address: str, account: str, book: Book, chain_id: int) -> bool:
        """Whether ``address`` is one of these on that chain; ``account`` is ``self``."""
        if self.account and address == account:
            return True
        if any(book.has(section, address, chain_id) for section in self.sections):
            return True
        return any(address in _addresses_of(book, where, label, chain_id) for where, label in self.labels)

    def members(self, book: Book, chain_id: int) -> frozenset[str]:
        """All of them on that chain, but for ``self``."""
        found = {address for section in self.sections for address in book.section(section, chain_id).values()}
        for where, label in self.labels:
            found |= {address for address in _addresses_of(book, where, label, chain_id) if address is not None}
        return frozenset(found)

    def words(self) -> str:
        """``self, alice or any of payees``."""
        names = [SELF] if self.account else []
        names += [label if where in (None, "venues") else f"{where}.{label}" for where, label in self.labels]
        return listed([*names, *(f"any of {section}" for section in self.sections)])


def _token_label(book: Book, item: Any) -> Any:
    if not isinstance(item, str) or any(item in book.labels(name) for name in _searched(book, None)):
        return item
    return f"tokens.{item}" if item in book.labels("tokens") else item


def _searched(book: Book, where: str | None) -> list[str]:
    return [where] if where else [name for name in book.sections if name not in _NOT_RECIPIENTS]


def _addresses_of(book: Book, where: str | None, label: str, chain_id: int) -> set[str | None]:
    return {book.section(name, chain_id).get(label) for name in _searched(book, where)} - {None}


def _label_faults(book: Book, where: str | None, label: str) -> list[Fault]:
    if where is not None and where not in book.sections:
        return [((), f"{where}.{label}: {_no_section(book, where)}")]
    found = [name for name in _searched(book, where) if label in book.labels(name)]
    if not found:
        known = {other for name in _searched(book, where) for other in book.labels(name)}
        place = f"section {where} of the book" if where else "book"
        return [((), f'the {place} has no label "{label}"{nearest(label, known)}')]
    meanings = {frozenset(book.entries(name, label)) for name in found}
    if len(meanings) > 1:
        ways = listed(f"{name}.{label}" for name in found)
        return [((), f'"{label}" is in several sections with different addresses: write {ways}')]
    return []


def token_fault(label: Any, info: ValidationInfo) -> str | None:
    """What is wrong with a token's label, or None."""
    book = book_of(info)
    if book is None:
        return None
    known = {NATIVE, *book.labels("tokens")}
    return None if label in known else f'the book has no token "{label}"{nearest(str(label), known)}'


@dataclass(frozen=True)
class Assets:
    """A set of assets: labels of the book's tokens, ``native``, or ``{book: tokens}``."""

    labels: tuple[str, ...] = ()
    every: bool = False

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Of what a person wrote. Faults are located."""
        names, sections = split_names(value)
        faults: list[Fault] = [
            (("book",), f'assets are tokens: write {{book: tokens}}, not "{name}"')
            for name in sections
            if name != "tokens"
        ]
        faults += [((), fault) for name in names if (fault := token_fault(name, info)) is not None]
        if faults:
            raise located(faults)
        return cls(labels=tuple(names), every=bool(sections))

    def contains(self, asset: str, subject: Subject) -> bool:
        """Whether ``asset`` is one of these on the proposal's chain."""
        return self.has(asset, subject.book, subject.chain_id)

    def has(self, asset: str, book: Book, chain_id: int) -> bool:
        """Whether ``asset`` is one of these on that chain."""
        token = book.token(asset, chain_id)
        return token is not None and (token.label in self.labels or (self.every and asset != NATIVE))

    def members(self, book: Book, chain_id: int) -> frozenset[str]:
        """All of them on that chain."""
        assets = (NATIVE, *(token.address for token in book.tokens(chain_id)))
        return frozenset(asset for asset in assets if self.has(asset, book, chain_id))

    def words(self) -> str:
        """``usdc or dai``."""
        return listed([*self.labels, *(["any token of the book"] if self.every else [])])
