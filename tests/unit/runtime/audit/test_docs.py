"""docs/audit.md names every kind of record and every field of it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from treasurer.runtime.audit.records import BODIES

PAGE = Path(__file__).parents[4] / "docs/audit.md"


def test_the_page_lists_the_schema() -> None:
    listed: dict[str, set[str]] = {}
    table = PAGE.read_text().partition("| kind | body |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        kinds, body = line.strip("|").split(" | ")
        for kind in re.findall(r"`([a-z_]+)`", kinds):
            listed[kind] = set(re.findall(r"`([a-z_]+)`", body))
    assert listed == {kind: set(model.model_fields) for kind, model in BODIES.items()}
