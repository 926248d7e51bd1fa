"""devnet: a real EVM node (anvil) with real protocols at coherent prices, for scenarios, tests and the demo.

Imports the floors below for errors and folders alone: who uses the devnet reads its registry file, as for any chain.
"""

from .errors import DevnetError
from .node import Devnet
from .world import World

__all__ = ["Devnet", "DevnetError", "World"]
