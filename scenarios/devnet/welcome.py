"""What a devnet gives to a new wallet: `treasurer init --chain devnet` finds it by its entry point."""

from __future__ import annotations

import json
from pathlib import Path

from .background import running
from .errors import NotRunning
from .rpc import Rpc
from .world import World

NATIVE_COINS = 10
USDC = 50_000


def welcome(rpc: str, wallet: str) -> Path:
    """Fund `wallet` with 10 ETH and 50,000 USDC on the devnet at `rpc`; returns the path of its registry file.

    Raises NotRunning where no devnet of ours answers there.
    """
    for one in running():
        if one.rpc.rstrip("/").replace("localhost", "127.0.0.1") == rpc.rstrip("/").replace("localhost", "127.0.0.1"):
            registry = Path(one.registry)
            world = World(Rpc(rpc), json.loads(registry.read_text(encoding="utf-8")))
            world.fund(wallet, native=NATIVE_COINS, tokens={"usdc": USDC})
            world.rpc.close()
            return registry
    raise NotRunning(f"no devnet of ours runs at {rpc}", next_command="treasurer devnet up")
