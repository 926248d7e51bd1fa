"""What is shipped of our contracts is what their source compiles to."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from treasurer.scenarios.devnet.artifacts import OWN
from treasurer.scenarios.devnet.contracts.compile import compiled, sources


@pytest.mark.parametrize("source", sources(), ids=lambda path: path.stem)
def test_the_shipped_bytecode_is_the_source(source: Path) -> None:
    assert json.loads(source.with_suffix(".json").read_text(encoding="utf-8")) == compiled(source)


def test_every_source_is_shipped_and_used() -> None:
    assert [source.stem for source in sources()] == sorted(OWN)
