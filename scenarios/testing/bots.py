"""Bots for tests: made as `treasurer init` makes them, on a devnet of the test session."""

from __future__ import annotations

from pathlib import Path

from ...runtime.bot.creation import NewBot, create
from ...runtime.bot.folder import BotFolder
from ..devnet import Devnet

ALICE = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
USDC = 10**6


def make_bot(folder: Path, devnet: Devnet) -> BotFolder:
    """A bot with 10 ETH and 50,000 USDC."""

    def welcome(_: str, wallet: str) -> Path:
        devnet.world.fund(wallet, native=10, tokens={"usdc": 50_000})
        return devnet.registry

    create(NewBot(folder=folder, chain="devnet", rpc=(devnet.rpc,)), welcome=welcome)
    return BotFolder(folder.resolve())
