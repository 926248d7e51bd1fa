"""testing: what users' own tests import: a devnet, bots on it, scripted engines.

May import everything below; only tests import it.
"""

from .bots import ALICE, USDC, make_bot

__all__ = ["ALICE", "USDC", "make_bot"]
