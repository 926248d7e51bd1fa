"""The page about scenarios: what it shows reads, and its tables list what a step and an expectation may have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from treasurer.scenarios.runner import read_scenario
from treasurer.scenarios.runner.document import VERBS
from treasurer.scenarios.runner.expectation import Expect


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "scenarios.md").read_text()


def _table(page: str, header: str) -> list[str]:
    rows = page.partition(f"| {header} |")[2].split("\n\n")[0].splitlines()[2:]
    return [row.split("`")[1] for row in rows]


def test_the_shown_scenario_reads(page: str, tmp_path: Path) -> None:
    (shown,) = re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "shown.yaml"
    path.write_text(shown)
    assert read_scenario(path).name == "a-day"


def test_the_tables_are_whole(page: str) -> None:
    assert _table(page, "step") == list(VERBS)
    assert _table(page, "expect") == list(Expect.model_fields)
