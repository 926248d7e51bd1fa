"""Escalations: who may approve what, until when, and what voids it."""

from __future__ import annotations

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard.approvals import ApprovalRefused
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC
from treasurer.wallets.journal import State
from treasurer.wallets.keys import PrivateKey

from .conftest import Running, change_policy, guarding, signing

CAROL = PrivateKey(b"\x07" * 32)


async def test_approved_by_an_owner_it_is_paid_without_being_asked_again(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    assert (waiting["verdict"], waiting["state"]) == ("escalate", "reserved")
    answer = await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    assert answer["complete"]
    assert (await running.ask("wait", key=proposal.intent_key, seconds=20))["state"] == "confirmed"
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC
    with pytest.raises(ApprovalRefused):
        await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))


async def test_a_strangers_signature_and_one_over_another_digest_approve_nothing(running: Running) -> None:
    one, two = await running.submit(running.pay("5000", "one")), await running.submit(running.pay("6000", "two"))
    stranger = "0x" + CAROL.sign_hash(one["digest"]).hex()
    for digest, signature in ((one["digest"], stranger), (two["digest"], running.signed(one["digest"]))):
        with pytest.raises(ApprovalRefused):
            await running.ask("approve", digest=digest, signature=signature)
    assert [item["approved_by"] for item in (await running.ask("approvals"))["waiting"]] == [[], []]


async def test_withdrawn_it_waits_for_nobody_and_holds_no_budget(running: Running, chain: Devnet) -> None:
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    assert (await running.ask("withdraw", key=proposal.intent_key))["result"] == "withdrawn"
    assert (await running.ask("approvals"))["waiting"] == []
    with pytest.raises(ApprovalRefused):
        await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())
    chain.world.advance(3700)
    await running.ask("status")
    assert (await running.ask("status"))["waiting"] == 0


async def test_refused_by_a_person_it_ends_and_holds_no_budget(running: Running) -> None:
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    answer = await running.ask("refuse", digest=waiting["digest"], person="alice", reason="not now")
    assert (answer["state"], answer["ended"]) == ("refused", True)
    assert running.kinds()[-2:] == ["refused", "failed"]
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())


async def test_past_its_time_it_is_expired_and_its_budget_free(running: Running, chain: Devnet) -> None:
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    chain.world.advance(3601)
    await running.tidy()
    with pytest.raises(ApprovalRefused):
        await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    assert running.state.journal.intents(proposal.intent_key)[0].state is State.EXPIRED
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())


async def test_a_changed_policy_voids_what_waits(bot: BotFolder, chain: Devnet) -> None:
    async with signing(bot):
        async with guarding(bot) as guard:
            proposal = guard.pay("5000")
            waiting = await guard.submit(proposal)
            signature = guard.signed(waiting["digest"])
            change_policy(bot, "max: 25000", "max: 24000")
        async with guarding(bot) as guard:
            with pytest.raises(ApprovalRefused):
                await guard.ask("approve", digest=waiting["digest"], signature=signature)
            [row] = guard.state.journal.intents(proposal.intent_key)
            assert row.state is State.WITHDRAWN
            assert "policy changed" in row.why


async def test_what_waits_is_bounded(running: Running) -> None:
    verdicts = [(await running.submit(running.pay("1001", f"spam {n}")))["verdict"] for n in range(17)]
    assert verdicts == ["escalate"] * 16 + ["deny"]


async def test_approved_while_stopped_it_is_judged_again_and_refused(running: Running) -> None:
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    await running.ask("stop", reason="wait")
    await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    answer = await running.ask("wait", key=proposal.intent_key, seconds=10)
    assert answer["state"] == "refused"
    assert "stopped" in answer["why"]


async def test_approvals_that_are_not_enough_any_more_clear_nothing(running: Running) -> None:
    """The people who approved are held against the last judgement, not against the first one alone."""
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    running.hooks["before clear"] = lambda: running.state.database.connection.execute("DELETE FROM answers")
    await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    answer = await running.ask("wait", key=proposal.intent_key, seconds=10)
    assert answer["state"] == "refused"
    assert "other approvals" in answer["why"]
