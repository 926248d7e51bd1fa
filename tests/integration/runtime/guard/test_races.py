"""Reservation, approval and clearance where things happen at once, or break off in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard import clock as clocks
from treasurer.runtime.guard.approvals import ApprovalRefused
from treasurer.runtime.guard.clock import ClockSkew, GuardClock
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC
from treasurer.wallets.journal import State
from treasurer.wallets.keys import PrivateKey

from .conftest import Running, change_policy, guarding, signing

CAROL = PrivateKey(b"\x07" * 32)


def _crash(*_: object, **__: object) -> None:
    raise RuntimeError("crash")


async def test_broken_off_between_judging_and_reserving_nothing_was_said(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = running.kinds()
    proposal = running.pay("10")
    with monkeypatch.context() as patch:
        patch.setattr(running.state.ledger, "reserve", _crash)
        with pytest.raises(RuntimeError):
            await running.submit(proposal)
    assert running.kinds() == before
    assert running.state.journal.proposal(proposal.intent_key) is None
    assert (await running.done(proposal))["state"] == "confirmed"


async def test_broken_off_while_clearing_neither_nonce_nor_record_is_taken_and_the_budget_stays(
    running: Running, monkeypatch: pytest.MonkeyPatch, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    monkeypatch.setattr(running.state.journal, "add_attempt", _crash)
    proposal = running.pay("10")
    await running.submit(proposal)
    while running.execution.busy:  # noqa: ASYNC110 - it ends by itself
        await asyncio.sleep(0.02)
    row = running.state.journal.intents(proposal.intent_key)[0]
    assert (row.state, row.nonce) == (State.APPROVED, None)
    assert "cleared" not in running.kinds()
    assert running.state.ledger.spent(running.state.account, now=running.state.now())
    monkeypatch.undo()
    running.execution.take_up()
    assert (await running.ask("wait", key=proposal.intent_key, seconds=20))["state"] == "confirmed"
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC


async def test_two_people_at_once_are_two_approvals_and_one_payment(bot: BotFolder, chain: Devnet) -> None:
    book = bot.root / "book.yaml"
    carol = f'  carol: {{address: "{CAROL.address}", may: [approve]}}\n'
    book.write_text(book.read_text().replace("people:\n", f"people:\n{carol}"))
    change_policy(bot, "approvals: {quorum: 1, of: [owner]", "approvals: {quorum: 2, of: [owner, carol]")
    before = chain.world.balance(ALICE, "usdc")
    async with signing(bot), guarding(bot) as guard:
        proposal = guard.pay("5000")
        digest = (await guard.submit(proposal))["digest"]
        signatures = [guard.signed(digest), "0x" + CAROL.sign_hash(digest).hex(), guard.signed(digest)]
        answers = await asyncio.gather(
            *(guard.ask("approve", digest=digest, signature=one) for one in signatures), return_exceptions=True
        )
        refused = [answer for answer in answers if isinstance(answer, BaseException)]
        assert len(refused) == 1
        assert isinstance(refused[0], ApprovalRefused)
        assert (await guard.ask("wait", key=proposal.intent_key, seconds=20))["state"] == "confirmed"
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC


@pytest.mark.parametrize(("late", "approved"), [(3599, True), (3600, False)])
async def test_at_its_last_second_it_is_approved_and_not_after(
    running: Running, chain: Devnet, monkeypatch: pytest.MonkeyPatch, late: int, approved: bool
) -> None:
    proposal = running.pay("5000")
    digest = (await running.submit(proposal))["digest"]
    ends = datetime.fromisoformat(running.state.approvals.find(digest)["expires_at"])
    running.state.clock.not_before(int(ends.timestamp()) - 3600 + late)
    if approved:
        assert (await running.ask("approve", digest=digest, signature=running.signed(digest)))["complete"]
        return
    with pytest.raises(ApprovalRefused):
        await running.ask("approve", digest=digest, signature=running.signed(digest))
    assert running.state.journal.intents(proposal.intent_key)[0].state is State.EXPIRED
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())


async def test_withdrawn_while_it_is_cleared_it_is_not_signed(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    proposal = running.pay("10")
    asked: list[asyncio.Task[object]] = []
    running.hooks["before clear"] = lambda: asked.append(
        asyncio.ensure_future(running.ask("withdraw", key=proposal.intent_key))
    )
    await running.submit(proposal)
    answer = await running.ask("wait", key=proposal.intent_key, seconds=20)
    assert await asked[0] == {"result": "withdrawn"}
    assert (answer["state"], answer["hashes"]) == ("withdrawn", [])
    assert chain.world.balance(ALICE, "usdc") == before


@pytest.mark.parametrize("jump", [-61, 61, 86_400])
def test_a_clock_that_jumped_judges_nothing_until_it_agrees(monkeypatch: pytest.MonkeyPatch, jump: int) -> None:
    clock = GuardClock(block_time=False)
    now = datetime.now(UTC).timestamp()
    clock.hear(int(now))
    before = clock.now()
    with pytest.raises(ClockSkew):
        clock.hear(int(now) + jump)
    assert clock.now() >= before
    monotonic = clocks.time.monotonic
    monkeypatch.setattr(clocks.time, "monotonic", lambda: monotonic() - 1000)
    assert clock.now() >= before, "it never runs backwards"
