"""Many payments in a row: what each judgement must name grows beyond a page, and nothing stops for it."""

from __future__ import annotations

import pytest

from treasurer.runtime.audit.pages import FEW
from treasurer.runtime.guard import execution
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from .conftest import Running

PAYMENTS = 80


async def test_eighty_payments_in_a_row(running: Running, chain: Devnet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fixture exports the log at its end and holds it against the chain."""
    monkeypatch.setattr(execution, "POLL_SECONDS", 0.01)
    before = chain.world.balance(ALICE, "usdc")
    for number in range(PAYMENTS):
        answer = await running.done(running.pay("1", f"payment {number}"))
        assert answer["state"] in ("confirmed", "finalized"), (number, answer)
        if number % 20 == 19:
            await running.tidy()
    assert chain.world.balance(ALICE, "usdc") - before == PAYMENTS * USDC
    log = running.state.log
    newest = list(log.records(kind="cleared"))[-1]
    facts = log.facts(newest)
    assert facts is not None
    assert len(facts["spent"]) >= 2 * (PAYMENTS - 1) > FEW
    assert isinstance(newest.value()["body"]["facts"], bytes)
    assert running.kinds().count("error") == 0
