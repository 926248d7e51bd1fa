"""Under a policy that allows whatever can be allowed, what a signature must never do is still denied."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from treasurer.policies.check.check import check
from treasurer.policies.decode.draft.eip712_struct import parse_types
from treasurer.policies.decode.typed_data import STRUCTS
from treasurer.policies.kinds import ALLOWABLE
from treasurer.policies.language.bundle import PolicyBundle

ZERO = "0x" + "0" * 40
SEAPORT = "0x0000000000000068f116a894984e2db1123eb395"
POLICY = f"version: 1\nname: t\nchains: [1]\nrules: [{{id: all, allow: [{', '.join(sorted(ALLOWABLE))}]}}]\n"


@pytest.fixture
def decide(world: Any) -> Callable[..., str]:
    book = world.book_text.replace(
        "venues:\n", f'venues:\n  seaport: {{address: "{SEAPORT}", chains: [1], kind: seaport}}\n'
    )
    bundle = PolicyBundle.from_bytes(POLICY.encode(), book.encode())

    def decide(**fields: Any) -> str:
        value = {"id": "a", "chain_id": 1, "from": world.account, "at": "2026-11-23T10:00:00Z", **fields}
        (answer,) = check([json.dumps(value)], bundle, prices={}, balances={}, static=True)
        assert answer["verdict"] == "allow" or answer["reasons"]
        return str(answer["verdict"])

    return decide


def _typed(start: str, contract: str, message: dict[str, Any], **domain: Any) -> dict[str, Any]:
    types = parse_types(next(one.encoded for one in STRUCTS if one.encoded.startswith(start)))
    return {
        "types": types.members,
        "primaryType": types.primary,
        "domain": {"chainId": 1, "verifyingContract": contract, **domain},
        "message": message,
    }


def _item(token: str, amount: int, **more: Any) -> dict[str, Any]:
    amounts = {"startAmount": str(amount), "endAmount": str(amount)}
    return {"itemType": 1, "token": token, "identifierOrCriteria": "0", **amounts, **more}


def _order(world: Any, **changed: Any) -> dict[str, Any]:
    message = {
        "offerer": world.account,
        "zone": ZERO,
        "offer": [_item(world.at("usdc"), 10**9)],
        "consideration": [_item(world.at("weth"), 4 * 10**17, recipient=world.account)],
        "orderType": 0,
        "startTime": "0",
        "endTime": "1900000000",
        "zoneHash": "0x" + "00" * 32,
        "salt": "0",
        "conduitKey": "0x" + "00" * 32,
        "counter": "0",
    }
    return message | changed


def _permit(world: Any, **changed: Any) -> dict[str, Any]:
    return {
        "owner": world.account,
        "spender": world.at("uniswap-v3"),
        "value": "5",
        "nonce": "0",
        "deadline": "1900000000",
    } | changed


def test_the_honest_forms_pass(world: Any, decide: Callable[..., str]) -> None:
    assert decide(typed_data=_typed("OrderComponents", SEAPORT, _order(world))) == "allow"
    assert decide(typed_data=_typed("Permit(address owner", world.at("usdc"), _permit(world))) == "allow"
    assert decide(message="I own this account.") == "allow"


@pytest.mark.parametrize(
    "change",
    [
        {"consideration": []},
        {"consideration": [_item(ZERO, 1, recipient=ZERO)]},
        {"offerer": "0x" + "a1" * 20},
        {"orderType": 4},
        {"endTime": str(2**256)},
        {"extra": "1"},
        {"offer": [_item("0x" + "a1" * 20, 1)]},
    ],
)
def test_an_order_that_is_not_honest_is_denied(world: Any, decide: Callable[..., str], change: dict[str, Any]) -> None:
    assert decide(typed_data=_typed("OrderComponents", SEAPORT, _order(world, **change))) == "deny"


def test_an_order_at_zero_is_denied_at_any_end_of_its_curve(world: Any, decide: Callable[..., str]) -> None:
    for start, end in ((0, 0), (0, 10**18), (10**18, 0)):
        paid = _item(world.at("weth"), 0, recipient=world.account) | {"startAmount": str(start), "endAmount": str(end)}
        typed = _typed("OrderComponents", SEAPORT, _order(world, consideration=[paid]))
        assert decide(typed_data=typed) == "deny"


@pytest.mark.parametrize("chain_id", [0, 10, "0x1", None, 2**256])
def test_another_chain_is_denied(world: Any, decide: Callable[..., str], chain_id: Any) -> None:
    typed = _typed("Permit(address owner", world.at("usdc"), _permit(world), chainId=chain_id)
    assert decide(typed_data=typed) == "deny"


def test_another_contract_or_owner_is_denied(world: Any, decide: Callable[..., str]) -> None:
    assert decide(typed_data=_typed("OrderComponents", world.at("uniswap-v3"), _order(world))) == "deny"
    assert decide(typed_data=_typed("Permit(address owner", world.stranger, _permit(world))) == "deny"
    assert decide(typed_data=_typed("Permit(address owner", world.at("weth"), _permit(world))) == "deny"
    theirs = _permit(world, owner=world.at("alice"))
    assert decide(typed_data=_typed("Permit(address owner", world.at("usdc"), theirs)) == "deny"


def test_hashes_delegations_and_two_things_are_denied(world: Any, decide: Callable[..., str]) -> None:
    assert decide(hash="0x" + "ab" * 32) == "deny"
    assert decide(message="0x" + "ab" * 32) == "deny"
    assert decide(message="ab" * 32) == "deny"
    assert decide(message="hello", hash="0x" + "ab" * 32) == "deny"
    assert (
        decide(message="hello", typed_data=_typed("Permit(address owner", world.at("usdc"), _permit(world))) == "deny"
    )
    assert decide(message="hello", calls=[{"to": world.at("alice"), "value": "1"}]) == "deny"
    everything = {"delegate": world.at("alice"), "delegator": world.account, "authority": "0x" + "ff" * 32}
    everything |= {"caveats": [], "salt": "0"}
    assert decide(typed_data=_typed("Delegation(address delegate,", world.at("uniswap-v3"), everything)) == "deny"
