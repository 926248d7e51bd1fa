"""devnet: a real EVM node (anvil) with real protocols at coherent prices, for scenarios, tests and the demo.

Imports the floors below for errors and folders alone: who uses the devnet reads its registry file, as for any chain.
Its names load when they are first used (PEP 562), because every ``treasurer --help`` passes through here.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .errors import DevnetError as DevnetError
    from .node import Devnet as Devnet
    from .world import World as World

_HOMES = {"Devnet": ".node", "DevnetError": ".errors", "World": ".world"}

__all__ = ["Devnet", "DevnetError", "World"]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name], __name__), name)
    globals()[name] = value
    return value
