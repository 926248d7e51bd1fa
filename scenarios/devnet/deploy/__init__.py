"""deploy: how the devnet's world is made, one protocol a file, each returning its addresses; run once for each cache.

Imports artifacts, RPC and errors of `devnet`, nothing else of ours.
"""

from .build import world_folder

__all__ = ["world_folder"]
