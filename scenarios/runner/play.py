"""play: a scenario from its first step to the verified export of its log."""

from __future__ import annotations

import asyncio
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ...inference.models import find_model
from ...runtime.agent.agent import AnyEvent
from ...runtime.audit.verify import verify
from ...runtime.bot.configuration import Model
from ...runtime.guard.exports import export_to
from ...wallets.errors import TreasurerError
from .document import Scenario, Step
from .report import Audit, ScenarioReport, State, StepReport
from .stage import InvalidScenario, Stage, open_stage
from .steps import follow, take


class Watcher(Protocol):
    """Told what happens while a scenario is played."""

    def opened(self, stage: Stage, before: State) -> None:
        """The stage stands."""
        ...

    def begins(self, step: Step) -> None:
        """A step begins."""
        ...

    def event(self, event: AnyEvent) -> None:
        """What the agent tells of a Run."""
        ...

    def did(self, step: Step, report: StepReport) -> None:
        """A step is over."""
        ...


@dataclass(frozen=True)
class Options:
    """``rpc``: a devnet to join, else one is booted at ``port``. ``folder``: the bot's.

    ``model``: None as the scenario says, ``none`` for plain commands alone, or a name of the catalog.
    """

    rpc: str | None = None
    port: int = 0
    model: str | None = None
    seed: int = 0
    folder: Path | None = None


async def play(scenario: Scenario, options: Options, watcher: Watcher | None = None) -> ScenarioReport:
    """Play a scenario. What does not hold is in the report.

    Raises TreasurerError where it cannot be set up, InferenceError where its model is missing or fails.
    """
    began = time.monotonic()
    wanted: bool | str = scenario.agent.model if options.model is None else options.model != "none" and options.model
    if wanted:
        find_model(wanted if isinstance(wanted, str) else Model().name)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="treasurer-")) / "bot"
    async with open_stage(
        scenario,
        folder,
        rpc=options.rpc,
        port=options.port,
        model=bool(wanted),
        model_name=wanted if isinstance(wanted, str) else None,
        seed=options.seed,
    ) as stage:
        await _open_lending(stage)
        first = before = await stage.state()
        if watcher is not None:
            watcher.opened(stage, first)
        reports: list[StepReport] = []
        for number, step in enumerate(scenario.steps):
            if watcher is not None:
                watcher.begins(step)
            started = time.monotonic()
            report = await take(stage, step, number, watcher.event if watcher is not None else _unseen)
            after = await stage.state()
            differences = step.expect.differences(report, before, after)
            seconds = round(time.monotonic() - started, 2)
            report = report.model_copy(update={"differences": differences, "seconds": seconds})
            if watcher is not None:
                watcher.did(step, report)
            reports.append(report)
            before = after
        car = stage.bot.root.parent / f"{scenario.name}.car"
        audit = await _audit(stage, car)
        whole = _whole(reports)
        wrong = scenario.expect.differences(whole, first, before)
        if scenario.expect.audit == "verified" and (audit.refuted or not audit.verified):
            wrong.append(f"the log does not verify: {'; '.join(audit.refutations) or 'nothing was verified'}")
        return ScenarioReport(
            scenario.name, tuple(reports), tuple(wrong), first, before, audit, str(stage.bot.root), str(car),
            time.monotonic() - began,
        )  # fmt: skip


def _unseen(_: AnyEvent) -> None:
    """Nobody watches."""


def _whole(reports: list[StepReport]) -> StepReport:
    """All steps as one, for the expectations at the end."""
    return StepReport(
        name="all",
        did="",
        verdicts=[verdict for report in reports for verdict in report.verdicts],
        reasons=[reason for report in reports for reason in report.reasons],
        hashes=list(dict.fromkeys(hashed for report in reports for hashed in report.hashes)),
    )


async def _open_lending(stage: Stage) -> None:
    """The position that the world begins with, opened by the bot itself."""
    lending = stage.scenario.world.lending
    if lending is None:
        return
    goals = [f"supply {amount:f} {asset}" for asset, amount in lending.supply.items()]
    goals += [f"borrow {amount:f} {asset}" for asset, amount in lending.borrow.items()]
    for goal in goals:
        run = f"{stage.scenario.name}-{goal}".replace(" ", "-")
        result = await follow(stage, goal, run, _unseen, origin="operator", trigger="scenario")
        if result.outcome != "finished":
            why = "; ".join(result.reasons) or result.message
            raise InvalidScenario(f"the lending position cannot be opened: {goal}: {result.outcome}: {why}")


async def _audit(stage: Stage, car: Path) -> Audit:
    exported = await export_to(stage.agent.guard, stage.bot, car)
    try:
        report = await asyncio.to_thread(verify, car, stage.rpc)
    except TreasurerError as error:
        raise TreasurerError(f"the export {car} cannot be verified: {error}") from error
    return Audit(
        head=exported["head"],
        records=exported["records"],
        verified=report.count("verified"),
        refuted=report.count("refuted"),
        unverifiable=report.count("unverifiable"),
        refutations=[f"{one.claim}: {one.why}" for one in report.claims if one.result == "refuted"],
    )
