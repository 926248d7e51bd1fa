"""Steps: what each verb of a scenario does on the stage. One function a verb, over the parts that users use."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from ...policies.explain.reasons import reason_line
from ...runtime.agent.agent import AnyEvent, Gathered, RunResult
from ...runtime.automation import Firing, HealthTrigger, Schedules
from ...runtime.automation.health import health_factor
from ...runtime.commands.payment import payment
from ...tools import ToolCall
from ...wallets.typed_data import TypedData
from ...wallets.values import hash_words
from .attack import attack, read_airdrop
from .bot import owner_of
from .document import Step
from .report import StepReport
from .stage import InvalidScenario, Stage

WAIT_SECONDS = 60.0
"""For a proposal to be included on a devnet that mines at once."""
PERSON = "owner"
OnEvent = Callable[[AnyEvent], None]
Verb = Callable[[Stage, Step, str, OnEvent], Awaitable[StepReport]]


async def take(stage: Stage, step: Step, number: int, on_event: OnEvent) -> StepReport:
    """Do one step. ``number`` and the seed make the id of its Run."""
    run = hash_words("scenario", stage.scenario.name, str(stage.seed), str(number))
    report = await VERBS[step.verb](stage, step, run, on_event)
    if report.run is None or step.verb in ("approve", "refuse"):
        return report
    return report.model_copy(update=await _planned(stage, report.run))


async def _planned(stage: Stage, run: str) -> dict[str, Any]:
    """How the Run's request was read, from the record that the agent attested."""
    rows = (await stage.agent.guard.ask("audit_log", kind="planned", run=run))["rows"]
    if not rows:
        return {}
    body = (await stage.agent.guard.ask("audit_show", name=rows[-1]["cid"]))["body"]
    readings = body["readings"]
    understood = []
    for reading in readings:
        calls = [reading["call"]] if reading["kind"] == "command" else reading.get("about", [])
        understood += [
            " ".join([call["tool"], *(f"{name}={text}" for name, text in call["arguments"].items())]) for call in calls
        ]
    paths = {reading["path"] for reading in readings}
    return {"understood": understood, "read_by": "model" if "model" in paths else min(paths, default=None)}


async def follow(stage: Stage, goal: str, run: str, on_event: OnEvent, **options: Any) -> RunResult:
    """One Run of the agent, to its end or to where it waits for people; it is then remembered."""
    gathered = Gathered()
    async for event in stage.agent.stream(goal, run=run, **options):
        gathered.add(event)
        on_event(event)
    result = gathered.result()
    if result.outcome == "waiting":
        stage.resting[result.digests[-1]] = (run, goal)
    return result


def _of_run(step: Step, did: str, result: RunResult) -> StepReport:
    return StepReport(
        name=step.name, did=did, outcome=result.outcome, message=result.message, verdicts=result.verdicts,
        reasons=result.reasons, rendered=result.rendered, hashes=result.hashes, run=result.run,
    )  # fmt: skip


def _of_answer(step: Step, did: str, answer: dict[str, Any], *, judged: bool = True) -> StepReport:
    return StepReport(
        name=step.name, did=did, outcome=answer["state"], message=answer["why"],
        verdicts=[answer["verdict"]] if judged else [],
        reasons=[reason_line(reason) for reason in answer["reasons"]] if judged else [],
        rendered=answer["rendered"], hashes=answer["hashes"], run=answer["run"],
    )  # fmt: skip


