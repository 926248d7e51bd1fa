"""The kill switch: what stops, what still passes, who may lift it, and what lies between cleared and signed."""

from __future__ import annotations

import asyncio

import pytest

from treasurer.policies.effect import Kind
from treasurer.policies.proposal import Claim
from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE
from treasurer.wallets.call import Call
from treasurer.wallets.orders import OrderRefused, ResumeOrder
from treasurer.wallets.values import UINT256_MAX

from .conftest import Running, guarding, signing


def _order(running: Running, record: str) -> str:
    order = ResumeOrder(chain_id=running.state.chain_id, account=running.state.account, stop_record=record)
    return running.signed(order.hash())


async def test_stopped_nothing_goes_out_but_a_revocation(running: Running, chain: Devnet) -> None:
    await running.ask("stop", by="alice", reason="the feed looks wrong")
    denied = await running.submit(running.pay("10"))
    assert denied["verdict"] == "deny"
    assert "stopped" in {reason["rule"] for reason in denied["reasons"]}
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    call = Call.encode(usdc, "approve(address,uint256)", ALICE, 0)
    revocation = Claim(kind=Kind.REVOCATION, asset=usdc, amount=0, counterparty=ALICE)
    assert (await running.done(running.proposal([call], "revoke", (revocation,))))["state"] == "confirmed"


async def test_an_owner_lifts_the_stop_and_the_order_serves_once(running: Running) -> None:
    first = (await running.ask("stop", reason="one"))["record"]
    order = _order(running, first)
    with pytest.raises(OrderRefused):
        await running.ask("resume", signature="0x" + "11" * 64 + "1b")
    assert (await running.ask("resume", signature=order))["stopped"] is False
    assert (await running.done(running.pay("10")))["state"] == "confirmed"
    second = (await running.ask("stop", reason="two"))["record"]
    assert second != first
    with pytest.raises(OrderRefused):
        await running.ask("resume", signature=order)
    assert running.state.stopped


async def test_a_stop_by_the_file_alone_gets_its_record_and_an_order_of_its_own(running: Running) -> None:
    order = _order(running, (await running.ask("stop", reason="one"))["record"])
    await running.ask("resume", signature=order)
    running.folder.stop_file.write_text("no guard was running\n")
    with pytest.raises(OrderRefused):
        await running.ask("resume", signature=order)
    stops = [record.value()["body"] for record in running.state.log.records(kind="stopped")]
    assert [stop["by"] for stop in stops] == ["", "file"]


async def test_losing_the_file_does_not_lift_the_stop(running: Running) -> None:
    await running.ask("stop", reason="one")
    running.folder.stop_file.unlink()
    assert (await running.submit(running.pay("10")))["verdict"] == "deny"


async def test_stopped_between_cleared_and_signed_nothing_is_signed(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    running.hooks["cleared"] = lambda: running.folder.stop_file.write_text("now\n")
    answer = await running.done(running.pay("10"))
    assert answer["state"] == "refused"
    assert "stopped" in answer["why"]
    assert answer["hashes"] == []
    assert chain.world.balance(ALICE, "usdc") == before
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())
    assert await running.state.chain.nonce(running.state.account) == 0


async def test_signed_and_never_sent_waits_for_the_owner(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    async with signing(bot):
        async with guarding(bot) as guard:
            guard.hooks["signed"] = lambda: bot.stop_file.write_text("now\n")
            proposal = guard.pay("10")
            await guard.submit(proposal)
            assert (await guard.ask("wait", key=proposal.intent_key, seconds=1))["state"] == "signed"
        async with guarding(bot) as guard:
            await asyncio.sleep(0.5)
            assert (await guard.ask("wait", key=proposal.intent_key, seconds=0))["state"] == "signed"
            assert chain.world.balance(ALICE, "usdc") == before
            record = guard.state.memory.recall("stop")
            await guard.ask("resume", signature=_order(guard, str(record)))
            assert (await guard.ask("wait", key=proposal.intent_key, seconds=10))["state"] == "confirmed"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * 10**6


async def test_an_unlimited_approval_is_no_revocation(running: Running, chain: Devnet) -> None:
    await running.ask("stop", reason="one")
    usdc = chain.addresses()["tokens"]["usdc"]["address"]
    call = Call.encode(usdc, "approve(address,uint256)", ALICE, UINT256_MAX)
    assert (await running.submit(running.proposal([call])))["verdict"] == "deny"
