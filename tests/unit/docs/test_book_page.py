"""docs/book.md lists each field of each kind of entry, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.policies.book.entries import Entry, PersonEntry, TokenEntry, VenueEntry
from treasurer.policies.documents.yaml_document import Written

PAGE = Path(__file__).parents[3] / "docs" / "book.md"


def _listed(header: str) -> list[str]:
    _, _, rest = PAGE.read_text().partition(f"| {header} | what it says |\n")
    rows = [row.strip("|").split(" | ") for row in rest.split("\n\n")[0].splitlines()[1:]]
    assert all(len(row) == 2 and row[1].strip() for row in rows)
    return [row[0].strip().strip("`") for row in rows]


@pytest.mark.parametrize(
    ("header", "entry", "told_before"),
    [
        ("field of any entry", Entry, set()),
        ("field of a venue", VenueEntry, set(Entry.model_fields)),
        ("field of a token", TokenEntry, set()),
        ("field of a person", PersonEntry, set()),
    ],
)
def test_each_field_of_an_entry_has_its_line(header: str, entry: type[Written], told_before: set[str]) -> None:
    assert sorted(_listed(header)) == sorted(set(entry.model_fields) - told_before - {"label"})
