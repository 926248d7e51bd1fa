"""The figures by name. Each is a module of its own, so that one of them runs without what the others need."""

from __future__ import annotations

import importlib

from harness import Figure

NAMES = ("verdict_static", "guard_simulated", "prove", "step_overhead", "startup")


def figure(name: str) -> Figure:
    """The FIGURE of the module called so."""
    found = importlib.import_module(name).FIGURE
    assert isinstance(found, Figure)
    return found
