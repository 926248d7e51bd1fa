"""The fee ceiling is wei for the gas of the whole proposal; one without a ceiling is no proposal that may be signed."""

from __future__ import annotations

from dataclasses import replace

from treasurer.policies.observation.simulation.simulate import gas_limit
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.chain import FeeQuote
from treasurer.wallets.journal import State

from .conftest import Running
from .test_sequence import build_swap


def _rules(answer: dict[str, object]) -> set[str]:
    reasons = answer["reasons"]
    assert isinstance(reasons, list)
    return {reason["rule"] for reason in reasons}


async def test_without_a_ceiling_it_is_denied_and_check_says_so_too(running: Running) -> None:
    endless = running.pay("10").model_copy(update={"fee_ceiling": 0})
    checked = await running.ask("check", proposal=endless.to_json())
    answer = await running.submit(endless)
    assert checked["verdict"] == "deny"
    assert "fee-ceiling" in _rules(checked)
    assert {name: answer[name] for name in checked} == checked


async def test_check_says_what_submit_would_for_whatever_the_guard_itself_denies(running: Running) -> None:
    for number in range(16):
        assert (await running.submit(running.pay("1001", f"waits {number}")))["verdict"] == "escalate"
    cases = {
        "expired": running.pay("10", "late").model_copy(update={"expires_at": running.state.now()}),
        "pending": running.pay("1001", "one more"),
        "fee-ceiling": running.pay("10", "dear").model_copy(update={"fee_ceiling": 1}),
    }
    for rule, proposal in cases.items():
        checked = await running.ask("check", proposal=proposal.to_json())
        assert checked["verdict"] == "deny"
        assert rule in _rules(checked)
        assert _rules(await running.submit(proposal)) == _rules(checked)


async def test_checked_again_under_its_key_it_has_its_first_answer(running: Running) -> None:
    proposal = running.pay("10")
    first = await running.done(proposal)
    checked = await running.ask("check", proposal=proposal.to_json())
    assert checked == {name: first[name] for name in checked}


async def test_what_the_first_call_cost_is_missing_to_the_second(running: Running, chain: Devnet) -> None:
    """The price of gas rises until the second alone takes nearly all of the ceiling: with the first it is too much."""
    built = await build_swap(running, chain)
    reasons = (await running.submit(built.model_copy(update={"fee_ceiling": 1})))["reasons"]
    worst = int(reasons[-1]["message"].split()[3])
    proposal: Proposal = built.model_copy(update={"fee_ceiling": worst, "intent_key": "0x" + "5e" * 32})
    now = await running.state.chain.fees()

    async def dearer() -> FeeQuote:
        [first] = running.state.log.records(kind="cleared")
        facts = running.state.log.facts(first)
        assert facts is not None
        gas = gas_limit(int(facts["simulation"]["gas_used"][1]))
        return replace(now, max_fee_per_gas=worst * 95 // 100 // gas)

    running.hooks["included"] = lambda: setattr(running.state.chain, "fees", dearer)
    answer = await running.done(proposal)
    assert running.state.journal.intents(proposal.intent_key)[0].state is State.CONFIRMED
    assert answer["state"] == "refused", answer
    assert "in all, over the proposal's ceiling" in answer["why"]
