"""Each scenario of the library, played by a real bot on a real node: everything that it expects holds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from treasurer.runtime.audit.verify import verify
from treasurer.scenarios.runner import Options, ScenarioReport, find_scenario, list_scenarios, play

SCENARIOS = {scenario.name: scenario for scenario in list_scenarios()}


def _wrong(report: ScenarioReport) -> list[str]:
    return [*report.differences, *(f"{step.name}: {said}" for step in report.steps for said in step.differences)]


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_scenario_holds_without_a_model(name: str, tmp_path: Path) -> None:
    report = await play(SCENARIOS[name], Options(model="none", folder=tmp_path / "bot"))
    assert _wrong(report) == []
    assert report.ok
    assert report.audit.verified > 0
    assert report.audit.refuted == 0
    assert _verified_alone(report)


def _verified_alone(report: ScenarioReport) -> bool:
    """The export stands by itself, when the chain that it speaks of is gone."""
    return verify(Path(report.car).read_bytes()).exit_status == 0


async def test_the_scenario_of_the_page_holds(root: Path, tmp_path: Path) -> None:
    (shown,) = re.findall(
        r"^```yaml\n(.*?)^```", (root / "docs" / "scenarios.md").read_text(), re.MULTILINE | re.DOTALL
    )
    path = tmp_path / "shown.yaml"
    path.write_text(shown)
    assert _wrong(await play(find_scenario(str(path)), Options(folder=tmp_path / "bot"))) == []


@pytest.mark.judgement
async def test_the_day_holds_with_the_model(tmp_path: Path) -> None:
    report = await play(find_scenario("day"), Options(folder=tmp_path / "bot"))
    assert _wrong(report) == []
    chat = next(step for step in report.steps if step.name == "a person asks in chat")
    assert chat.read_by == "model", "no command has these words: without the model the bot asks back"
    assert chat.understood == ["transfer to=alice amount=40 usdc"]
    assert report.after.balance("alice usdc") - report.before.balance("alice usdc") == 40


@pytest.mark.judgement
async def test_plain_words_are_understood_by_the_model(tmp_path: Path) -> None:
    scenario = find_scenario("plain-words")
    report = await play(scenario, Options(folder=tmp_path / "bot"))
    assert _wrong(report) == []
    read_by = {done.name: done.read_by for step, done in zip(scenario.steps, report.steps, strict=True) if step.plain}
    assert {name for name, reader in read_by.items() if reader == "model"} >= {"rebalance", "pay", "earn", "owe less"}


async def test_what_does_not_hold_is_said(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "version: 1\nname: wrong\nabout: expects what does not happen\nsteps:\n"
        "  - {name: pay, send: 10 usdc to alice, expect: {verdicts: [deny], changes: {alice usdc: 11}}}\n"
        "expect: {transactions: 2, budget: {day-out: {min: 100}}}\n"
    )
    report = await play(find_scenario(str(path)), Options(folder=tmp_path / "bot"))
    assert not report.ok
    verdict, change = report.steps[0].differences
    assert verdict.startswith("the verdicts are allow, not deny")
    assert change == "the change of alice usdc is 10, not 11"
    assert list(report.differences) == ["1 transactions, not 2", "what is used of day-out is 10, not at least 100"]


async def test_the_seed_draws_prices_and_names_the_runs(tmp_path: Path) -> None:
    path = tmp_path / "drawn.yaml"
    path.write_text(
        "version: 1\nname: drawn\nabout: a price within a range\nworld: {prices: {wbtc: [50000, 70000]}}\n"
        "steps: [{name: look, run: what is the price of wbtc}]\n"
    )
    reports = [
        await play(find_scenario(str(path)), Options(seed=seed, folder=tmp_path / f"bot {number}"))
        for number, seed in enumerate((1, 1, 2))
    ]
    prices = [report.after.prices["wbtc"] for report in reports]
    runs = [report.steps[0].run for report in reports]
    assert prices[0] == prices[1] != prices[2]
    assert runs[0] == runs[1] != runs[2]
    assert all(50_000 <= price <= 70_000 for price in prices)
