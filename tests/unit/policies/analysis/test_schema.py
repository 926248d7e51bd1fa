"""The schemas for editors: as committed, true of every document that loads here, and false of wrong ones."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from treasurer.policies.analysis.schema import NAMES, schema
from treasurer.policies.conditions import CONDITIONS
from treasurer.policies.documents.yaml_document import read_yaml

ROOT = Path(__file__).parents[4]
RULE = "rules:\n  - {id: a, allow: transfer, when: {to: alice}}\n"
HEAD = "version: 1\nname: t\nchains: [1]\n"


def faults(name: str, text: str) -> list[str]:
    value = json.loads(json.dumps(read_yaml(text.encode(), name)[0], default=float))
    return [error.message for error in Draft202012Validator(schema(name)).iter_errors(value)]


def documents() -> list[tuple[str, str, str]]:
    """Every whole policy and book of the pages, the presets, and of the acceptance tests where they lie beside us."""
    found = []
    for page in sorted((ROOT / "docs").glob("**/*.md")):
        for number, text in enumerate(re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
            keys = set(re.findall(r"^(\w+):", text, re.MULTILINE))
            if {"version", "name", "chains"} <= keys:
                found.append((f"{page.name}:{number}", "policy", text))
            elif "version" in keys and keys & {"payees", "tokens", "venues", "people"}:
                found.append((f"{page.name}:{number}", "book", text))
    for path in sorted((ROOT / "policies" / "language" / "presets").glob("*.yaml")):
        found.append((path.name, "policy", path.read_text(encoding="utf-8")))
    for path in sorted((ROOT.parent / "shared" / "acceptance" / "policy").glob("*.yaml")):
        found.append((path.name, "book" if path.stem == "book" else "policy", path.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_committed_schema_is_the_generated_one(name: str) -> None:
    spec = importlib.util.spec_from_file_location("schemas", ROOT / "docs" / "schemas.py")
    assert spec is not None
    assert spec.loader is not None
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    text: Callable[[str], str] = generator.text
    assert (ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8") == text(name), "docs/schemas.py"
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize(("where", "name", "text"), documents(), ids=lambda value: str(value)[:40])
def test_what_loads_is_valid(where: str, name: str, text: str) -> None:
    assert faults(name, text) == []


def test_every_condition_is_there_with_its_example() -> None:
    when: dict[str, Any] = schema("policy")["properties"]["rules"]["items"]["properties"]["when"]
    assert set(when["properties"]) == set(CONDITIONS)
    for name, condition in when["properties"].items():
        for example in condition["examples"]:
            assert not list(Draft202012Validator(condition).iter_errors(example)), name


@pytest.mark.parametrize(
    "text",
    [
        HEAD.replace("version: 1", "version: 2") + RULE,
        HEAD.replace("name: t\n", "") + RULE,
        HEAD + RULE.replace("transfer", "transfers"),
        HEAD + RULE.replace("allow: transfer", "allow: delegatecall"),
        HEAD + RULE.replace("to:", "too:"),
        HEAD + RULE.replace("alice", '"0x1111111111111111111111111111111111111111"'),
        HEAD + RULE.replace("alice", "{books: payees}"),
        HEAD + RULE.replace("to: alice", "usd: {most: 5}"),
        HEAD + RULE.replace("to: alice", "usd: {max: -5}"),
        HEAD + RULE.replace("allow: transfer", "allow: transfer, deny: transfer"),
        HEAD + RULE.replace("allow:", "escalate:"),
        HEAD + "limits: [{id: a, counts: outflows, asset: usd, window: 24h, max: 5}]\n",
        HEAD + "limits: [{id: a, counts: outflow, asset: usd, window: 24 hours, max: 5}]\n",
        HEAD + "limits: [{id: a, counts: outflow, asset: usd, window: 24h}]\n",
        HEAD + "breakers: [{id: a, when: {portfolio_usd: {drop_pct: 0, window: 24h}}, then: stop}]\n",
    ],
)
def test_a_wrong_policy_is_not(text: str) -> None:
    assert faults("policy", HEAD + RULE) == []
    assert faults("policy", text)


ADDRESS = '"0x' + "1" * 40 + '"'


@pytest.mark.parametrize(
    "text",
    [
        "payees: {}\n",
        f"version: 1\npayees: {{alice: {{address: {'1' * 40}, chains: [1]}}}}\n",
        f"version: 1\npayees: {{alice: {{address: {ADDRESS}}}}}\n",
        f"version: 1\npayees: {{self: {{address: {ADDRESS}, chains: [1]}}}}\n",
        f"version: 1\ntokens: {{usdc: {{address: {ADDRESS}, chains: [1]}}}}\n",
        f"version: 1\npeople: {{ann: {{address: {ADDRESS}, may: [sign]}}}}\n",
        f"version: 1\nfriends: {{ann: {{address: {ADDRESS}, chains: [0]}}}}\n",
    ],
)
def test_a_wrong_book_is_not(text: str) -> None:
    assert faults("book", f"version: 1\npayees: {{alice: {{address: {ADDRESS}, chains: 1}}}}\n") == []
    assert faults("book", text)
