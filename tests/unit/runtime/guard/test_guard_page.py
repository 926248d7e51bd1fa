"""docs/guard.md: its diagram is the journal's table, and each file that it names is there.

`python tests/unit/runtime/test_guard_page.py` writes the diagram anew.
"""

from __future__ import annotations

import re
from pathlib import Path

from treasurer.wallets.journal import TRANSITIONS, State

ROOT = Path(__file__).resolve().parents[4]
PAGE = ROOT / "docs" / "guard.md"
_PLACE = re.compile(r"<!-- states -->\n(.*?)<!-- /states -->", re.DOTALL)


def diagram() -> str:
    """Each state with those that may follow, in the order of the states."""
    lines = []
    for state in State:
        following = ", ".join(other for other in State if other in TRANSITIONS[state])
        lines.append(f"{state:<10} -> {following}" if following else f"{state:<10} is the end")
    return "\n".join(["```text", *lines, "```", ""])


def test_the_diagram_is_the_table() -> None:
    found = _PLACE.search(PAGE.read_text())
    assert found is not None
    assert found[1] == diagram(), "run: python tests/unit/runtime/test_guard_page.py"


def test_each_file_it_names_is_there() -> None:
    named = re.findall(r"`((?:runtime|wallets|agent)/[\w/.]*)`", PAGE.read_text())
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


if __name__ == "__main__":
    PAGE.write_text(_PLACE.sub(lambda _: f"<!-- states -->\n{diagram()}<!-- /states -->", PAGE.read_text()))
