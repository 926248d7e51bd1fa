"""Handles: the labels that a request may use for payees, assets and venues, and what the book says they are.

The only way from a word to an address. Labels reach the model, addresses never do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..wallets.values import NATIVE
from .errors import UnknownHandle


@dataclass(frozen=True, slots=True)
class Payee:
    """Somebody who may be paid, or an account of our own: the book's label and its address."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Token:
    """An asset of the book. ``address`` is the token contract's, or ``native`` for the chain's own coin."""

    label: str
    address: str
    decimals: int

    @property
    def is_native(self) -> bool:
        """Whether this is the chain's own coin, which has no contract."""
        return self.address == NATIVE


@dataclass(frozen=True, slots=True)
class Venue:
    """A protocol's contract that the book names."""

    label: str
    address: str


NATIVE_ALIASES = ("eth", "ether")
_VERSION = re.compile(r"-v[0-9]+(?:[.][0-9]+)?$")


@dataclass(frozen=True, slots=True)
class Handles:
    """What the book names on one chain. ``aliases`` maps further words (lower case) to a token's label.

    ``unit`` is the asset that a bare number counts in a scripted call; a request in words never uses it.
    """

    payees: Mapping[str, Payee] = field(default_factory=lambda: MappingProxyType({}))
    tokens: Mapping[str, Token] = field(default_factory=lambda: MappingProxyType({}))
    venues: Mapping[str, Venue] = field(default_factory=lambda: MappingProxyType({}))
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    unit: str | None = None

    @classmethod
    def of(
        cls,
        *,
        payees: Iterable[Payee] = (),
        tokens: Iterable[Token] = (),
        venues: Iterable[Venue] = (),
        aliases: Mapping[str, str] | None = None,
        native_words: Iterable[str] = NATIVE_ALIASES,
        unit: str | None = None,
    ) -> Handles:
        """Handles by label, with ``native_words`` for the native coin where no token has that label."""
        by_label = {token.label: token for token in tokens}
        words = {alias.lower(): label for alias, label in (aliases or {}).items()}
        native = next((token.label for token in by_label.values() if token.is_native), None)
        if native is not None:
            for alias in native_words:
                if alias not in by_label:
                    words.setdefault(alias, native)
        for label in words.values():
            if label not in by_label:
                raise UnknownHandle(f"an alias names the asset {label!r}, which the book lacks: add it under tokens")
        return cls(
            payees=MappingProxyType({payee.label: payee for payee in payees}),
            tokens=MappingProxyType(by_label),
            venues=MappingProxyType({venue.label: venue for venue in venues}),
            aliases=MappingProxyType(words),
            unit=unit,
        )

    def payee(self, label: str) -> Payee:
        """The payee of that label. Raises UnknownHandle."""
        if label not in self.payees:
            raise UnknownHandle(f"the book names no payee {label!r}: add it to book.yaml, or choose one that is there")
        return self.payees[label]

    def token(self, label: str) -> Token:
        """The asset of that label or alias. Raises UnknownHandle."""
        found = self.tokens.get(self.aliases.get(label.lower(), label))
        if found is None:
            raise UnknownHandle(f"the book names no asset {label!r}: add it to book.yaml, or choose one that is there")
        return found

    def venue(self, label: str) -> Venue:
        """The venue of that label. Raises UnknownHandle."""
        if label not in self.venues:
            raise UnknownHandle(f"the book names no venue {label!r}: add it to book.yaml, or choose one that is there")
        return self.venues[label]

    def venue_words(self) -> dict[str, str]:
        """Words for venues: each label, and the label without its version where that names one venue alone."""
        words = {label.lower(): label for label in self.venues}
        short: dict[str, list[str]] = {}
        for label in self.venues:
            short.setdefault(_VERSION.sub("", label.lower()), []).append(label)
        for word, labels in short.items():
            if len(labels) == 1:
                words.setdefault(word, labels[0])
        return words
