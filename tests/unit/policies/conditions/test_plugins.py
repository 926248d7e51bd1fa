"""plugin: what a plug-in said of each effect, and nothing where it said nothing usable."""

from __future__ import annotations

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import PluginAnswer

NAME = 'plugins: {quarter-end: {hash: "sha256:' + "ab" * 32 + '"}}\n'


@pytest.fixture
def policy(world):
    return world.policy(NAME + "rules:\n  - {id: r, allow: transfer, when: {plugin: quarter-end}}\n")


def test_each_effect_has_an_answer_of_its_own(world, policy) -> None:
    calls = (world.transfer("usdc", "alice", 5), world.transfer("usdc", "bob", 5))

    for holds, decision in (((True, True), "allow"), ((True, False), "deny"), ((False, True), "deny")):
        facts = world.facts(plugins={"quarter-end": PluginAnswer(holds=holds, why=("", "not today"))})
        assert world.judge(policy, *calls, facts=facts).decision == decision


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, "what the plug-in quarter-end says is unknown"),
        ({"quarter-end": PluginAnswer(holds=(True,), failed="it took longer than 500 ms")}, "longer than 500 ms"),
        ({"quarter-end": PluginAnswer(holds=(True, True))}, "it answered 2 times for 1 effects"),
        ({"quarter-end": PluginAnswer(holds=())}, "it answered 0 times for 1 effects"),
        ({"other": PluginAnswer(holds=(True,))}, "is unknown"),
    ],
)
def test_no_usable_answer_is_unknown(world, policy, answers, words: str) -> None:
    verdict = world.judge(policy, world.transfer("usdc", "alice", 5), facts=world.facts(plugins=answers))

    assert verdict.decision == "deny"
    assert words in verdict.reasons[0].actual


def test_the_reason_that_it_gave_is_shown(world, policy) -> None:
    facts = world.facts(plugins={"quarter-end": PluginAnswer(holds=(False,), why=("books are closed",))})

    verdict = world.judge(policy, world.transfer("usdc", "alice", 5), facts=facts)

    assert "books are closed" in verdict.reasons[0].actual


@pytest.mark.parametrize("name", ["5", "'a b'", "[quarter-end]"])
def test_what_is_no_name_is_a_fault(world, name: str) -> None:
    with pytest.raises(DocumentError, match="plugin names one of the policy's plugins"):
        world.policy(f"{NAME}rules:\n  - {{id: r, allow: transfer, when: {{plugin: {name}}}}}\n")
