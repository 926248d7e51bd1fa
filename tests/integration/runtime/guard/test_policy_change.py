"""Another policy comes into force by an owner's numbered order alone, and what was judged by the old one ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.policies.proposal import Proposal
from treasurer.runtime.bot.bundle import read_bundle
from treasurer.runtime.bot.configuration import read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.orders import PolicyUnsigned, keep_policy_order, read_signed_policy, sign_policy
from treasurer.runtime.bot.owners import current_owners, keep_change, next_owners_order
from treasurer.runtime.guard.approvals import ApprovalRefused
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC
from treasurer.wallets.errors import TreasurerError
from treasurer.wallets.journal import State
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.orders import OrderRefused

from .conftest import Running, change_policy, guarding, owner_of, signing

NEXT = PrivateKey(b"\x21" * 32)
OLD, NEW = "max: 25000", "max: 24000"


def _edit(folder: BotFolder, old: str = OLD, new: str = NEW) -> None:
    policy = folder.root / "policy.yaml"
    policy.write_text(policy.read_text().replace(old, new))


def _rotate(folder: BotFolder, to: PrivateKey, by: PrivateKey) -> None:
    configuration = read_configuration(folder.configuration)
    now = current_owners(folder.guard_owners, folder, configuration)
    order = next_owners_order(configuration, now, [to.address])
    keep_change(folder, order, by.sign_hash(order.hash()))


async def test_applied_it_judges_at_once_and_the_change_is_a_record(running: Running) -> None:
    before = running.state.bundle.cid
    change_policy(running.folder, "usd: {max: 1000}", "usd: {max: 5}")
    assert (await running.submit(running.pay("6", "old")))["verdict"] == "allow"
    answer = await running.ask("apply_policy")
    assert (answer["changed"], answer["version"]) == (True, 2)
    assert answer["policy_cid"] == running.state.bundle.cid != before
    assert (await running.submit(running.pay("7", "new")))["verdict"] != "allow"
    [record] = running.state.log.records(kind="policy_changed")
    assert record.value()["body"]["version"] == 2
    assert (await running.ask("apply_policy"))["changed"] is False
    assert len(list(running.state.log.records(kind="policy_changed"))) == 1


async def test_files_that_changed_without_a_signature_change_nothing(running: Running) -> None:
    before = running.state.bundle
    _edit(running.folder)
    with pytest.raises(PolicyUnsigned, match="changed since"):
        await running.ask("apply_policy")
    assert running.state.bundle is before
    assert (await running.done(running.pay("10")))["state"] == "confirmed"
    assert "policy_changed" not in running.kinds()


async def test_what_waits_for_people_ends_with_the_policy_that_it_was_judged_by(running: Running) -> None:
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    change_policy(running.folder, OLD, NEW)
    assert (await running.ask("apply_policy"))["voided"] == [proposal.intent_key]
    with pytest.raises(ApprovalRefused):
        await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    assert running.state.journal.intents(proposal.intent_key)[0].state is State.WITHDRAWN
    assert not running.state.ledger.spent(running.state.account, now=running.state.now())


async def test_what_is_under_way_keeps_its_reservation_and_goes_on(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    reserved: list[int] = []

    def change() -> None:
        from treasurer.runtime.guard.change import apply_orders

        change_policy(running.folder, OLD, NEW)
        assert apply_orders(running.state) == []
        reserved.append(len(running.state.ledger.spent(running.state.account, now=running.state.now())))

    running.hooks["signed"] = change
    assert (await running.done(running.pay("10")))["state"] == "confirmed"
    assert reserved[0] > 0
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC


async def test_changed_between_cleared_and_signed_nothing_is_signed(running: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")

    def change() -> None:
        from treasurer.runtime.guard.change import apply_orders

        change_policy(running.folder, OLD, NEW)
        apply_orders(running.state)

    running.hooks["cleared"] = change
    answer = await running.done(running.pay("10"))
    assert (answer["state"], answer["hashes"]) == ("refused", [])
    assert "policy changed" in answer["why"]
    assert chain.world.balance(ALICE, "usdc") == before


async def test_changed_while_a_proposal_is_looked_at_it_is_judged_by_the_new_one(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The digest, the facts and the verdict are of one policy: else an approval would be for another than is held."""
    from treasurer.runtime.guard import submission
    from treasurer.runtime.guard.change import apply_orders

    look, changed = submission.look, False

    async def look_slowly(state: object, proposal: Proposal) -> object:
        nonlocal changed
        found = await look(state, proposal)  # type: ignore[arg-type]
        if not changed:
            changed = True
            change_policy(running.folder, OLD, NEW)
            apply_orders(running.state)
        return found

    monkeypatch.setattr(submission, "look", look_slowly)
    proposal = running.pay("5000")
    waiting = await running.submit(proposal)
    assert changed
    assert waiting["digest"] == proposal.approvable(running.state.bundle.cid).digest()
    await running.ask("approve", digest=waiting["digest"], signature=running.signed(waiting["digest"]))
    assert (await running.ask("wait", key=proposal.intent_key, seconds=20))["state"] == "confirmed"


