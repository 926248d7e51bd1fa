"""devnet: a real EVM node (anvil) with real protocols at coherent prices, for scenarios, tests and the demo.

Imports nothing of treasurer: those who use the devnet read its registry file as they read any chain's.
"""

from .errors import DevnetError
from .node import Devnet
from .world import World

__all__ = ["Devnet", "DevnetError", "World"]
