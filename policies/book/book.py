"""Book: the only place where a name becomes an address. Signed together with the policy; both are in the policy's CID.

``tokens``, ``venues``, ``people`` and ``accounts`` have entries of their own shape; ``payees`` and every section that
a person adds (``blocked``, ``partners``) hold plain entries. A label may stand for one entry, or for a list of entries
on different chains.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, model_validator

from ...wallets.hints import nearest_or_all
from ...wallets.values import NATIVE
from ..documents.yaml_document import Fault, located, nested, read_document
from ..effect import Kind
from .abis import AbiFile, Described, read_abis
from .attachments import NO_ATTACHMENTS
from .confusables import name_faults
from .contract_kinds import VAULT, WRAPPED_NATIVE
from .declared import Declared, selectors
from .entries import NO_LABEL, RESERVED_LABELS, AnyEntry, Entry, PersonEntry, TokenEntry, VenueEntry

_SHAPES: dict[str, type[Entry | TokenEntry | VenueEntry | PersonEntry]] = {
    "tokens": TokenEntry,
    "venues": VenueEntry,
    "people": PersonEntry,
}
WELL_KNOWN = ("payees", "accounts", "venues", "tokens", "people")
"""The sections that mean something, in the order in which an address takes its name from them."""
NATIVE_COIN = TokenEntry.model_construct(label=NATIVE, address=NATIVE, chains=(), decimals=18, kind=NATIVE)
"""The chain's own coin, as a token of 18 decimals."""


class _BookDocument(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    sections: dict[str, tuple[Any, ...]]

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, dict):
            raise located([((), "a book is a mapping of sections, with version: 1")])
        faults: list[Fault] = []
        if value.get("version") != 1 or isinstance(value.get("version"), bool):
            faults.append((("version",), "expected version: 1"))
        sections: dict[str, tuple[AnyEntry, ...]] = {}
        for name, entries in value.items():
            if name == "version":
                continue
            if name in RESERVED_LABELS:
                faults.append(((name,), f"{name} is a word of the policy language: call the section something else"))
            elif not isinstance(entries, dict | None):
                faults.append(((name,), "a section maps labels to entries, as in alice: {address: ..., chains: [1]}"))
            else:
                sections[name] = tuple(_read_section(name, entries or {}, faults))
        _refuse_two_names(sections, faults)
        faults += name_faults(sections)
        _refuse_missing_assets(sections, faults)
        _refuse_missing_abis(sections, (info.context or {}).get("abis", {}), faults)
        if faults:
            raise located(faults)
        return {"sections": sections}


def _read_section(name: str, entries: dict[str, Any], faults: list[Fault]) -> Iterator[AnyEntry]:
    shape = _SHAPES.get(name, Entry)
    for label, written in entries.items():
        if label in RESERVED_LABELS:
            faults.append(((name, label), f"{label} is a word of the policy language: give the entry another label"))
            continue
        items = written if isinstance(written, list) else [written]
        seen: set[int] = set()
        for position, item in enumerate(items):
            path = (name, label, position) if isinstance(written, list) else (name, label)
            if not isinstance(item, dict):
                faults.append((path, "an entry is a mapping, as in {address: ..., chains: [1]}"))
                continue
            if "label" in item:
                faults.append(((*path, "label"), 'unknown key "label": the label is the name before the entry'))
                continue
            try:
                entry = shape.model_validate({"label": label, **item})
            except ValidationError as error:
                faults.extend(
                    (path, NO_LABEL) if inner[-1:] == ("label",) else (inner, text)
                    for inner, text in nested(error, path)
                )
                continue
            chains = set(getattr(entry, "chains", ()))
            if seen & chains or (position and not chains):
                faults.append((path, f"{label} has two entries on chain {min(seen & chains, default='any')}"))
            seen |= chains
            yield entry


def _refuse_two_names(sections: Mapping[str, tuple[AnyEntry, ...]], faults: list[Fault]) -> None:
    """One token contract or venue with two labels would be two assets to limits and rules."""
    people = sections.get("people", ())
    for position, person in enumerate(people):
        twin = next((other for other in people[:position] if other.address == person.address), None)
        if twin is not None:
            faults.append(
                (("people", person.label), f"{person.label} and {twin.label} are one key: it would approve twice")
            )
    for name in ("tokens", "venues"):
        owners: dict[tuple[str, int], str] = {}
        for entry in sections.get(name, ()):
            assert isinstance(entry, TokenEntry | VenueEntry)
            for chain_id in entry.chains:
                other = owners.setdefault((entry.address, chain_id), entry.label)
                if other != entry.label:
                    faults.append(
                        ((name, entry.label), f"{entry.label} and {other} are one address on chain {chain_id}")
                    )
    wrapping: dict[int, str] = {}
    for entry in sections.get("tokens", ()):
        assert isinstance(entry, TokenEntry)
        for chain_id in entry.chains if entry.kind == WRAPPED_NATIVE else ():
            first = wrapping.setdefault(chain_id, entry.label)
            if first != entry.label:
                fault = f"{entry.label} and {first} both wrap the coin of chain {chain_id}: one alone does"
                faults.append((("tokens", entry.label), fault))


