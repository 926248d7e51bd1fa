"""Approvals: who may give them, who may not because it is their own, and what is denied at once."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.verdict import Approvals, Verdict

PAY = "id: pay, escalate: transfer, approvals: {quorum: %d, of: [ann, ben], expires: 1h, separate: %s}"


@pytest.fixture
def verdict(world):
    def _verdict(quorum: int, separate: str, **facts: Any) -> Verdict:
        policy = world.rules(PAY % (quorum, separate))
        return world.judge(policy, world.transfer("usdc", "alice", 5), facts=world.facts(**facts))

    return _verdict


def test_who_asked_cannot_approve(verdict) -> None:
    found = verdict(1, "[asker]", asker="ann")

    assert found.decision == "escalate"
    assert found.approvals == (Approvals(quorum=1, of=("ann", "ben"), expires_seconds=3600, excluded=("ann",)),)


def test_who_signed_the_policy_cannot_approve(verdict) -> None:
    assert verdict(1, "author", authors=("ben", "guest")).approvals[0].excluded == ("ben",)


def test_both_are_kept_apart(verdict) -> None:
    assert verdict(1, "[asker, author]", asker="guest", authors=("ann",)).approvals[0].excluded == ("ann",)
    assert verdict(1, "[asker, author]", asker="ben", authors=("ann",)).decision == "deny"


def test_without_separation_nobody_is_excluded(verdict) -> None:
    found = verdict(2, "[]", asker="ann", authors=("ann", "ben"))

    assert found.decision == "escalate"
    assert found.approvals[0].excluded == ()


@pytest.mark.parametrize(
    ("separate", "facts", "words"),
    [
        ("[asker]", {}, "who asked for this is unknown"),
        ("[author]", {}, "who signed the policy in force is unknown"),
        ("[author]", {"authors": ()}, "who signed the policy in force is unknown"),
        ("[asker, author]", {"asker": "guest"}, "who signed the policy in force is unknown"),
        ("[asker, author]", {"authors": ("guest",)}, "who asked for this is unknown"),
    ],
)
def test_whom_to_keep_apart_must_be_known(verdict, separate: str, facts: dict[str, Any], words: str) -> None:
    found = verdict(1, separate, **facts)

    assert found.decision == "deny"
    assert found.approvals == ()
    assert [(reason.rule, reason.condition) for reason in found.reasons] == [("pay", "approvals")]
    assert found.reasons[0].actual == words


def test_a_quorum_that_never_comes_is_said_at_once(verdict) -> None:
    found = verdict(2, "[asker]", asker="ann")

    assert found.decision == "deny"
    assert "ann may not approve it, and 2 approvals never come from the rest" in found.reasons[0].message


def test_the_terms_of_all_rules_hold(world) -> None:
    policy = world.rules(
        "id: a, escalate: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}",
        "id: b, escalate: transfer, approvals: {quorum: 1, of: [ben], expires: 2h, separate: asker}",
    )
    call = world.transfer("usdc", "alice", 5)

    both = world.judge(policy, call, facts=world.facts(asker="guest"))
    assert {(terms.of, terms.expires_seconds) for terms in both.approvals} == {(("ann",), 3600), (("ben",), 7200)}
    assert world.judge(policy, call, facts=world.facts(asker="ben")).decision == "deny"


def test_what_is_not_escalated_needs_nobody_apart(world) -> None:
    policy = world.rules(PAY % (1, "asker"), "id: earn, allow: supply")

    assert world.judge(policy, world.supply("usdc", 5)).decision == "allow"


def test_an_unknown_part_is_a_fault(world) -> None:
    with pytest.raises(DocumentError, match=r"policy\.yaml:5:"):
        world.rules(PAY % (1, "[approver]"))