async def test_an_older_order_never_returns(bot: BotFolder, chain: Devnet) -> None:
    first_policy, first_order = (bot.root / "policy.yaml").read_text(), bot.policy_signature.read_text()
    async with signing(bot), guarding(bot) as guard:
        change_policy(bot, OLD, NEW)
        await guard.ask("apply_policy")
        (bot.root / "policy.yaml").write_text(first_policy)
        bot.policy_signature.write_text(first_order)
        with pytest.raises(PolicyUnsigned, match="never returns") as refused:
            await guard.ask("apply_policy")
        assert "--version 3" in str(refused.value.next_command)
    with pytest.raises(PolicyUnsigned, match="never returns"):
        async with guarding(bot):
            pass
    sign_policy(bot, owner_of(bot))  # version 2, which was another policy's
    with pytest.raises(PolicyUnsigned, match="never returns"):
        async with guarding(bot):
            pass
    sign_policy(bot, owner_of(bot))
    async with guarding(bot) as guard:
        assert (await guard.ask("in_force"))["version"] == 3


@pytest.mark.parametrize("place", ["before", "after"])
async def test_a_crash_around_the_change_leaves_one_policy_whole(
    bot: BotFolder, chain: Devnet, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """Before the commit the old one is in force and what waits goes on waiting; after it the new one is."""
    from treasurer.runtime.guard import change

    async with signing(bot):
        async with guarding(bot) as guard:
            proposal = guard.pay("5000")
            await guard.submit(proposal)
            old = guard.state.bundle.cid
            change_policy(bot, OLD, NEW)
            with monkeypatch.context() as patch:
                if place == "before":
                    patch.setattr(change, "_remember", _crash)
                else:
                    patch.setattr(guard.state.log, "checkpoint", _crash)
                with pytest.raises(RuntimeError, match="crash"):
                    await guard.ask("apply_policy")
            waiting = guard.state.approvals.waiting()
            assert len(waiting) == (1 if place == "before" else 0)
            assert guard.state.memory.recall("policy") == (old if place == "before" else read_cid(bot))
            assert (guard.state.bundle.cid == old) is (place == "before")
        async with guarding(bot) as guard:
            assert guard.state.bundle.cid == read_cid(bot)
            assert guard.state.approvals.waiting() == []
            assert guard.kinds().count("policy_changed") == 1


def _crash(*_: object) -> None:
    raise RuntimeError("crash")


def read_cid(folder: BotFolder) -> str:
    return read_bundle(folder, read_configuration(folder.configuration)).cid


async def test_owners_change_by_an_owners_order_and_the_old_ones_order_nothing_more(
    bot: BotFolder, chain: Devnet
) -> None:
    old = owner_of(bot)
    async with signing(bot):
        async with guarding(bot) as guard:
            _rotate(bot, NEXT, old)
            answer = await guard.ask("apply_policy")
            assert (answer["changed"], answer["owners_version"]) == (True, 1)
            assert [owner.lower() for owner in answer["owners"]] == [NEXT.address]
            _edit(bot)
            sign_policy(bot, old)
            with pytest.raises(PolicyUnsigned, match="no owner"):
                await guard.ask("apply_policy")
            _edit(bot, NEW, OLD)
            sign_policy(bot, NEXT)
            assert (await guard.ask("apply_policy"))["version"] == 3
            assert (await guard.done(guard.pay("10")))["state"] == "confirmed"
        bot.owners_orders.unlink()  # whoever takes the order away brings no owner back
        async with guarding(bot) as guard:
            assert guard.state.owners == (NEXT.address,)
            _edit(bot)
            sign_policy(bot, old)
            with pytest.raises(PolicyUnsigned, match="no owner"):
                await guard.ask("apply_policy")
            _edit(bot, NEW, OLD)
            sign_policy(bot, NEXT)


async def test_owners_that_name_themselves_are_refused_and_so_is_every_start(bot: BotFolder, chain: Devnet) -> None:
    _rotate(bot, NEXT, NEXT)
    with pytest.raises(OrderRefused, match="no owner"):
        async with guarding(bot):
            pass
    bot.owners_orders.write_text("[{}]")
    with pytest.raises(TreasurerError, match="no orders"):
        async with guarding(bot):
            pass


async def test_the_policy_in_force_outlives_its_signer(bot: BotFolder, chain: Devnet) -> None:
    async with signing(bot):
        async with guarding(bot) as guard:
            assert (await guard.done(guard.pay("1", "before")))["state"] == "confirmed"
            _rotate(bot, NEXT, owner_of(bot))
            await guard.ask("apply_policy")
        async with guarding(bot) as guard:
            assert (await guard.done(guard.pay("2", "after")))["state"] == "confirmed"


async def test_a_signature_over_another_version_is_nobodys(bot: BotFolder, chain: Devnet) -> None:
    configuration = read_configuration(bot.configuration)
    signed = read_signed_policy(bot, configuration, read_bundle(bot, configuration))
    keep_policy_order(bot, signed.order.model_copy(update={"version": 9}), signed.signature)
    with pytest.raises(PolicyUnsigned, match="no owner"):
        async with guarding(bot):
            pass


async def test_a_signed_policy_that_does_not_load_changes_nothing(running: Running) -> None:
    before = running.state.bundle
    _edit(running.folder, "version: 1", "version: 2")
    with pytest.raises(TreasurerError, match="version"):
        await running.ask("apply_policy")
    assert running.state.bundle is before
    _edit(running.folder, "version: 2", "version: 1")


def test_writing_an_order_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    from treasurer.runtime.bot.signed import write_whole

    place = tmp_path / "policy.sig"
    place.write_text("old")
    (tmp_path / "policy.sig.new").mkdir()
    with pytest.raises(TreasurerError, match="cannot be written"):
        write_whole(place, "new")
    assert place.read_text() == "old"