def _refuse_missing_assets(sections: Mapping[str, tuple[AnyEntry, ...]], faults: list[Fault]) -> None:
    """A vault's ``asset`` is a token of the book on each of the vault's chains."""
    tokens = [entry for entry in sections.get("tokens", ()) if isinstance(entry, TokenEntry)]
    for entry in sections.get("venues", ()):
        if not isinstance(entry, VenueEntry):
            continue
        known = {token.label for token in tokens if set(entry.chains) <= set(token.chains)}
        if entry.asset is not None and entry.asset not in known:
            words = f"no token on all of its chains is called {entry.asset}{nearest_or_all(entry.asset, known)}"
            faults.append((("venues", entry.label, "asset"), words))
        elif entry.asset is None and entry.kind == VAULT:
            words = f"a venue of kind {VAULT} says which token it takes, as in asset: usdc"
            faults.append((("venues", entry.label), words))


def _refuse_missing_abis(
    sections: Mapping[str, tuple[AnyEntry, ...]], abis: Mapping[str, AbiFile], faults: list[Fault]
) -> None:
    """A venue's ``abi`` lies beside the policy, and is about that very contract where it says which it is about."""
    for entry in sections.get("venues", ()):
        if not isinstance(entry, VenueEntry) or entry.abi is None:
            continue
        path, file = ("venues", entry.label, "abi"), abis.get(entry.abi)
        if file is None:
            words = f"there is no file abis/{entry.abi}.json beside the policy{nearest_or_all(entry.abi, abis)}"
            faults.append((path, words))
        elif file.deployments is not None:
            elsewhere = [chain for chain in entry.chains if (chain, entry.address) not in file.deployments]
            if elsewhere:
                words = f"abis/{entry.abi}.json does not list {entry.address} on chain {elsewhere[0]}"
                faults.append((path, f"{words}: it is about other contracts"))


