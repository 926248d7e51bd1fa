"""The figures that need a chain: our side allows the swap, the peer's simulation of the same calls succeeds."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("figure", ["guard_simulated", "guard_simulated_unpinned", "guard_simulated_reserved"])
def test_the_swap_is_judged_and_simulated(figure: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(root / "bench"))
    try:
        with importlib.import_module("guard_simulated").FIGURES[figure].contest() as contest:
            assert contest.ours() > 0
            assert contest.peer() > 0
    finally:
        for name in ("guard_simulated", "harness"):
            sys.modules.pop(name, None)
