"""A breaker that trips sets the stop, at submission and at the last judgement, and the record says why."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE

from .conftest import Running, change_policy, guarding, signing

BREAKER = "breakers:\n  - {id: drawdown, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}\n"


@pytest.fixture
async def broken(bot: BotFolder) -> AsyncIterator[Running]:
    """A guard whose policy stops all at a loss of a tenth."""
    change_policy(bot, "rules:\n", BREAKER + "rules:\n")
    async with signing(bot), guarding(bot) as guard:
        yield guard


def _stops(running: Running) -> list[dict[str, str]]:
    return [record.value()["body"] for record in running.state.log.records(kind="stopped")]


async def test_tripped_at_submission_it_stops_the_wallet(broken: Running, chain: Devnet) -> None:
    assert (await broken.done(broken.pay("10", "before")))["state"] == "confirmed"
    chain.world.set_price("weth", Decimal(1000))
    checked = await broken.ask("check", proposal=broken.pay("10", "after").to_json())
    assert checked["verdict"] == "deny"
    assert not broken.state.stopped, "looking stops nothing"
    answer = await broken.submit(broken.pay("10", "after"))
    assert {reason["rule"] for reason in answer["reasons"]} == {"drawdown"}
    assert broken.state.stopped
    assert broken.folder.stop_file.exists()
    [stop] = _stops(broken)
    assert stop["by"] == "guard"
    assert stop["reason"].startswith("drawdown: the portfolio fell")
    await broken.submit(broken.pay("10", "again"))
    assert len(_stops(broken)) == 1


async def test_tripped_at_the_last_judgement_it_stops_the_wallet(broken: Running, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    broken.hooks["before clear"] = lambda: chain.world.set_price("weth", Decimal(1000))
    answer = await broken.done(broken.pay("10"))
    assert answer["state"] == "refused"
    assert broken.state.stopped
    assert [stop["by"] for stop in _stops(broken)] == ["guard"]
    assert chain.world.balance(ALICE, "usdc") == before
