"""typed_data: domain, primary type and members of what would be signed, as the signed types read them."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.worth import Unknown
from treasurer.wallets.typed_data import TypedData

TYPES = {
    "Order": [
        {"name": "maker", "type": "address"},
        {"name": "amount", "type": "uint256"},
        {"name": "memo", "type": "string"},
        {"name": "final", "type": "bool"},
        {"name": "salt", "type": "bytes32"},
        {"name": "legs", "type": "Leg[]"},
    ],
    "Leg": [{"name": "to", "type": "address"}, {"name": "units", "type": "uint256"}],
}


@pytest.fixture
def truth(world):
    """What the condition says of an Order to the venue, with these members changed."""

    def _truth(when: str, domain: dict[str, Any] | None = None, **changed: Any) -> bool | Unknown:
        condition = world.rules(f"id: r, allow: message, when: {{typed_data: {when}}}").rules[0].when[0]
        message = {"maker": world.account, "amount": "1000", "memo": "rent", "final": True, "salt": "0x" + "aB" * 32}
        message["legs"] = [{"to": world.at("alice"), "units": 5}, {"to": world.at("bob"), "units": "0x6"}]
        plain = {"name": "Venue", "version": "2", "chainId": 1, "verifyingContract": world.at("uniswap-v3")}
        typed = TypedData(
            types=TYPES, primaryType="Order", domain=plain | (domain or {}), message={**message, **changed}
        )
        effect = world.effect(Kind.MESSAGE)
        return condition.judge(Subject(effect, world.propose(typed_data=typed), world.book, world.facts()))

    return _truth


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{primary_type: Order}", True),
        ("{primary_type: [Permit, Order]}", True),
        ("{primary_type: Permit}", False),
        ("{domain: {name: Venue}}", True),
        ("{domain: {name: Other}}", False),
        ('{domain: {version: "2"}}', True),
        ('{domain: {version: "1"}}', False),
        ("{domain: {contract: uniswap-v3}}", True),
        ("{domain: {contract: {book: venues}}}", True),
        ("{domain: {contract: usdc}}", False),
        ("{fields: {amount: {max: 1000}}}", True),
        ("{fields: {amount: {max: 999}}}", False),
        ("{fields: {amount: {above: 999, below: 1001}}}", True),
        ("{fields: {amount: {below: 1000}}}", False),
        ("{fields: {amount: {in: [1, 1000]}}}", True),
        ("{fields: {amount: {in: [1]}}}", False),
        ("{fields: {maker: {label: self}}}", True),
        ("{fields: {maker: {book: payees}}}", False),
        ("{fields: {memo: {in: rent}}}", True),
        ("{fields: {memo: {in: Rent}}}", False),
        ("{fields: {final: {in: true}}}", True),
        ("{fields: {final: {in: false}}}", False),
        ("{fields: {final: {in: 1}}}", False),
        ("{fields: {memo: {max: 5}}}", False),
        ("{fields: {'legs[].to': {book: payees}}}", True),
        ("{fields: {'legs[].to': {label: alice}}}", False),
        ("{fields: {'legs[any].to': {label: alice}}}", True),
        ("{fields: {'legs[any].to': {label: self}}}", False),
        ("{fields: {'legs[].units': {max: 6}}}", True),
        ("{fields: {'legs[].units': {max: 5}}}", False),
        ("{fields: {legs.units: {max: 6}}}", False),
        ("{fields: {'maker[]': {label: self}}}", False),
        ("{fields: {deadline: {max: 6}}}", False),
        ("{primary_type: Order, fields: {amount: {max: 1000}, memo: {in: salary}}}", False),
    ],
)
def test_a_message_is_what_is_asked_of_it(truth, when: str, holds: bool) -> None:
    assert truth(when) is holds


def test_bytes_are_the_same_in_any_case(truth) -> None:
    assert truth(f'{{fields: {{salt: {{in: "0x{"ab" * 32}"}}}}}}') is True


def test_what_does_not_read_by_its_type_is_unknown(truth) -> None:
    for changed in ({"amount": "ten"}, {"amount": True}, {"amount": None}):
        assert isinstance(truth("{fields: {amount: {max: 1000}}}", **changed), Unknown)
    assert isinstance(truth("{fields: {maker: {label: self}}}", maker="0x12"), Unknown)
    assert isinstance(truth("{fields: {'legs[].to': {book: payees}}}", legs=[{"units": 5}]), Unknown)
    assert isinstance(truth("{fields: {'legs[].to': {book: payees}}}", legs="none"), Unknown)
    assert isinstance(truth("{fields: {'legs[any].to': {label: self}}}", legs=[{"units": 5}]), Unknown)
    for salt in (5, "abab"):
        assert isinstance(truth('{fields: {salt: {in: "0xab"}}}', salt=salt), Unknown)


def test_what_fails_fails_whatever_else_is_unknown(truth) -> None:
    assert truth("{fields: {amount: {max: 1000}, memo: {in: salary}}}", amount="ten") is False


def test_every_one_of_none_does_not_hold(truth) -> None:
    assert truth("{fields: {'legs[].to': {book: payees}}}", legs=[]) is False
    assert truth("{fields: {'legs[any].to': {book: payees}}}", legs=[]) is False


def test_a_member_that_is_not_signed_is_not_there(truth) -> None:
    """The hash is over the members that the types list: what stands beside them says nothing."""
    assert truth("{fields: {deadline: {max: 100}}}", deadline=5) is False


def test_calls_are_no_typed_data(world) -> None:
    policy = world.rules("id: r, allow: transfer, when: {typed_data: {primary_type: Permit}}")

    verdict = world.judge(policy, world.transfer("usdc", "alice", 5))

    assert verdict.decision == "deny"
    assert "no typed data" in verdict.reasons[0].actual


def test_a_permit_passes_by_its_members(world) -> None:
    types = ["owner:address", "spender:address", "value:uint256", "nonce:uint256", "deadline:uint256"]
    members = [dict(zip(("name", "type"), part.split(":"), strict=True)) for part in types]
    domain = {"name": "USD Coin", "version": "2", "chainId": 1, "verifyingContract": world.at("usdc")}
    message = {"owner": world.account, "spender": world.at("uniswap-v3"), "value": "1000", "nonce": 0, "deadline": "9"}
    when = "{domain: {contract: usdc}, primary_type: Permit, fields: {value: {max: %d}, spender: {book: venues}}}"

    for most, decision in ((1000, "allow"), (999, "deny")):
        policy = world.rules(f"id: r, allow: permit, when: {{typed_data: {when % most}}}")
        typed = TypedData(types={"Permit": members}, primaryType="Permit", domain=domain, message=message)
        assert world.judge(policy, typed_data=typed).decision == decision


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ("{}", "say at least one of domain, primary_type, fields"),
        ("{domain: {contract: uniswap}}", 'no label "uniswap"'),
        ("{primary: Order}", "unknown key"),
        ("{fields: {amount: {max: 1, in: [1]}}}", "say one thing of a member"),
        ("{fields: {amount: {}}}", "say one thing of a member"),
        ("{fields: {amount: {maximum: 1}}}", 'did you mean "max"'),
        ("{fields: {'a..b': {max: 1}}}", "a member is written as in details.token"),
        ("{fields: {'a[0]': {max: 1}}}", "a member is written as in details.token"),
        ("{fields: {amount: {in: [1.5]}}}", "in holds texts"),
        ('{fields: {to: {in: ["0x5555555555555555555555555555555555555555"]}}}', "write it into the book"),
        ("{fields: {amount: {min: 5, max: 4}}}", "no number lies within"),
        ("{fields: {maker: {label: nobody}}}", 'fields.maker: the book has no label "nobody"'),
    ],
)
def test_what_cannot_be_meant_is_a_fault(world, when: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        world.rules(f"id: r, allow: message, when: {{typed_data: {when}}}")

    assert words in str(caught.value)
