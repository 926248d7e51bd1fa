"""The figures by name. A module has one FIGURE or several FIGURES; each is imported alone, without what others need."""

from __future__ import annotations

import importlib

from harness import Figure

MODULES = {
    "verdict_static_2": "verdict_static",
    "verdict_static": "verdict_static",
    "verdict_static_200": "verdict_static",
    "verdict_static_2_text": "verdict_static",
    "verdict_static_text": "verdict_static",
    "verdict_static_200_text": "verdict_static",
    "verdict_static_worded": "verdict_static",
    "policy_check_batch": "policy_check_batch",
    "guard_simulated": "guard_simulated",
    "guard_simulated_unpinned": "guard_simulated",
    "guard_simulated_reserved": "guard_simulated",
    "prove": "prove",
    "step_overhead": "step_overhead",
    "startup": "startup",
}
"""The module of each figure, in the order in which they are measured."""
NAMES = tuple(MODULES)


def figure(name: str) -> Figure:
    """The figure called so."""
    module = importlib.import_module(MODULES[name])
    found = module.FIGURES[name] if hasattr(module, "FIGURES") else module.FIGURE
    assert isinstance(found, Figure)
    return found
