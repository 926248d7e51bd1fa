"""What people are shown of a transaction or a signature, word for word: ``explained.txt`` holds it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.book.book import Book
from treasurer.policies.decode.draft.eip712_struct import parse_types
from treasurer.policies.decode.typed_data import STRUCTS
from treasurer.policies.explain.told import branches, lines
from treasurer.policies.explain.tree import explain
from treasurer.policies.explain.values import visible
from treasurer.policies.facts import Facts
from treasurer.wallets.call import Authorization, Call, Operation
from treasurer.wallets.values import UINT256_MAX

SHOWN = Path(__file__).with_name("explained.txt")
ZERO = "0x" + "0" * 40
ALIKE = "0xa11c" + "9" * 32 + "0a11"
DOMAIN = [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}]


def _typed(start: str, contract: str, message: dict[str, Any]) -> dict[str, Any]:
    types = parse_types(next(one.encoded for one in STRUCTS if one.encoded.startswith(start)))
    domain = {"chainId": 1, "verifyingContract": contract}
    return {
        "types": {"EIP712Domain": DOMAIN, **types.members},
        "primaryType": types.primary,
        "domain": domain,
        "message": message,
    }


def _permit(world: Any) -> dict[str, Any]:
    message = {"owner": world.account, "spender": world.at("uniswap-v3"), "value": "5000000", "nonce": "0"}
    return _typed("Permit(address owner", world.at("usdc"), message | {"deadline": "1924992000"})


def _order(world: Any) -> dict[str, Any]:
    item = {"itemType": 1, "token": world.at("usdc"), "identifierOrCriteria": "0"}
    amounts = {"startAmount": "1000000000", "endAmount": "1000000000"}
    message = {"offerer": world.account, "zone": ZERO, "offer": [item | amounts], "consideration": [], "orderType": 0}
    message |= {"startTime": "0", "endTime": "1795431600", "zoneHash": "0x" + "00" * 32, "salt": "1"}
    return _typed("OrderComponents", world.stranger, message | {"conduitKey": "0x" + "00" * 32, "counter": "0"})


def _safe(world: Any) -> dict[str, Any]:
    call = world.transfer("usdc", "bob", 12_000_000)
    message = {"to": call.to, "value": "0", "data": "0x" + call.data.hex(), "operation": 0, "safeTxGas": "0"}
    message |= {"baseGas": "0", "gasPrice": "0", "gasToken": ZERO, "refundReceiver": ZERO, "nonce": "3"}
    return _typed("SafeTx", world.account, message)


def _multicall(world: Any) -> Call:
    inner = world.swap("usdc", 2500 * 10**6, "weth", 99 * 10**16).data
    return Call.encode(world.at("uniswap-v3"), "multicall(uint256,bytes[])", 1795431600, [inner])


def _sign_in(world: Any) -> bytes:
    return (
        f"app.example.org wants you to sign in with your Ethereum account:\n{world.account}\n\n\n"
        "URI: https://app.example.org\nVersion: 1\nChain ID: 1\nNonce: 32891756\nIssued At: 2026-11-23T12:00:00Z"
    ).encode()


CASES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "a payment": lambda w: {"calls": (w.transfer("usdc", "alice", 250_000_000),)},
    "an unlimited approval of a stranger": lambda w: {"calls": (w.approve("usdc", w.stranger, UINT256_MAX),)},
    "a lookalike of a payee": lambda w: {"calls": (w.transfer("usdc", ALIKE, 5_000_000),)},
    "a swap for nothing": lambda w: {"calls": (w.swap("usdc", 2500 * 10**6, "weth", 0),)},
    "a swap far from the oracle": lambda w: {"calls": (w.swap("usdc", 2500 * 10**6, "weth", 9 * 10**17),)},
    "a multicall of a router": lambda w: {"calls": (_multicall(w),)},
    "value for a function that takes none": lambda w: {
        "calls": (w.transfer("usdc", "alice", 1).model_copy(update={"value": 10**18}),)
    },
    "calldata with a tail": lambda w: {
        "calls": (Call(to=w.at("usdc"), data=w.transfer("usdc", "alice", 1).data + b"\0" * 32),)
    },
    "a transfer of an unknown contract": lambda w: {
        "calls": (Call.encode(w.stranger, "transfer(address,uint256)", w.at("alice"), 7),)
    },
    "a delegatecall": lambda w: {
        "calls": (Call(to=w.stranger, data=b"\x12\x34\x56\x78", operation=Operation.DELEGATECALL),)
    },
    "a contract created": lambda w: {"calls": (Call(to=None, data=b"\x60\x00"),)},
    "a first payment in coin": lambda w: {"calls": (w.pay_native("bob", 10**18),)},
    "a permit for years": lambda w: {"typed_data": _permit(w)},
    "an order for nothing": lambda w: {"typed_data": _order(w)},
    "a transaction of our Safe": lambda w: {"typed_data": _safe(w)},
    "a message that turns the text around": lambda w: {"message": "pay \u202eecila\x1b[2J".encode()},
    "a sign-in": lambda w: {"message": _sign_in(w)},
    "a bare hash": lambda w: {"raw_hash": "0x" + "ab" * 32},
    "code for the account on every chain": lambda w: {
        "authorizations": (Authorization(chain_id=0, address=w.stranger, nonce=1),)
    },
}


def _shown(world: Any, fields: dict[str, Any]) -> str:
    facts = world.facts(peers=(world.at("alice"),))
    told = explain(world.propose(**fields), world.book, facts)
    return "".join(f"{text}\n" for text, _ in lines(branches(told)))


@pytest.mark.parametrize("name", CASES)
def test_people_are_shown_what_it_does_and_what_is_unusual(world: Any, name: str) -> None:
    expected = dict(re.findall(r"^# (.+)\n((?:(?!# ).*\n)+)", SHOWN.read_text(), re.MULTILINE))
    assert _shown(world, CASES[name](world)) == expected[name].rstrip("\n") + "\n"


def test_a_call_inside_another_says_who_really_makes_it(world: Any) -> None:
    multicall = "0xca11bde05977b3631167028862be2a173976ca11"
    pinned = f'{{address: "{multicall}", chains: [1], kind: multicall3, code_hash: "0x{"11" * 32}"}}'
    book = Book.read(world.book_text.replace("venues:\n", f"venues:\n  batch: {pinned}\n").encode())
    inner = world.transfer("usdc", "bob", 5)
    call = Call.encode(multicall, "aggregate((address,bytes)[])", [(inner.to, inner.data)])

    (told,) = explain(world.propose(call), book, world.facts()).calls

    (below,) = told.calls
    assert below.function == "transfer(address,uint256)"
    assert below.path == (0, 0)
    assert below.unusual == ("the sender is batch, not the account",)
    assert [effect.kind for effect in below.effects] == ["unknown"]
    said = [text for text, _ in lines(branches(explain(world.propose(call), book, world.facts())))]
    assert any(text.startswith("└─ call usdc") for text in said)


def test_nothing_that_steers_a_screen_is_shown_as_it_is() -> None:
    assert visible("a\u202eb\x1bc\nd\U000e0001") == "a\\u202eb\\u001bc\\nd\\U000e0001"
    assert visible("Zürich ✓") == "Zürich ✓"


@given(st.text())
def test_what_is_visible_is_printable(text: str) -> None:
    assert visible(text).isprintable()


@given(st.binary(max_size=300), st.integers(0, UINT256_MAX), st.sampled_from(["usdc", "uniswap-v3", "aave-v3", "bob"]))
def test_no_call_makes_it_raise(world: Any, data: bytes, value: int, label: str) -> None:
    told = explain(world.propose(Call(to=world.at(label), value=value, data=data)), world.book, world.facts())
    assert all(text.isprintable() for text, _ in lines(branches(told)))


def test_without_prices_and_without_a_book_it_says_less_and_works(world: Any) -> None:
    from treasurer.policies.explain.well_known import well_known

    proposal = world.propose(world.swap("usdc", 2500 * 10**6, "weth", 0))
    told = explain(proposal, well_known(1), Facts(at=world.noon, static=True))
    assert told.calls[0].effects[0].unusual == ("the least that must come in return is nothing",)
    assert not explain(proposal, well_known(999), Facts(at=world.noon)).calls[0].effects[0].unusual
