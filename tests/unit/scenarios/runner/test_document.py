"""A scenario file that cannot be played says where and why before anything starts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from treasurer.policies.documents.yaml_document import read_yaml
from treasurer.policies.errors import DocumentError
from treasurer.scenarios.runner import list_scenarios, read_scenario
from treasurer.scenarios.runner.bot import flow
from treasurer.scenarios.runner.document import VERBS
from treasurer.wallets.errors import InvalidValue

HEAD = "version: 1\nname: one\nabout: a test\n"


def _refused(tmp_path: Path, text: str) -> str:
    path = tmp_path / "scenario.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError) as error:
        read_scenario(path)
    return str(error.value).replace(f"{path}:", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [{name: x, sya: hello}]", '4:19: steps.0.sya: unknown key "sya"; did you mean "say"?'),
        ("steps: []", "4:1: steps: a scenario has at least one step"),
        ("steps: [{name: x}]", "exactly one of"),
        ("steps: [{name: x, say: a, run: b}]", "not say and run"),
        ("steps: [{name: x, run: a, plain: b}]", "plain stands beside say"),
        ("steps: [{name: x, fire: morning}]", "there is none called morning: agent names none"),
        ("steps: [{name: x, send: 10 usdc alice}]", "write it as in: 10 usdc to alice"),
        ("steps: [{name: x, say: a, expect: {verdict: [allow]}}]", 'did you mean "verdicts"?'),
        ("steps: [{name: x, say: a, expect: {changes: {alice usdc: {about: 3}}}}]", "belong together"),
        ("steps: [{name: x, compromised: {obeys: airdrop}}]", "either calls or tools"),
        ("steps: [{name: x, advance: tomorrow}]", "a length of time is a number"),
    ],
)
def test_a_fault_has_its_place_and_its_reason(text: str, said: str, tmp_path: Path) -> None:
    assert said in _refused(tmp_path, HEAD + text + "\n")


def test_every_scenario_of_the_library_reads() -> None:
    scenarios = list_scenarios()
    assert len(scenarios) >= 4
    used = {step.verb for scenario in scenarios for step in scenario.steps}
    assert used <= set(VERBS)
    assert all(scenario.about for scenario in scenarios)


def test_a_name_without_a_scenario_is_told_the_nearest() -> None:
    from treasurer.scenarios.runner import find_scenario

    with pytest.raises(InvalidValue, match='did you mean "rebalance"'):
        find_scenario("rebalnce")


def test_a_changed_policy_is_written_exactly() -> None:
    value = {"rules": [{"id": "on", "max": Decimal("0.10"), "of": ["a: b", "12:30", "0x00"], "yes": True, "n": None}]}
    again, _ = read_yaml(flow(value).encode(), "flow")
    assert again == value
    assert str(again["rules"][0]["max"]) == "0.10"
