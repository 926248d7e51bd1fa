"""Every tool, asked for in words, through the three processes: planner's parser, guard and signer, on a real chain."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from treasurer.runtime.agent import Agent
from treasurer.runtime.bot.configuration import read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import make_bot

STEPS = (
    ("wrap 5 eth", 1),
    ("rebalance to 60% weth, 40% usdc", 2),
    ("rebalance to 60% weth, 40% usdc", 0),
    ("swap 1 weth for dai", 2),
    ("swap 500 usdc for eth", 2),
    ("buy 0.01 wbtc with usdc", 3),
    ("supply 6 weth to aave", 2),
    ("borrow 2000 usdc from aave", 1),
    ("raise the health factor to 8", 3),
    ("repay all usdc", 3),
    ("withdraw all weth from aave", 1),
    ("unwrap 1 weth", 1),
    ("send 25 usdc to alice", 1),
)
"""What is asked, and how many transactions it takes."""


@pytest.fixture
def bot(tmp_path: Path, chain: Devnet) -> BotFolder:
    """A bot with 10 ETH, 50,000 USDC and no model: plain commands need none."""
    folder = make_bot(tmp_path / "bot", chain)
    written = folder.configuration.read_text()
    folder.configuration.write_text(written.replace('name = "qwen2.5-coder-1.5b-q4_k_m"', 'name = "no-such-model"'))
    return folder


async def test_a_day_of_commands(bot: BotFolder, chain: Devnet) -> None:
    async with Agent.open(bot) as agent:
        for goal, transactions in STEPS:
            done = await agent.run(goal)
            assert done.outcome == "finished", f"{goal}: {done.message}"
            assert len(done.hashes) == transactions, goal
            for hashed in done.hashes:
                receipt = chain.world.rpc.request("eth_getTransactionReceipt", hashed)
                assert int(receipt["status"], 16) == 1
    world, wallet = chain.world, read_configuration(bot.configuration).wallet.address
    assert world.balance(wallet, "wbtc") == 10**6
    assert 2_490 * 10**18 < world.balance(wallet, "dai") < 2_500 * 10**18
    worth = sum(
        Decimal(world.balance(wallet, label)).scaleb(-decimals) * world.price(label)
        for label, decimals in (("native", 18), ("weth", 18), ("usdc", 6), ("dai", 18), ("wbtc", 8))
    )
    assert 74_930 < worth < 74_975, "75,000 USD, less fees and the 25 that were sent"
