"""ENS names: what the names of a book's entries resolve to now, read in the same request as everything else.

Source: EIP-137 (registry and resolver), EIP-2304's ``addr(bytes32)``. A name that only a parent's resolver answers
(ENSIP-10's wildcards), or whose resolver sends the question off the chain (EIP-3668), is not known: the answer would
be one that no block holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from ....wallets.ens import ENS_CHAINS, ENS_REGISTRY, namehash
from ...book.book import Book
from ...effect import Effect
from . import probes
from .probes import Answers, Probe

ENS_REGISTRY_KIND = "ens-registry"
"""The venue kind of a registry that a book names, for a chain whose ENS lies elsewhere."""


@dataclass(frozen=True)
class NameReads:
    """What tells where names resolve to, by the ``registry`` of their chain; None where the chain has none."""

    registry: str | None
    names: tuple[str, ...]

    @classmethod
    def of(cls, effects: Iterable[Effect], book: Book, chain_id: int) -> Self:
        """The names of every entry of the book that these effects deal with."""
        if not book.ens_names:
            return cls(None, ())
        addresses = dict.fromkeys(address for effect in effects for address in effect.addresses)
        named = (name for address in addresses for _, name in book.ens_names.get((address, chain_id), ()))
        return cls(registry_of(book, chain_id), tuple(dict.fromkeys(named)))

    @property
    def probes(self) -> tuple[Probe, ...]:
        """Every probe, once."""
        if self.registry is None:
            return ()
        found: list[Probe] = []
        for name in self.names:
            found.append(probes.resolved(self.registry, namehash(name)))
            found += (probes.resolver(self.registry, namehash(one)) for one in _with_parents(name))
        return tuple(dict.fromkeys(found))

    def told_by(self, answers: Answers) -> dict[str, str | None]:
        """The address of each name, None where it has none; what is not known is left out."""
        told: dict[str, str | None] = {}
        if self.registry is None:
            return told
        for name in self.names:
            own, *above = (answers.number(probes.resolver(self.registry, namehash(n))) for n in _with_parents(name))
            if own is None or (own == 0 and any(resolver != 0 for resolver in above)):
                continue
            number = 0 if own == 0 else answers.number(probes.resolved(self.registry, namehash(name)))
            if number is not None and number < 2**160:
                told[name] = f"0x{number:040x}" if number else None
        return told


def registry_of(book: Book, chain_id: int) -> str | None:
    """The ENS registry of a chain: the one that the book names, or where ENS itself put it."""
    named = next((venue.address for venue in book.venues(chain_id) if venue.kind == ENS_REGISTRY_KIND), None)
    return named or (ENS_REGISTRY.lower() if chain_id in ENS_CHAINS else None)


def _with_parents(name: str) -> Iterator[str]:
    """``pay.alice.eth``, ``alice.eth``, ``eth``."""
    labels = name.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))
