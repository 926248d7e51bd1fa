"""ENS: an entry that was signed with a name is dealt with only while the name resolves to it."""

from __future__ import annotations

import pytest

from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle

RULES = b"version: 1\nname: t\nchains: [1]\nrules:\n  - {id: r, allow: [transfer, approval, supply]}\n"


@pytest.fixture
def decide(world):
    """The decision on the calls, where alice goes by alice.eth, which resolves as ``ens`` says."""
    book = world.book_text.replace("alice: {", "alice: {ens: alice.eth, ", 1)
    bundle = PolicyBundle.from_bytes(RULES, book.encode())

    def _decide(ens, *calls):
        return judge(bundle.policy, bundle.book, world.propose(*calls), world.facts(ens=ens))

    return _decide


def test_a_name_that_still_resolves_passes(world, decide) -> None:
    assert decide({"alice.eth": world.at("alice")}, world.transfer("usdc", "alice", 5)).decision == "allow"


@pytest.mark.parametrize(
    ("ens", "actual"),
    [({"alice.eth": "0x" + "5" * 40}, "0x" + "5" * 40), ({"alice.eth": None}, "nothing"), ({}, "unknown")],
)
def test_a_name_that_does_not_denies(world, decide, ens, actual: str) -> None:
    for call in (
        world.transfer("usdc", "alice", 5),
        world.pay_native("alice", 5),
        world.approve("usdc", "alice", 5),
        world.supply("usdc", 5, "alice"),
    ):
        verdict = decide(ens, call)
        assert verdict.decision == "deny"
        assert [(reason.rule, reason.condition, reason.actual) for reason in verdict.reasons] == [
            ("ens", "alice.eth", actual)
        ]


def test_who_has_no_name_needs_none(world, decide) -> None:
    assert decide({}, world.transfer("usdc", "bob", 5)).decision == "allow"