class Book:
    """The entries of a book.yaml, indexed by chain. Immutable; equal books have equal ``sections``."""

    def __init__(self, sections: Mapping[str, tuple[AnyEntry, ...]], abis: Mapping[str, AbiFile] | None = None) -> None:
        self.sections = dict(sections)
        self.abis = dict(abis or {})
        self.people: dict[str, PersonEntry] = {
            entry.label: entry for entry in sections.get("people", ()) if isinstance(entry, PersonEntry)
        }
        self._tokens: dict[tuple[str, int], TokenEntry] = {}
        self._tokens_by_label: dict[tuple[str, int], TokenEntry] = {}
        self._venues: dict[tuple[str, int], VenueEntry] = {}
        self._by_section: dict[tuple[str, int], dict[str, str]] = {}
        self._members: set[tuple[str, str, int]] = set()
        self._labels: dict[tuple[str, int], str] = {}
        self.ens_names: dict[tuple[str, int], tuple[tuple[str, str], ...]] = {}
        """Label and ENS name of the entries that have one, by address and chain."""
        self._people_by_address = {entry.address: entry.label for entry in self.people.values()}
        for name in sorted(sections, key=_naming_order):
            for entry in sections[name]:
                self._index(name, entry)

    @classmethod
    def read(cls, source: bytes, name: str = "book.yaml", attachments: Mapping[str, bytes] = NO_ATTACHMENTS) -> Self:
        """The book that ``source`` is, with the files beside it. Raises DocumentError.

        Validators find ``attachments`` (bytes by relative path) and ``abis`` (those read) in their context.
        """
        abis = read_abis(attachments)
        context = {"attachments": attachments, "abis": abis}
        return cls(read_document(_BookDocument, source, name, context).sections, abis)

    def _index(self, name: str, entry: AnyEntry) -> None:
        for chain_id in () if isinstance(entry, PersonEntry) else entry.chains:
            self._by_section.setdefault((name, chain_id), {})[entry.label] = entry.address
            self._members.add((name, entry.address, chain_id))
            self._labels.setdefault((entry.address, chain_id), entry.label)
            if isinstance(entry, Entry) and entry.ens is not None:
                others = self.ens_names.get((entry.address, chain_id), ())
                self.ens_names[entry.address, chain_id] = (*others, (entry.label, entry.ens))
            if isinstance(entry, TokenEntry):
                self._tokens[entry.address, chain_id] = entry
                self._tokens_by_label[entry.label, chain_id] = entry
            elif isinstance(entry, VenueEntry):
                self._venues[entry.address, chain_id] = entry

    def tokens(self, chain_id: int) -> tuple[TokenEntry, ...]:
        """The tokens on that chain, in the book's order."""
        entries = (self.token(address, chain) for address, chain in self._tokens if chain == chain_id)
        return tuple(entry for entry in entries if entry is not None)

    def venues(self, chain_id: int) -> tuple[VenueEntry, ...]:
        """The venues on that chain, in the book's order."""
        return tuple(entry for (_, chain), entry in self._venues.items() if chain == chain_id)

    def wrapped_native(self, chain_id: int) -> TokenEntry | None:
        """The token that wraps the chain's own coin, or None where the book lists none."""
        return next((token for token in self.tokens(chain_id) if token.kind == WRAPPED_NATIVE), None)

    def token(self, address: str, chain_id: int) -> TokenEntry | None:
        """The token at ``address`` on that chain (``native`` is the chain's coin), or None."""
        return NATIVE_COIN if address == NATIVE else self._tokens.get((address, chain_id))

    def token_by_label(self, label: str, chain_id: int) -> TokenEntry | None:
        """The token that ``label`` names on that chain, or None."""
        return NATIVE_COIN if label == NATIVE else self._tokens_by_label.get((label, chain_id))

    def venue(self, address: str, chain_id: int) -> VenueEntry | None:
        """The venue at ``address`` on that chain, or None."""
        return self._venues.get((address, chain_id))

    def declared(self, address: str, chain_id: int, called: bytes) -> Declared | None:
        """What the venue at ``address`` declares of the function with this selector, with its ABI's words.

        Unknown where only the ABI has it; None where neither does.
        """
        venue = self.venue(address, chain_id)
        if venue is None:
            return None
        signature = selectors(venue.functions).get(called) if venue.functions else None
        described = self.abis[venue.abi].functions.get(called) if venue.abi in self.abis else None
        if signature is None:
            return None if described is None else Declared.of(described)
        declaration = venue.functions[signature]
        token = None if declaration.asset is None else self.token_by_label(declaration.asset, chain_id)
        asset = None if token is None else token.address
        kind, payable = Kind(declaration.effect), described is not None and described.payable
        return Declared(signature, kind, asset, declaration.amount, declaration.to, payable, described)

    def underlying(self, address: str, chain_id: int) -> str | None:
        """The token that the vault at ``address`` takes, as its entry says, or None."""
        venue = self.venue(address, chain_id)
        token = None if venue is None or venue.asset is None else self.token_by_label(venue.asset, chain_id)
        return None if token is None else token.address

    def message(self, address: str, chain_id: int, encoded: str) -> Described | None:
        """What the ABI file of the venue at ``address`` says of the EIP-712 message with this encodeType, or None."""
        venue = self.venue(address, chain_id)
        if venue is None or venue.abi not in self.abis:
            return None
        return self.abis[venue.abi].messages.get(encoded)

    def knows(self, address: str, chain_id: int) -> bool:
        """Whether any section has this address on that chain (people are known on every chain)."""
        return (address, chain_id) in self._labels or address in self._people_by_address

    def section(self, name: str, chain_id: int) -> Mapping[str, str]:
        """Label to address of a section's entries that are valid on that chain."""
        if name == "people":
            return {label: person.address for label, person in self.people.items()}
        return self._by_section.get((name, chain_id), {})

    def has(self, section: str, address: str, chain_id: int) -> bool:
        """Whether ``address`` is an entry of that section on that chain."""
        if section == "people":
            return address in self._people_by_address
        return (section, address, chain_id) in self._members

    def label_of(self, address: str, chain_id: int) -> str | None:
        """The label by which people know ``address`` on that chain, or None."""
        if address == NATIVE:
            return NATIVE
        return self._labels.get((address, chain_id)) or self._people_by_address.get(address)

    def is_own(self, address: str, chain_id: int) -> bool:
        """Whether ``address`` is one of the owner's other accounts (section ``accounts``)."""
        return self.has("accounts", address, chain_id)

    def labels(self, section: str) -> frozenset[str]:
        """All labels of a section, whatever their chains."""
        return frozenset(entry.label for entry in self.sections.get(section, ()))

    def entries(self, section: str, label: str) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Address and chains of each entry of a label: what the label means."""
        found = (entry for entry in self.sections.get(section, ()) if entry.label == label)
        return tuple((entry.address, getattr(entry, "chains", ())) for entry in found)


def _naming_order(section: str) -> tuple[int, str]:
    return (WELL_KNOWN.index(section) if section in WELL_KNOWN else len(WELL_KNOWN), section)
