"""The graph of a Run over a guard and tools that answer from a script: what it does, and what it never does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from treasurer.agent import Ports, begin
from treasurer.agent.graph import build_graph
from treasurer.agent.state import MAX_STATE_BYTES
from treasurer.policies.proposal import Proposal
from treasurer.tools import Amount, Catalog, Context, Fact, Handles, Payee, Token, ToolError, tool
from treasurer.wallets.call import Call
from treasurer.wallets.values import hash_words

ALICE, USDC, ACCOUNT = "0x" + "a1" * 20, "0x" + "c0" * 20, "0x" + "11" * 20
HANDLES = Handles.of(payees=[Payee("alice", ALICE)], tokens=[Token("usdc", USDC, 6)])


@tool(effect="propose", topic="pay", says=("pay {amount} to {to}",))
async def pay(ctx: Context, to: Payee, amount: Amount) -> Proposal:
    """Pay somebody."""
    if amount.base_units > 10**12:
        raise ToolError("there is not so much")
    return ctx.propose([Call.encode(USDC, "transfer(address,uint256)", to.address, amount.base_units)])


@tool(effect="read", says=("balance",))
async def balance(ctx: Context) -> list[Fact]:
    """How much there is."""
    return [Fact(name="balance", text="5 usdc")]


class Steps:
    """Contexts that make Proposals and read nothing."""

    def __init__(self) -> None:
        self.snapshots = 0

    async def snapshot(self) -> dict[str, Any]:
        self.snapshots += 1
        return {"block": 1}

    async def context(self, run: str, step: int) -> Any:
        return _Context(run, step)


class _Context:
    handles = HANDLES

    def __init__(self, run: str, step: int) -> None:
        self.run, self.step = run, step

    async def holding(self, *_: object) -> int:
        return 0

    def propose(self, calls: Sequence[Call], *, claims: Any = (), purpose: str = "") -> Proposal:
        return Proposal(
            chain_id=1,
            account=ACCOUNT,
            calls=tuple(calls),
            intent_key=hash_words("bot", self.run, self.step),
            run=self.run,
            step=self.step,
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
        )


class ScriptedGuard:
    """Gives its answers in order, the last one again and again; remembers what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers = list(answers)
        self.submitted: list[Proposal] = []
        self.attested: list[str] = []
        self.waits = 0

    def _answer(self, proposal: Proposal) -> dict[str, Any]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return _answer(proposal.intent_key, **answer)

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        self.submitted.append(proposal)
        return self._answer(proposal)

    async def check(self, proposal: Proposal) -> dict[str, Any]:
        return _answer(proposal.intent_key)

    async def wait(self, key: str, seconds: float) -> dict[str, Any]:
        self.waits += 1
        return _answer(key, **self.answers[0])

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        assert method == "attest"
        self.attested.append(params["kind"])
        return {}


def _answer(
    key: str, verdict: str = "allow", state: str = "confirmed", rule: str = "r", why: str = ""
) -> dict[str, Any]:
    ended = state not in ("reserved", "approved")
    return {
        "key": key, "digest": "0x" + "d" * 64, "verdict": verdict, "state": state, "why": why, "ended": ended,
        "hashes": ["0x" + "f" * 64] if state == "confirmed" else [], "rendered": ["pay"],
        "reasons": [{"rule": rule, "message": "because"}],
    }  # fmt: skip


async def run(goal: str, guard: ScriptedGuard, *, confirm: Any = None) -> tuple[dict[str, Any], list[Any], Any]:
    ports = Ports(
        guard=guard, contexts=Steps(), catalog=Catalog.of([pay, balance], HANDLES), engine=None, confirm=confirm
    )
    graph = build_graph(ports).compile(checkpointer=InMemorySaver())
    config: Any = {"configurable": {"thread_id": "t"}, "recursion_limit": 100}
    first = begin("run", goal, origin="user", asked_by="", confirm=confirm is not None)
    events = [event async for event in graph.astream(first, config, stream_mode="custom")]
    return (await graph.aget_state(config)).values, events, (graph, config)


async def test_a_plain_command_is_built_submitted_and_finished() -> None:
    guard = ScriptedGuard({})
    state, events, _ = await run("pay 5 usdc to alice", guard)
    assert state["outcome"] == "finished"
    assert [event.kind for event in events] == ["proposed", "judged", "included"]
    assert guard.attested == ["perceived", "planned"]
    assert len(guard.submitted) == 1


