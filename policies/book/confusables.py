"""Names that people may take for one another: labels of a book, and the ENS names of its entries.

Two names are confusable when their skeletons are one (Unicode Technical Standard 39, section 4); letter case is folded
after that, so that ``bob``, ``b0b`` and ``BOB`` are one too. ENS names must be normalised (ENSIP-15), which still lets
through ``a1ice`` beside ``alice``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from ..documents.yaml_document import Fault
from .entries import AnyEntry, Entry

_ASCII_PROTOTYPES = {"0": "O", "1": "l", "I": "l", "|": "l", "m": "rn", "`": "'", '"': "''"}
"""Every ASCII character that has another prototype in Unicode's confusables.txt (version 15.1)."""

_MOST_ROUNDS = 8
"""A prototype may hold characters that have one themselves: two rounds are the most that any needs today."""


def skeleton(name: str) -> str:
    """What ``name`` looks like: equal for two names that a person may take for one another."""
    for _ in range(_MOST_ROUNDS):
        mapped = "".join(_prototype(character) for character in unicodedata.normalize("NFD", name))
        before, name = name, unicodedata.normalize("NFD", mapped).casefold()
        if name == before:
            break
    return name


def name_faults(sections: Mapping[str, Iterable[AnyEntry]]) -> list[Fault]:
    """Faults of a book's names: ENS names that are not normalised, and names that another one looks like."""
    faults: list[Fault] = []
    labels: dict[str, str] = {}
    names: dict[str, str] = {}
    for section, entries in sections.items():
        for entry in entries:
            other = labels.setdefault(skeleton(entry.label), entry.label)
            if other != entry.label:
                words = f"{entry.label} and {other} look like one another: give one of them another label"
                faults.append(((section, entry.label), words))
            if isinstance(entry, Entry) and entry.ens is not None:
                faults += _ens_faults((section, entry.label), entry.ens, names)
    return faults


def _ens_faults(path: tuple[str, str], name: str, names: dict[str, str]) -> list[Fault]:
    import ens_normalize

    try:
        normal = ens_normalize.ens_normalize(name)
    except ens_normalize.DisallowedSequence as error:
        return [((*path, "ens"), f"{name!r} is no ENS name by ENSIP-15: {error}")]
    if normal != name:
        return [((*path, "ens"), f"{name!r} is not normalised by ENSIP-15: write {normal}")]
    if "." not in name:
        return [((*path, "ens"), f"{name!r} is no whole ENS name: write it with its ending, as in alice.eth")]
    other = names.setdefault(skeleton(name), name)
    if other != name:
        return [((*path, "ens"), f"{name} and {other} look like one another: one may be somebody else's")]
    return []


def _prototype(character: str) -> str:
    if character.isascii():
        return _ASCII_PROTOTYPES.get(character, character)
    return _other_prototypes().get(character, character)


@lru_cache(maxsize=1)
def _other_prototypes() -> dict[str, str]:
    """Prototypes of all single characters that have another, by Unicode's confusables as their library holds them.

    It lists for each string all that look like it: a prototype lists its whole class, any other its prototype alone.
    """
    from confusable_homoglyphs.confusables import confusables_data

    alike = {text: [item["c"] for item in items] for text, items in confusables_data.items()}
    found: dict[str, str] = {}
    for text, others in alike.items():
        if len(text) == 1 and len(others) == 1:
            other = others[0]
            if len(alike.get(other, ())) > 1 or (len(other), other) > (len(text), text) or other.isascii():
                found[text] = _ASCII_PROTOTYPES.get(other, other)
    return found
