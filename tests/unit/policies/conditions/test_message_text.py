"""message_text: how a text begins, or that it is a sign-in of this account, here, to the domain that is meant."""

from __future__ import annotations

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.wallets.values import checksum

SIGN_IN = """app.example.org wants you to sign in with your Ethereum account:
{account}


URI: https://app.example.org/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2026-11-23T12:00:00Z"""


@pytest.fixture
def holds(world):
    def _holds(when: str, message: bytes | None, kind: Kind = Kind.MESSAGE) -> bool:
        condition = world.rules(f"id: r, allow: message, when: {{message_text: {when}}}").rules[0].when[0]
        proposal = world.propose(message=message)
        return condition.judge(Subject(world.effect(kind), proposal, world.book, world.facts()))

    return _holds


def test_a_text_begins_as_it_is_asked_to(holds) -> None:
    assert holds("{starts_with: 'I agree '}", b"I agree to the terms") is True
    assert holds("{starts_with: 'I agree '}", b"You said I agree ") is False
    assert holds("{starts_with: 'I agree '}", b"I agree \xff") is False
    assert holds("{starts_with: 'I agree '}", None) is False


@pytest.mark.parametrize(
    ("was", "now", "held"),
    [
        ("", "", True),
        ("app.example.org wants", "https://app.example.org wants", True),
        ("app.example.org wants", "app.example.org.evil.org wants", False),
        ("app.example.org wants", "evil.org/app.example.org wants", False),
        ("app.example.org wants", "Hello\napp.example.org wants", False),
        ("{account}", "0x" + "5" * 40, False),
        ("Chain ID: 1", "Chain ID: 10", False),
        ("Chain ID: 1", "Chain ID: 1\nChain ID: 10", False),
        ("Chain ID: 1\n", "", False),
    ],
)
def test_a_sign_in_is_of_this_account_here_to_that_domain(world, holds, was: str, now: str, held: bool) -> None:
    text = SIGN_IN.replace(was, now, 1) if was else SIGN_IN

    message = text.format(account=checksum(world.account)).encode()

    assert holds("{siwe_domain: app.example.org}", message) is held


@pytest.mark.parametrize("when", ["{}", "{starts_with: a, siwe_domain: b}", "{starts_with: ''}", "{begins: a}"])
def test_what_cannot_be_meant_is_a_fault(world, when: str) -> None:
    with pytest.raises(DocumentError):
        world.rules(f"id: r, allow: message, when: {{message_text: {when}}}")