async def test_a_deny_is_final() -> None:
    guard = ScriptedGuard({"verdict": "deny", "state": "denied", "rule": "no-rule"})
    state, _, _ = await run("pay 5 usdc to alice, then pay 6 usdc to alice", guard)
    assert state["outcome"] == "denied"
    assert len(guard.submitted) == 1
    assert "no-rule: because" in state["message"]


async def test_what_would_be_denied_is_neither_asked_for_nor_submitted() -> None:
    asked: list[str] = []

    async def confirm(run: str, key: str) -> bool:
        asked.append(key)
        return True

    class Denying(ScriptedGuard):
        async def check(self, proposal: Proposal) -> dict[str, Any]:
            return _answer(proposal.intent_key, "deny", "denied", "no-rule")

    guard = Denying({})
    state, events, _ = await run("pay 5 usdc to alice", guard, confirm=confirm)
    assert (events[0].verdict, events[0].confirm) == ("deny", False)
    assert (state["outcome"], state["message"]) == ("denied", "nothing was submitted: no-rule: because")
    assert (asked, guard.submitted) == ([], [])


async def test_what_only_the_simulation_denied_is_rebuilt_once() -> None:
    guard = ScriptedGuard({"verdict": "deny", "state": "denied", "rule": "simulation"})
    state, _, _ = await run("pay 5 usdc to alice", guard)
    assert len(guard.submitted) == 2
    assert guard.submitted[0].intent_key != guard.submitted[1].intent_key
    assert state["outcome"] == "denied"


async def test_a_plan_does_its_steps_in_order() -> None:
    guard = ScriptedGuard({})
    state, _, _ = await run("pay 5 usdc to alice, then pay 6 usdc to alice", guard)
    assert [len(proposal.calls) for proposal in guard.submitted] == [1, 1]
    assert guard.submitted[0].calls != guard.submitted[1].calls
    assert [step["state"] for step in state["done"]] == ["confirmed", "confirmed"]


async def test_a_tool_that_cannot_build_ends_the_run_and_nothing_is_proposed() -> None:
    guard = ScriptedGuard({})
    state, _, _ = await run("pay 5000000 usdc to alice", guard)
    assert state["outcome"] == "failed"
    assert guard.submitted == []


async def test_a_question_back_proposes_nothing() -> None:
    guard = ScriptedGuard({})
    state, _, _ = await run("pay usdc to alice", guard)
    assert state["outcome"] == "asked"
    assert guard.submitted == []


async def test_an_answer_is_read_and_not_proposed() -> None:
    guard = ScriptedGuard({})
    state, events, _ = await run("balance", guard)
    assert state["outcome"] == "answered"
    assert [event.text for event in events] == ["balance: 5 usdc"]
    assert guard.submitted == []


@pytest.mark.parametrize(("said", "submitted", "outcome"), [(True, 1, "finished"), (False, 0, "cancelled")])
async def test_nothing_is_submitted_before_it_is_confirmed(said: bool, submitted: int, outcome: str) -> None:
    async def confirm(run: str, key: str) -> bool:
        return said

    guard = ScriptedGuard({})
    state, events, _ = await run("pay 5 usdc to alice", guard, confirm=confirm)
    assert events[0].confirm
    assert len(guard.submitted) == submitted
    assert state["outcome"] == outcome


async def test_what_a_resume_brings_is_ignored_and_the_guard_is_asked() -> None:
    guard = ScriptedGuard({"verdict": "escalate", "state": "reserved"})
    state, events, (graph, config) = await run("pay 5 usdc to alice", guard)
    assert events[-1].kind == "waiting"
    assert state["outcome"] is None

    await graph.ainvoke(Command(resume={"approved": True, "state": "confirmed"}), config)
    assert (await graph.aget_state(config)).next == ("pause",)

    guard.answers = [{"verdict": "escalate", "state": "confirmed"}]
    await graph.ainvoke(Command(resume=False), config)
    after = (await graph.aget_state(config)).values
    assert after["outcome"] == "finished"
    assert len(guard.submitted) == 1


async def test_the_state_is_small_and_holds_json_primitives_alone() -> None:
    state, _, _ = await run("pay 5 usdc to alice, then pay 6 usdc to alice", ScriptedGuard({}))
    assert json.loads(json.dumps(state)) == state
    assert len(json.dumps(state)) < MAX_STATE_BYTES