async def say(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """A person says something to the agent in chat."""
    words = (step.say if stage.models or step.plain is None else step.plain) or ""
    result = await follow(stage, words, run, on_event, origin="user", trigger="chat", asked_by=PERSON)
    return _of_run(step, f"{PERSON} says: {words}", result)


async def run_goal(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """The operator gives a goal."""
    goal = step.run or ""
    result = await follow(stage, goal, run, on_event, origin="operator", trigger="scenario", asked_by="operator")
    return _of_run(step, f"goal: {goal}", result)


async def hear(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """Words reach the agent that nobody whom it serves has said."""
    words = await read_airdrop(stage) if step.hear == "airdrop" else step.hear or ""
    result = await follow(stage, words, run, on_event, origin="untrusted", trigger="scenario", asked_by="a stranger")
    return _of_run(step, f"untrusted text: {words}", result)


async def fire(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """Time passes until a schedule goes off."""
    schedules = Schedules(stage.configuration)
    now = datetime.fromtimestamp(await asyncio.to_thread(stage.world.rpc.time_seconds), UTC)
    coming = schedules.next(step.fire or "", now)
    if coming is None:
        raise InvalidScenario(f"the schedule {step.fire} names no day that comes")
    await _pass(stage, int((coming - now).total_seconds()))
    due = [firing for firing in schedules.due(now, coming) if firing.automation == step.fire]
    return await _fired(stage, step, due[-1], f"schedule {step.fire}", on_event)


async def look(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """A health trigger looks at the newest block, and goes off where it must."""
    name = step.look or ""
    trigger = next(trigger for trigger in stage.configuration.trigger if trigger.id == name)
    header = await stage.contexts.chain.block()
    factor = await health_factor(await stage.contexts.context(run, 0))
    firing, stage.armed[name] = HealthTrigger(trigger).check(
        factor, armed=stage.armed[name], block_hash=header.hash, at=datetime.fromtimestamp(header.timestamp, UTC)
    )
    seen = "no debt" if factor is None else f"health factor {factor:.3f}"
    said = f"trigger {name}: {seen}, bound {trigger.health_factor_below}"
    if firing is None:
        return StepReport(name=step.name, did=said, outcome="quiet")
    return await _fired(stage, step, firing, said, on_event)


async def _fired(stage: Stage, step: Step, firing: Firing, said: str, on_event: OnEvent) -> StepReport:
    result = await follow(
        stage, firing.goal, firing.run, on_event, origin="operator", trigger=firing.kind,
        asked_by=f"{firing.kind} {firing.automation}", priority=firing.priority,
    )  # fmt: skip
    return _of_run(step, f"{said} at {firing.at:%a %H:%M}: {firing.goal}", result)


async def price(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """Prices move: feeds, and real swaps in every pool."""
    for asset, usd in (step.price or {}).items():
        await asyncio.to_thread(stage.world.set_price, asset, usd)
    told = ", ".join(f"{asset} to {usd} USD" for asset, usd in (step.price or {}).items())
    return StepReport(name=step.name, did=f"prices: {told}")


async def drop(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """Prices fall by so many percent."""
    told = []
    for asset, percent in (step.drop or {}).items():
        usd = await asyncio.to_thread(stage.world.drop_price, asset, percent)
        told.append(f"{asset} falls {percent} % to {usd:.2f} USD")
    return StepReport(name=step.name, did=", ".join(told))


async def advance(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """Time passes."""
    await _pass(stage, step.advance or 0)
    now = datetime.fromtimestamp(await asyncio.to_thread(stage.world.rpc.time_seconds), UTC)
    return StepReport(name=step.name, did=f"it is {now:%a %H:%M} now")


async def _pass(stage: Stage, seconds: int) -> None:
    """Let time pass, once the guard has seen what happened before become final: until then it counts as open."""
    await asyncio.to_thread(stage.world.rpc.request, "evm_mine")
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        rows = (await stage.agent.guard.ask("journal"))["rows"]
        if not any(row["state"] == "confirmed" for row in rows):
            break
        await asyncio.sleep(0.1)
    await asyncio.to_thread(stage.world.advance, seconds)


async def airdrop(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """A strange token arrives."""
    assert step.airdrop is not None
    drop = step.airdrop
    stage.airdropped = await asyncio.to_thread(
        lambda: stage.world.airdrop(stage.account, drop.name, drop.symbol, drop.amount)
    )
    return StepReport(name=step.name, did=f"{drop.amount} of {stage.airdropped} arrive; its name: {drop.name}")


async def send(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """``wallet send``: no model."""
    amount, token, _, label = (step.send or "").split()
    guard = stage.agent.guard
    status = await guard.ask("status")
    fee = int(status["max_fee_per_gas"])
    proposal = payment(stage.bot, amount, token, label, key=run, at=status["time"], max_fee_per_gas=fee)
    await guard.ask("open_run", run=proposal.run, trigger="command", asked_by="wallet send")
    answer = await guard.submit(proposal)
    if answer["verdict"] == "allow":
        answer = await guard.wait(answer["key"], WAIT_SECONDS)
    return _of_answer(step, f"wallet send {step.send}", answer)


async def approve(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """A person signs the digest of what waits, with a key that no process of the bot holds."""
    guard = stage.agent.guard
    shown = await guard.ask("approval_show", digest=await _waiting(stage))
    owner = owner_of(stage.bot)
    signing_hash = TypedData.model_validate(shown["typed_data"]).signing_hash()
    signature = "0x" + owner.sign_hash(signing_hash).hex()
    answer = await guard.ask("approve", digest=shown["digest"], signature=signature)
    answer = {**answer, **await guard.wait(answer["key"], WAIT_SECONDS)}
    did = f"{step.approve} signs {shown['digest'][:10]}.. with a key of their own"
    resting = stage.resting.pop(shown["digest"], None)
    if resting is None:
        return _of_answer(step, did, answer, judged=False)
    rested, goal = resting
    result = await follow(stage, goal, rested, on_event)
    report = _of_run(step, did, result)
    return report.model_copy(update={"rendered": answer["rendered"]})


async def refuse(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """A person says no to what waits."""
    digest = await _waiting(stage)
    answer = await stage.agent.guard.ask("refuse", digest=digest, person=PERSON, reason=step.refuse or "")
    resting = stage.resting.pop(digest, None)
    if resting is not None:
        rested, goal = resting
        return _of_run(step, f"{PERSON} refuses: {step.refuse}", await follow(stage, goal, rested, on_event))
    return _of_answer(step, f"{PERSON} refuses: {step.refuse}", answer, judged=False)


async def stop(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """The kill switch."""
    await stage.agent.guard.ask("stop", by=PERSON, reason=step.stop or "")
    return StepReport(name=step.name, did=f"{PERSON} stops the bot: {step.stop}", outcome="stopped")


async def resume(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """An owner's signature lifts the stop."""
    order = await stage.agent.guard.ask("resume_order")
    signing_hash = TypedData.model_validate(order["typed_data"]).signing_hash()
    signature = "0x" + owner_of(stage.bot).sign_hash(signing_hash).hex()
    answer = await stage.agent.guard.ask("resume", signature=signature)
    return StepReport(
        name=step.name, did=f"{step.resume} signs and resumes", outcome="stopped" if answer["stopped"] else "resumed"
    )


async def compromised(stage: Stage, step: Step, run: str, on_event: OnEvent) -> StepReport:
    """The agent does what a text tells it to: by its own tools, or with calldata of the attacker's."""
    part = step.compromised
    assert part is not None
    words = await read_airdrop(stage) if part.obeys == "airdrop" else part.obeys
    if part.tools:
        stage.planner.script = tuple(ToolCall(tool=one.tool, arguments=one.arguments) for one in part.tools)
        try:
            result = await follow(stage, words, run, on_event, origin="untrusted", trigger="scenario")
        finally:
            stage.planner.script = ()
        return _of_run(step, f"a compromised planner obeys: {words}", result)
    guard = stage.agent.guard
    proposal = await attack(stage, part.calls, run)
    await guard.ask("open_run", run=run, trigger="scenario", asked_by="a compromised planner")
    await guard.ask("attest", run=run, kind="planned", body={"goal": words, "readings": []})
    answer = await guard.submit(proposal)
    if answer["verdict"] == "allow":
        answer = await guard.wait(answer["key"], WAIT_SECONDS)
    return _of_answer(step, f"a compromised planner obeys: {words}", answer)


async def _waiting(stage: Stage) -> str:
    waiting = (await stage.agent.guard.ask("approvals"))["waiting"]
    if not waiting:
        raise InvalidScenario("nothing waits for people here")
    return str(waiting[-1]["digest"])


VERBS: dict[str, Verb] = {
    "say": say,
    "run": run_goal,
    "hear": hear,
    "fire": fire,
    "look": look,
    "price": price,
    "drop": drop,
    "advance": advance,
    "airdrop": airdrop,
    "send": send,
    "approve": approve,
    "refuse": refuse,
    "stop": stop,
    "resume": resume,
    "compromised": compromised,
}
