"""Blocks that leave the chain, and transactions that wait: the same bytes again, one effect (invariant 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE

from .conftest import Running, guarding, signing


async def test_a_reorg_unconfirms_and_the_same_bytes_go_out_again(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    proposal = running.pay("10")
    first = await running.done(proposal)
    assert first["state"] == "confirmed"
    chain.world.rpc.request("anvil_reorg", 1, [])
    assert chain.world.balance(ALICE, "usdc") == before
    await running.tidy()
    assert (await running.ask("wait", key=proposal.intent_key, seconds=0))["state"] in ("reorged", "broadcast")
    again = await running.ask("wait", key=proposal.intent_key, seconds=10)
    assert again["state"] == "confirmed"
    assert again["hash"] == first["hash"]
    assert chain.world.balance(ALICE, "usdc") - before == 10 * 10**6
    kinds = running.kinds()
    assert kinds.count("reorged") == 1
    assert kinds.count("broadcast") == 1


@pytest.fixture
def slow(chain: Devnet) -> Iterator[Devnet]:
    """A chain that includes nothing until it is told to."""
    chain.world.rpc.request("evm_setAutomine", False)
    yield chain
    chain.world.rpc.request("anvil_dropAllTransactions")
    chain.world.rpc.request("evm_setAutomine", True)


async def test_a_transaction_that_waits_goes_on_with_the_same_bytes_after_a_restart(
    bot: BotFolder, slow: Devnet
) -> None:
    rpc = slow.world.rpc
    before = slow.world.balance(ALICE, "usdc")
    async with signing(bot):
        async with guarding(bot) as guard:
            proposal = guard.pay("10")
            await guard.submit(proposal)
            waiting = await guard.ask("wait", key=proposal.intent_key, seconds=1)
            assert (waiting["state"], waiting["ended"]) == ("broadcast", False)
        rpc.request("anvil_dropAllTransactions")
        async with guarding(bot) as guard:
            [row] = guard.state.journal.intents(proposal.intent_key)
            await guard.execution._broadcast(row)  # as it does every half minute
            rpc.request("evm_mine")
            answer = await guard.ask("wait", key=proposal.intent_key, seconds=10)
            assert answer["state"] == "confirmed"
            assert answer["hash"] == waiting["hash"]
    assert slow.world.balance(ALICE, "usdc") - before == 10 * 10**6


async def test_what_waits_keeps_its_nonce_and_the_next_takes_the_next(running: Running, slow: Devnet) -> None:
    first, second = running.pay("10", "one"), running.pay("20", "two")
    await running.submit(first)
    await running.submit(second)
    await asyncio.sleep(1)
    assert [row.nonce for row in running.state.journal.page(0, 10)] == [0, 1]
    slow.world.rpc.request("evm_mine")
    for proposal in (first, second):
        assert (await running.ask("wait", key=proposal.intent_key, seconds=10))["state"] == "confirmed"
