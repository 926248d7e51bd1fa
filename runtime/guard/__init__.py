"""The guard process: judges, reserves, clears, drives transactions to finality, and writes the log. Holds no wallet
key.

May import wallets, policies and runtime's ground; never agent, tools or inference: what the agent says is data.
"""

from .client import GuardClient, open_guard

__all__ = ["GuardClient", "open_guard"]
