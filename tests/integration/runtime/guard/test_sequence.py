"""Calls that cannot be batched: one after the other; after a failure nothing goes on, and nothing stays open."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from treasurer.agent.context import ToolContext, slippage_of
from treasurer.policies.proposal import Proposal
from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.tools import Catalog
from treasurer.tools.standard import STANDARD_TOOLS
from treasurer.wallets.journal import State
from treasurer.wallets.registry import read_registry

from .conftest import WAIT_SECONDS, Running, guarding, signing


async def build_swap(running: Running, chain: Devnet) -> Proposal:
    """Approve 500 USDC exactly, then swap them for WETH, as the tool builds it."""
    state = running.state
    context = await ToolContext.open(
        state.chain, state.bundle.book, read_registry(chain.registry), step=0,
        slippage_bps=slippage_of(state.bundle.policy), account=state.account, bot="acme", run="swap",
    )  # fmt: skip
    catalog = Catalog.of(STANDARD_TOOLS, context.handles)
    tool = catalog.tool("swap")
    built = await tool.run(context, catalog.checked(tool.call(sell="500 usdc", buy="weth")))
    assert isinstance(built, Proposal)
    assert len(built.calls) == 2
    return built


def _allowance(running: Running, chain: Devnet) -> int:
    addresses = chain.addresses()
    usdc = addresses["tokens"]["usdc"]["address"]
    router = addresses["venues"]["uniswap-v3"]["address"]
    account = running.state.account
    allowed: int = chain.world.rpc.call(
        usdc, "allowance(address,address)", account, router, returns="(uint256)", sender=account
    )
    return allowed


def _spent(running: Running, key: str) -> list[tuple[str, bool, bool]]:
    rows = running.state.ledger.spent(running.state.account, now=running.state.now())
    return [(row.counter, row.standing, row.at is not None) for row in rows if row.intent == key]


async def _ended(running: Running, kind: str, count: int) -> None:
    for _ in range(200):
        if running.kinds().count(kind) == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{count} {kind} expected: {running.kinds()}")


async def test_both_calls_are_judged_each_in_its_turn(running: Running, chain: Devnet) -> None:
    proposal = await build_swap(running, chain)
    answer = await running.done(proposal)
    assert answer["state"] == "confirmed", answer
    cleared = [record.value()["body"] for record in running.state.log.records(kind="cleared")]
    assert [len(body["proposal"]["calls"]) for body in cleared] == [2, 1]
    assert _allowance(running, chain) == 0
    chain.world.rpc.request("evm_mine")
    await running.tidy()
    assert {state.state for state in running.state.journal.intents(proposal.intent_key)} == {State.FINALIZED}
    assert _spent(running, proposal.intent_key)
    assert all(settled for _, _, settled in _spent(running, proposal.intent_key))


async def test_refused_in_the_middle_the_allowance_counts_until_its_revocation_is_final(
    running: Running, chain: Devnet
) -> None:
    proposal = await build_swap(running, chain)
    running.hooks["included"] = lambda: chain.world.set_price("weth", Decimal(1000))
    answer = await running.done(proposal)
    assert answer["state"] == "refused", answer
    assert [intent["state"] for intent in answer["intents"]] == ["confirmed", "refused"]
    assert ("outflow", True, False) in _spent(running, proposal.intent_key)
    await _ended(running, "included", 2)
    assert _allowance(running, chain) == 0
    for _ in range(2):
        chain.world.rpc.request("evm_mine")
        await asyncio.sleep(0.2)
        await running.tidy()
    rows = running.state.ledger.spent(running.state.account, now=running.state.now())
    assert not [row for row in rows if row.standing], "the revocation is final: nothing stands any more"
    assert not [row for row in rows if row.at is None], "nothing is left open"


async def test_killed_after_the_failure_the_next_guard_revokes(bot: BotFolder, chain: Devnet) -> None:
    async with signing(bot):
        async with guarding(bot) as guard:
            proposal = await build_swap(guard, chain)
            guard.hooks["included"] = lambda: chain.world.set_price("weth", Decimal(1000))
            ended = asyncio.Event()

            async def die(_: object) -> None:
                ended.set()
                await asyncio.sleep(WAIT_SECONDS)

            guard.execution._revoke_opened = die  # type: ignore[method-assign, assignment]
            await guard.submit(proposal)
            await asyncio.wait_for(ended.wait(), WAIT_SECONDS)
            assert _allowance(guard, chain) == 500 * 10**6
        async with guarding(bot) as guard:
            await _ended(guard, "included", 2)
            assert _allowance(guard, chain) == 0


async def test_nobody_can_occupy_the_revocations_run_or_key(running: Running) -> None:
    forged = running.pay("10").model_copy(update={"run": "revocation"})
    with pytest.raises(ValueError, match="a run is named"):
        await running.submit(forged)


async def test_a_reverted_transaction_is_a_failure_also_when_it_is_final(running: Running, chain: Devnet) -> None:
    rpc = chain.world.rpc
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    code = rpc.request("eth_getCode", usdc, "latest")
    running.hooks["checkpointed"] = lambda: rpc.request("anvil_setCode", usdc, "0x60006000fd")
    proposal = running.pay("10")
    answer = await running.done(proposal)
    assert answer["state"] == "failed", answer
    rpc.request("anvil_setCode", usdc, code)
    rpc.request("evm_mine")
    await running.tidy()
    [row] = running.state.journal.intents(proposal.intent_key)
    assert row.state is State.REVERTED
    again = await running.ask("wait", key=proposal.intent_key, seconds=0)
    assert (again["state"], again["ended"]) == ("failed", True)
    assert all(settled for _, _, settled in _spent(running, proposal.intent_key))
