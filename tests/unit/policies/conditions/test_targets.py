"""target: the contract called is the one that the book means, with the code that it pins, for long enough."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.worth import Unknown

CODE, OTHER, BEHIND = "0x" + "c0" * 32, "0x" + "0d" * 32, "0x" + "b0" * 32
IMPLEMENTATION = "0x" + "1a" * 20
DAY = 86_400


@pytest.fixture
def decide(world):
    """The decision on 100 USDC swapped for WETH, of a book whose router has these pins, by these facts."""

    def _decide(when: str, pins: str = "", **facts: Any) -> str:
        router = "kind: uniswap-v3-router"
        book = world.book_text.replace(router, f"{router}{pins}")
        text = f"version: 1\nname: t\nchains: [1]\nrules:\n  - {{id: r, allow: swap, when: {{target: {when}}}}}\n"
        bundle = PolicyBundle.from_bytes(text.encode(), book.encode())
        proposal = world.propose(world.swap("usdc", 100, "weth", 1))
        return judge(bundle.policy, bundle.book, proposal, world.facts(**facts)).decision

    return _decide


@pytest.mark.parametrize(
    ("when", "decision"),
    [
        ("uniswap-v3", "allow"),
        ("[aave-v3, uniswap-v3]", "allow"),
        ("{book: venues}", "allow"),
        ("{label: uniswap-v3}", "allow"),
        ("{label: aave-v3}", "deny"),
        ("aave-v3", "deny"),
        ("usdc", "deny"),
        ("{book: tokens}", "deny"),
    ],
)
def test_the_contract_called_is_among_those_named(decide, when: str, decision: str) -> None:
    assert decide(when) == decision


@pytest.mark.parametrize(
    ("found", "decision"),
    [({"code_hashes": {}}, "deny"), ({"code_hashes": "is"}, "allow"), ({"code_hashes": "differs"}, "deny")],
)
def test_its_code_is_the_code_that_the_book_pins(world, decide, found: Any, decision: str) -> None:
    hashes = {"is": {world.at("uniswap-v3"): CODE}, "differs": {world.at("uniswap-v3"): OTHER}}
    facts = {"code_hashes": hashes.get(found["code_hashes"], {}) if isinstance(found["code_hashes"], str) else {}}

    assert decide("{code_hash: pinned}", f', code_hash: "{CODE}"', **facts) == decision


def test_what_the_book_does_not_pin_is_not_pinned(world, decide) -> None:
    facts: Any = {
        "code_hashes": {world.at("uniswap-v3"): CODE},
        "implementations": {world.at("uniswap-v3"): IMPLEMENTATION},
    }

    assert decide("{code_hash: pinned}", **facts) == "deny"
    assert decide("{implementation: pinned}", f', code_hash: "{CODE}"', **facts) == "deny"


def test_what_is_behind_a_proxy_is_what_the_book_pins(world, decide) -> None:
    router = world.at("uniswap-v3")
    pins = f', implementation: "{IMPLEMENTATION}", implementation_hash: "{BEHIND}"'
    when = "{implementation: pinned}"
    right: Any = {"implementations": {router: IMPLEMENTATION}, "code_hashes": {IMPLEMENTATION: BEHIND}}

    assert decide(when, pins, **right) == "allow"
    assert decide(when, pins, **right | {"implementations": {router: router}}) == "deny"
    assert decide(when, pins, **right | {"code_hashes": {IMPLEMENTATION: OTHER}}) == "deny"
    assert decide(when, pins, **right | {"implementations": {}}) == "deny"


@pytest.mark.parametrize(("days", "decision"), [(30, "allow"), (31, "allow"), (29, "deny")])
def test_the_code_is_old_enough(world, decide, days: int, decision: str) -> None:
    since = int(world.noon.timestamp()) - days * DAY

    assert decide("{age: {min: 30d}}", code_since={world.at("uniswap-v3"): since}) == decision


def test_unknown_code_and_unknown_age_are_named(world) -> None:
    policy = world.rules("id: r, deny: swap, when: {target: {book: venues, age: {min: 30d}}}")

    verdict = world.judge(policy, world.swap("usdc", 100, "weth", 1))

    assert verdict.decision == "deny"
    assert "since when the code of uniswap-v3 is there is unknown" in verdict.reasons[0].actual


def test_the_pinned_code_that_cannot_be_read_is_unknown_and_never_true(world) -> None:
    book = Book.read(world.book_text.replace("kind: aave-v3-pool", f'kind: aave-v3-pool, code_hash: "{CODE}"').encode())
    policy = PolicyBundle.from_bytes(
        b"version: 1\nname: t\nchains: [1]\nrules:\n  - {id: r, allow: call, when: {target: {code_hash: pinned}}}\n",
        world.book_text.encode(),
    ).policy
    condition = policy.rules[0].when[0]
    effect = world.effect(Kind.CALL, target=world.at("aave-v3"))
    subject = Subject(effect, world.propose(), book, Facts(at=world.noon))

    assert condition.judge(subject) == Unknown("the code of aave-v3")


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("{}", "say at least one of label, book"),
        ("{label: unisvap-v3}", 'did you mean "uniswap-v3"'),
        ("{code_hash: yes}", "pinned"),
        ("{age: {max: 30d}}", "unknown key"),
        ("{hash: pinned}", "unknown key"),
    ],
)
def test_what_cannot_be_meant_is_a_fault_with_its_place(world, when: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        world.rules(f"id: r, allow: swap, when: {{target: {when}}}")

    assert words in str(caught.value)
    assert "policy.yaml:5:" in str(caught.value)


def test_a_pin_that_the_rule_does_not_ask_for_is_not_held_by_it(world, decide) -> None:
    router = world.at("uniswap-v3")
    pins = f', code_hash: "{CODE}", implementation: "{IMPLEMENTATION}"'

    assert decide("{code_hash: pinned}", pins, code_hashes={router: CODE}) == "allow"
    assert decide("{implementation: pinned}", pins, implementations={router: IMPLEMENTATION}) == "allow"
