"""A shadow policy is judged beside the one in force, on the same facts, with windows of its own, and has no say."""

from __future__ import annotations

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard import shadow
from treasurer.scenarios.devnet import Devnet

from .conftest import Running, guarding, signing


@pytest.fixture
def shadowed(bot: BotFolder) -> BotFolder:
    """The same policy, with at most 15 USD out in a day, under [policy] shadow."""
    policy = (bot.root / "policy.yaml").read_text().replace("window: 24h, max: 25000}", "window: 24h, max: 15}")
    (bot.root / "policy.next.yaml").write_text(policy)
    written = bot.configuration.read_text()
    assert '[policy]\nfile = "policy.yaml"\n' in written
    bot.configuration.write_text(written.replace("[policy]\n", '[policy]\nshadow = "policy.next.yaml"\n'))
    return bot


def _counts(running: Running) -> tuple[int, int, int]:
    counts = running.state.shadow.counts()
    return counts.same, counts.differs, counts.faults


async def test_it_answers_by_its_own_windows_and_changes_nothing(shadowed: BotFolder, chain: Devnet) -> None:
    async with signing(shadowed), guarding(shadowed) as guard:
        assert (await guard.done(guard.pay("10", "one")))["state"] == "confirmed"
        assert _counts(guard) == (1, 0, 0)
        assert (await guard.done(guard.pay("11", "two")))["state"] == "confirmed"
        assert _counts(guard) == (1, 1, 0)
        [record] = guard.state.log.records(kind="shadow")
        body = record.value()["body"]
        assert (body["live"], body["verdict"]["decision"]) == ("allow", "deny")
        assert "day-out" in {reason["rule"] for reason in body["verdict"]["reasons"]}
        assert (await guard.done(guard.pay("2", "three")))["state"] == "confirmed"
        assert _counts(guard) == (2, 1, 0), "what it denied took nothing of its window"
        assert len(guard.state.ledger.spent(guard.state.account, now=guard.state.now())) > 0
        told = (await guard.ask("status"))["shadow"]
        assert (told["same"], told["differs"], told["fault"]) == (2, 1, "")


async def test_its_counts_outlive_a_restart_and_begin_anew_with_another_shadow(
    shadowed: BotFolder, chain: Devnet
) -> None:
    async with signing(shadowed):
        async with guarding(shadowed) as guard:
            await guard.done(guard.pay("10", "one"))
        async with guarding(shadowed) as guard:
            before = _counts(guard)
            assert before[0] >= 1
            await guard.done(guard.pay("11", "two"))
            assert _counts(guard) == (before[0], before[1] + 1, 0)
            with (shadowed.root / "policy.next.yaml").open("a") as file:
                file.write("# another\n")
        async with guarding(shadowed) as guard:
            assert _counts(guard) == (0, 0, 0)


@pytest.mark.parametrize("fault", ["version: 9\n", None])
async def test_one_that_does_not_load_is_told_and_stops_nothing(
    shadowed: BotFolder, chain: Devnet, fault: str | None
) -> None:
    path = shadowed.root / "policy.next.yaml"
    path.unlink() if fault is None else path.write_text(fault)
    async with signing(shadowed), guarding(shadowed) as guard:
        assert (await guard.done(guard.pay("10")))["state"] == "confirmed"
        told = (await guard.ask("status"))["shadow"]
        assert told["policy"] is None
        assert "policy.next.yaml" in told["fault"]


async def test_one_that_fails_while_judging_leaves_the_live_answer_alone(
    shadowed: BotFolder, chain: Devnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("in the shadow")

    async with signing(shadowed), guarding(shadowed) as guard:
        with monkeypatch.context() as patch:
            patch.setattr(shadow, "counted", fail)
            assert (await guard.done(guard.pay("10", "one")))["state"] == "confirmed"
        assert _counts(guard) == (0, 0, 1)
        assert "in the shadow" in (await guard.ask("status"))["shadow"]["fault"]
        assert (await guard.done(guard.pay("11", "two")))["state"] == "confirmed"
        assert _counts(guard) == (1, 0, 1), "nothing of the failed judgement stayed in its windows"


async def test_without_one_nothing_is_told(running: Running) -> None:
    await running.submit(running.pay("10"))
    assert (await running.ask("status"))["shadow"] is None
    assert "shadow" not in running.kinds()
