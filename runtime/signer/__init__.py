"""The signer process: holds the wallet's key and answers the guard alone. Started by ``python -m
treasurer.runtime.signer``.

May import wallets and runtime's ground (folder, configuration, ipc); never policies, agent or inference.
"""

from .client import SignerClient
from .process import main

__all__ = ["SignerClient", "main"]
