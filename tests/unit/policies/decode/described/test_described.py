"""An ABI file of the bundle gives names alone: what the book does not declare is unknown; dangers keep their names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

ACCOUNT, STRANGER, VAULT = "0x" + "1" * 40, "0x" + "5" * 40, "0x" + "7" * 40
USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
BOOK = f"""
version: 1
venues: {{vault: {{address: "{VAULT}", chains: [1], kind: own, abi: vault}}}}
tokens: {{usdc: {{address: "{USDC}", chains: [1], decimals: 6}}}}
"""


def fragment(name: str, *inputs: str, payable: bool = False) -> dict[str, Any]:
    named = [{"name": f"p{position}", "type": kind} for position, kind in enumerate(inputs)]
    return {
        "type": "function",
        "name": name,
        "inputs": named,
        "stateMutability": "payable" if payable else "nonpayable",
    }


ABI = [
    fragment("stake", "address", "int24[2]", "bytes", "string"),
    fragment("fund", "uint256", payable=True),
    fragment("approve", "address", "uint256"),
    fragment("transfer", "address", "uint256"),
    fragment("transferOwnership", "address"),
    fragment("setApprovalForAll", "address", "bool"),
]


STAKE = "stake(address,int24[2],bytes,string)"
NAMED_ALONE = "its ABI names it, the book does not say; declare it under functions"


def derive(call: Call, abi: Any = ABI, declared: str = "") -> tuple[Effect, ...]:
    functions = f', functions: {{"{declared}": {{effect: call}}}}' if declared else ""
    text = BOOK.replace(", abi: vault", f", abi: vault{functions}")
    book = Book.read(text.encode(), "book.yaml", {"abis/vault.json": json.dumps(abi).encode()})
    proposal = Proposal(
        chain_id=1, account=ACCOUNT, calls=(call,), run="t", intent_key="0x" + "1" * 64, expires_at=datetime.now(UTC)
    )
    return derive_effects(proposal, book)


def test_a_declared_function_is_a_call_whose_arguments_have_the_names_of_its_abi() -> None:
    call = Call.encode(VAULT, STAKE, STRANGER, [-1, 8388607], b"\x01", "a word")
    (effect,) = derive(call, declared=STAKE)
    assert (effect.kind, effect.target, effect.amount) == (Kind.CALL, VAULT, None)
    assert effect.note == f"stake: p0 {STRANGER}, p1 [-1, 8388607], p2 0x01, p3 'a word'"


@pytest.mark.parametrize(
    "signature",
    ["withdrawTo(address,address,uint256)", "allow(address,bool)", "redeem(uint256,address,address)", "claim(address)"],
)
def test_a_function_that_an_abi_alone_names_is_unknown(signature: str) -> None:
    name, types = signature[:-1].split("(")
    values = {"address": STRANGER, "uint256": 10**12, "bool": True}
    call = Call.encode(VAULT, signature, *(values[kind] for kind in types.split(",")))
    (effect,) = derive(call, [fragment(name, *types.split(","))])
    assert effect.kind is Kind.UNKNOWN
    assert effect.unknown == (f"what {signature} of {VAULT} does: {NAMED_ALONE}",)
    assert effect.note.startswith(f"{name}: p0 ")


def test_a_wrapper_that_an_abi_alone_names_shows_the_danger_inside() -> None:
    danger = Call.encode(USDC, "approve(address,uint256)", STRANGER, 2**256 - 1)
    call = Call.encode(VAULT, "execute(address,uint256,bytes)", USDC, 0, danger.data)
    effects = derive(call, [fragment("execute", "address", "uint256", "bytes")])
    assert effects[0].kind is Kind.UNKNOWN
    assert Kind.UNLIMITED_APPROVAL in {effect.kind for effect in effects}


def test_value_is_part_of_a_payable_function_alone() -> None:
    paid, call = derive(Call.encode(VAULT, "fund(uint256)", 1, value=7), declared="fund(uint256)")
    assert (paid.kind, call.kind) == (Kind.TRANSFER, Kind.CALL)
    assert (paid.asset, paid.amount, paid.counterparty) == (NATIVE, 7, VAULT)
    stray = derive(Call.encode(VAULT, STAKE, STRANGER, [0, 0], b"", "", value=7), declared=STAKE)
    assert [effect.kind for effect in stray] == [Kind.TRANSFER, Kind.UNKNOWN, Kind.CALL]
    (unread,) = derive(Call.encode(VAULT, "fund(uint256)", 1, value=7))
    assert (unread.kind, unread.asset, unread.amount) == (Kind.UNKNOWN, NATIVE, 7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda data: data + b"\0", "follow the last argument"),
        (lambda data: data[:4] + b"\x01" + data[5:], "dirty padding"),
        (lambda data: data[:36] + (2**23).to_bytes(32, "big") + data[68:], "does not fit its 24 bits"),
    ],
)
def test_calldata_of_an_abi_is_canonical_or_unknown(change: Any, words: str) -> None:
    data = Call.encode(VAULT, "stake(address,int24[2],bytes,string)", STRANGER, [0, 0], b"", "").data
    (effect,) = derive(Call(to=VAULT, data=change(data)))
    assert effect.kind == Kind.UNKNOWN
    assert words in effect.unknown[0]


def test_an_abi_never_makes_a_danger_harmless() -> None:
    approved = derive(Call.encode(VAULT, "approve(address,uint256)", STRANGER, 2**96 - 1))
    assert [effect.kind for effect in approved] == [Kind.UNKNOWN, Kind.UNLIMITED_APPROVAL]
    assert approved[1].counterparty == STRANGER
    assert [effect.kind for effect in derive(Call.encode(VAULT, "approve(address,uint256)", STRANGER, 1))] == [
        Kind.UNKNOWN
    ]
    assert [effect.kind for effect in derive(Call.encode(VAULT, "transfer(address,uint256)", STRANGER, 1))] == [
        Kind.UNKNOWN
    ]
    (owner,) = derive(Call.encode(VAULT, "transferOwnership(address)", STRANGER))
    assert owner.kind == Kind.OWNERSHIP_CHANGE
    (operator,) = derive(Call.encode(VAULT, "setApprovalForAll(address,bool)", STRANGER, True))
    assert operator.kind == Kind.OPERATOR_APPROVAL


def test_a_descriptor_names_the_intent_and_writes_each_argument_by_its_format() -> None:
    formats = {
        "order((address token,uint256 amount) what,address to,uint256 until,bytes path,uint8 kind)": {
            "intent": "Place an order",
            "fields": [
                {
                    "path": "what.amount",
                    "label": "Amount",
                    "format": "tokenAmount",
                    "params": {"tokenPath": "what.token"},
                },
                {"path": "to", "label": "To", "format": "addressName"},
                {"path": "until", "label": "Until", "format": "date", "params": {"encoding": "timestamp"}},
                {"path": "path.[-20:]", "label": "Last", "format": "addressName"},
                {"path": "kind", "label": "Kind", "format": "enum", "params": {"$ref": "$.metadata.enums.kinds"}},
                {"value": "for ever", "label": "Valid"},
            ],
        }
    }
    descriptor = {
        "context": {"contract": {"deployments": [{"chainId": 1, "address": VAULT}]}},
        "metadata": {"enums": {"kinds": {"2": "limit"}}},
        "display": {"formats": formats},
    }
    signature = "order((address,uint256),address,uint256,bytes,uint8)"
    call = Call.encode(VAULT, signature, (USDC, 5), ACCOUNT, 1_700_000_000, bytes(23) + bytes.fromhex(USDC[2:]), 2)
    (effect,) = derive(call, descriptor)
    assert effect.kind == Kind.UNKNOWN
    (declared,) = derive(call, descriptor, signature)
    assert (declared.kind, declared.note) == (Kind.CALL, effect.note)
    assert effect.note == (
        "Place an order: Amount 5 base units of usdc, To self, Until 2023-11-14T22:13:20Z, Last usdc, Kind limit, "
        "Valid for ever"
    )
