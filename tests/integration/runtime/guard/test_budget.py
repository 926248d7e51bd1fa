"""Limits under concurrency, repetition and modes: nothing is spent twice, and what is not signed is given back."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.live import set_mode
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC
from treasurer.wallets.errors import KeyConflict

from .conftest import Running, guarding, signing


async def test_sixteen_at_once_against_one_limit_overspend_nothing(running: Running, chain: Devnet) -> None:
    """day-out is 25,000 USD, and 20,000 are taken first: five of sixteen of 890 to 905 may, another amount each."""
    first = await running.submit(running.pay("20000", "first", to="bob"))
    assert first["verdict"] == "escalate"
    before = chain.world.balance(ALICE, "usdc")
    proposals = [running.pay(str(890 + n), f"burst {n}") for n in range(16)]
    verdicts = [answer["verdict"] for answer in await asyncio.gather(*map(running.submit, proposals))]
    assert verdicts.count("allow") == 5
    for proposal in proposals:
        await running.ask("wait", key=proposal.intent_key, seconds=20)
    assert (
        chain.world.balance(ALICE, "usdc") - before
        == sum(890 + n for n, one in enumerate(verdicts) if one == "allow") * USDC
    )


async def test_the_same_proposal_sent_sixteen_times_is_one_payment(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    proposal = running.pay("10")
    answers = await asyncio.gather(*(running.submit(proposal) for _ in range(16)))
    assert {answer["intent"] for answer in answers} == {answers[0]["intent"]}
    await running.ask("wait", key=proposal.intent_key, seconds=20)
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    with pytest.raises(KeyConflict):
        await running.submit(running.pay("11"))


async def test_observing_judges_and_records_and_signs_nothing(bot: BotFolder, chain: Devnet) -> None:
    set_mode(bot, "observe")
    before = chain.world.balance(ALICE, "usdc")
    async with signing(bot), guarding(bot) as guard:
        answer = await guard.done(guard.pay("10"))
        assert (answer["verdict"], answer["state"], answer["ended"]) == ("allow", "withdrawn", True)
        assert "observes" in answer["why"]
        assert not guard.state.ledger.spent(guard.state.account, now=guard.state.now())
        assert "cleared" not in guard.kinds()
    assert chain.world.balance(ALICE, "usdc") == before


async def test_set_to_observe_while_it_runs_the_signer_refuses_at_once(running: Running, chain: Devnet) -> None:
    set_mode(running.folder, "observe")
    answer = await running.done(running.pay("10"))
    assert answer["state"] == "refused"
    assert "observe" in answer["why"]
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())
    set_mode(running.folder, "live")
    assert (await running.done(running.pay("10", "another")))["state"] == "confirmed"
    assert [row.nonce for row in running.state.journal.page(0, 10)] == [None, 0]


async def test_a_clearance_that_ran_out_unsigned_is_judged_again(bot: BotFolder, chain: Devnet) -> None:
    """The guard ends with the clearance written and the signer never asked; a minute too late another starts."""
    async with signing(bot):
        async with guarding(bot) as guard:

            class Died(BaseException):
                pass

            def die() -> None:
                raise Died

            guard.hooks["cleared"] = die
            proposal = guard.pay("10")
            await guard.submit(proposal)
            await asyncio.sleep(0.5)
            [row] = guard.state.journal.intents(proposal.intent_key)
            assert row.state == "cleared"
        for _ in range(51):
            chain.world.rpc.request("evm_mine")
        async with guarding(bot) as guard:
            answer = await guard.ask("wait", key=proposal.intent_key, seconds=20)
            assert answer["state"] == "confirmed"
            assert guard.kinds().count("cleared") == 2


async def test_a_price_that_moved_between_judgement_and_clearing_refuses(running: Running, chain: Devnet) -> None:
    """0.4 WETH are 1,000 USD at 2,500; at 3,000 they need people, who were not asked."""
    chain.world.fund(running.state.account, tokens={"weth": 1})
    price = chain.world.price("weth")
    amount = (Decimal(990) / price).quantize(Decimal("0.0001"))
    running.hooks["before clear"] = lambda: chain.world.set_price("weth", price * 2)
    answer = await running.done(running.pay(str(amount), token="weth"))
    assert answer["state"] == "refused", answer
    assert "approvals" in answer["why"]
