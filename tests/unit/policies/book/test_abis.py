"""abis/*.json: Solidity ABIs and ERC-7730 descriptors, and every fault with file, line and column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from treasurer.policies.book.abis import MOST_FUNCTIONS, AbiFile, Parameter, read_abi
from treasurer.policies.book.book import Book
from treasurer.policies.book.human_signature import read_encoded_type, read_human_signature
from treasurer.policies.errors import DocumentError
from treasurer.wallets.call import selector

VAULT = "0x7777777777777777777777777777777777777707"
FRAGMENT = {
    "type": "function",
    "name": "claim",
    "stateMutability": "payable",
    "inputs": [
        {"name": "to", "type": "address"},
        {
            "name": "orders",
            "type": "tuple[]",
            "components": [{"name": "id", "type": "uint256"}, {"name": "tag", "type": "bytes4"}],
        },
        {"name": "delta", "type": "int24[2]"},
    ],
}
SIGNATURE = "claim(address,(uint256,bytes4)[],int24[2])"
DESCRIPTOR: dict[str, Any] = {
    "$schema": "https://eips.ethereum.org/assets/eip-7730/erc7730-v1.schema.json",
    "context": {"contract": {"deployments": [{"chainId": 1, "address": VAULT}], "abi": [FRAGMENT]}},
    "metadata": {"owner": "Vault", "enums": {"tags": {"1": "one"}}, "constants": {"max": "0xff"}},
    "display": {
        "definitions": {"who": {"label": "To", "format": "addressName"}},
        "formats": {
            SIGNATURE: {
                "intent": "Claim rewards",
                "fields": [
                    {"path": "to", "$ref": "$.display.definitions.who", "params": {"types": ["eoa"]}},
                    {"path": "#.orders.[].id", "label": "Order", "format": "raw"},
                    {"path": "orders", "fields": [{"path": "[0].tag", "label": "Tag", "format": "raw"}]},
                    {
                        "path": "delta.[1]",
                        "label": "Kind",
                        "format": "enum",
                        "params": {"$ref": "$.metadata.enums.tags"},
                    },
                    {"path": "@.value", "label": "Paid", "format": "amount"},
                ],
            }
        },
    },
}


def read(value: Any) -> AbiFile:
    return read_abi("vault", json.dumps(value, indent=1).encode(), "abis/vault.json")


def faults(source: bytes | Any) -> tuple[str, ...]:
    source = source if isinstance(source, bytes) else json.dumps(source, indent=1).encode()
    with pytest.raises(DocumentError) as error:
        read_abi("vault", source, "abis/vault.json")
    return error.value.faults


def test_an_abi_gives_functions_by_selector_with_the_names_of_their_arguments() -> None:
    file = read([FRAGMENT, {"type": "event", "name": "Claimed", "inputs": []}, {"type": "constructor", "inputs": []}])
    assert list(file.functions) == [selector(SIGNATURE)]
    described = file.functions[selector(SIGNATURE)]
    assert described.signature == SIGNATURE
    assert described.payable
    members = (Parameter("id", "uint256"), Parameter("tag", "bytes4"))
    assert described.parameters == (
        Parameter("to", "address"),
        Parameter("orders", "(uint256,bytes4)[]", members),
        Parameter("delta", "int24[2]"),
    )


def test_the_artifact_of_a_compiler_is_read_for_its_abi() -> None:
    assert list(read({"abi": [FRAGMENT], "bytecode": "0x"}).functions) == [selector(SIGNATURE)]


def test_a_descriptor_gives_intent_and_labels_and_the_contracts_it_is_about() -> None:
    file = read(DESCRIPTOR)
    assert file.deployments == frozenset({(1, VAULT)})
    described = file.functions[selector(SIGNATURE)]
    assert described.intent == "Claim rewards"
    assert [(one.path, one.label, one.format) for one in described.shown] == [
        ("to", "To", "addressName"),
        ("orders.[].id", "Order", "raw"),
        ("orders.[0].tag", "Tag", "raw"),
        ("delta.[1]", "Kind", "enum"),
        ("@.value", "Paid", "amount"),
    ]
    assert described.shown[3].params is not None
    assert described.shown[3].params["values"] == {"1": "one"}


def test_a_descriptor_without_an_abi_spells_its_functions_with_names() -> None:
    formats = {"pay((address token, uint256 amount) order, address to)": {"intent": "Pay", "fields": []}}
    file = read({"context": {"contract": {"abi": "https://example.org/a.json"}}, "display": {"formats": formats}})
    (described,) = file.functions.values()
    assert described.signature == "pay((address,uint256),address)"
    assert described.parameters[0].members == (Parameter("token", "address"), Parameter("amount", "uint256"))
    assert file.deployments is None
    assert not described.payable


def test_a_descriptor_of_typed_data_gives_messages_by_their_encoded_type() -> None:
    encoded = "Order(Item[] items,uint256 nonce)Item(address token,uint256 amount)"
    types = {
        "EIP712Domain": [],
        "Item": [{"name": "token", "type": "address"}, {"name": "amount", "type": "uint256"}],
        "Order": [{"name": "items", "type": "Item[]"}, {"name": "nonce", "type": "uint256"}],
    }
    field = {
        "path": "items.[].amount",
        "label": "Amount",
        "format": "tokenAmount",
        "params": {"tokenPath": "items.[].token"},
    }
    for schemas, key in (([{"primaryType": "Order", "types": types}], "Order"), ([], encoded)):
        context = {"eip712": {"schemas": schemas, "deployments": [{"chainId": 1, "address": VAULT}]}}
        file = read({"context": context, "display": {"formats": {key: {"intent": "Sign", "fields": [field]}}}})
        assert list(file.messages) == [encoded]
        assert file.messages[encoded].shown[0].label == "Amount"


def changed(**display: Any) -> dict[str, Any]:
    return {**DESCRIPTOR, "display": {**DESCRIPTOR["display"], **display}}


def one_field(**field: Any) -> dict[str, Any]:
    return changed(formats={SIGNATURE: {"intent": "i", "fields": [field]}})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"{", "abis/vault.json:1:2: not JSON"),
        (b'{"a": 1, "a": 2}', "for the second time"),
        (b"[1.5]", "no whole number"),
        (b"\xff", "not UTF-8"),
        (b"3", "a list of ABI fragments or an ERC-7730 descriptor is expected"),
        (b"[" * 5000 + b"]" * 5000, "nested"),
        (
            [{"name": "f", "inputs": [{"type": "uint"}]}],
            "abis/vault.json:6:13: 0.inputs.0.type: uint is written uint256",
        ),
        ([{"name": "f", "inputs": [{"type": "uint7"}]}], "uint7 is no type"),
        ([{"name": "f", "inputs": [{"type": "address[0]"}]}], "array of no length"),
        ([{"name": "f", "inputs": [{"type": "tuple"}]}], "a list of parameters is expected"),
        ([{"name": "f", "inputs": [], "stateMutability": "free"}], "one of nonpayable, payable, pure, view"),
        ([{"name": "f", "inputs": [{"type": "bool"}] * 65}], "more than 64 parameters"),
        (
            [{"name": f"f{number}", "inputs": []} for number in range(MOST_FUNCTIONS + 1)],
            "keep those that the bot calls",
        ),
        ({"context": {}}, "a contract or about eip712 messages: one of the two"),
        ({**DESCRIPTOR, "includes": "./other.json"}, "files elsewhere are not followed"),
        ({**DESCRIPTOR, "displays": {}}, 'unknown key "displays"; did you mean "display"?'),
        (changed(formats={"clam()": {}}), "the ABI has no function clam()"),
        (one_field(path="too", label="x"), 'no argument is called too; did you mean "to"?'),
        (one_field(path="to.x", label="x"), "no argument is called x"),
        (one_field(path="to.[0]", label="x"), "does not fit the type address"),
        (one_field(path="to"), "a field has a label"),
        (one_field(path="to", label="x", format="adressName"), 'did you mean "addressName"?'),
        (one_field(path="to", label="x", format="date", params={"encodings": 1}), 'did you mean "encoding"?'),
        (
            one_field(path="to", label="x", format="enum", params={"$ref": "$.metadata.enums.tag"}),
            'did you mean "tags"?',
        ),
        (one_field(path="to", **{"$ref": "$.display.definitions.whom"}), 'did you mean "who"?'),
        (one_field(value="$.metadata.constants.mix", label="x"), "$.metadata.constants has no mix"),
        (one_field(path="@.gas", label="x"), "no @.gas"),
    ],
)
def test_a_wrong_file_is_a_fault_with_its_place(value: Any, words: str) -> None:
    found = faults(value)
    assert any(words in fault for fault in found), found
    assert all(fault.startswith("abis/vault.json:") for fault in found)


def test_a_fault_stands_at_the_line_of_its_value() -> None:
    source = b'[\n  {"name": "ok", "inputs": []},\n  {"name": "f", "inputs": [\n    {"type": "uint"}]}\n]'
    assert faults(source)[0].startswith("abis/vault.json:4:14: 1.inputs.0.type:")


BOOK = f'version: 1\nvenues:\n  vault: {{address: "{VAULT}", chains: [1], kind: own, abi: vault}}\n'


def test_a_venue_takes_the_names_of_its_functions_from_its_file_and_their_meaning_from_its_declarations() -> None:
    book = Book.read(BOOK.encode(), "book.yaml", {"abis/vault.json": json.dumps([FRAGMENT]).encode()})
    declared = book.declared(VAULT, 1, selector(SIGNATURE))
    assert declared is not None
    assert (declared.signature, declared.kind, declared.payable) == (SIGNATURE, "unknown", True)
    text = BOOK.replace(", abi: vault", f', abi: vault, functions: {{"{SIGNATURE}": {{effect: call}}}}')
    signed = Book.read(text.encode(), "book.yaml", {"abis/vault.json": json.dumps([FRAGMENT]).encode()})
    meant = signed.declared(VAULT, 1, selector(SIGNATURE))
    assert meant is not None
    assert (meant.kind, meant.payable, meant.described) == ("call", True, declared.described)
    assert book.declared(VAULT, 10, selector(SIGNATURE)) is None
    assert book.declared(VAULT, 1, b"\0\0\0\0") is None


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "book.yaml:3:"),
        ({"abis/vualt.json": b"[]"}, 'no file abis/vault.json beside the policy; did you mean "vualt"?'),
        ({"abis/vault.json": json.dumps(DESCRIPTOR).replace(VAULT, "0x" + "8" * 40).encode()}, "about other contracts"),
    ],
)
def test_a_venue_whose_file_is_not_there_or_is_about_another_contract_does_not_load(
    files: dict[str, bytes], words: str
) -> None:
    with pytest.raises(DocumentError, match=r"venues\.vault\.abi") as error:
        Book.read(BOOK.encode(), "book.yaml", files)
    assert words in str(error.value)


@pytest.mark.parametrize("text", ["f", "f(", "f(uint a)", "f(address a b c)", "1f()", "f(address 1)", "f(x)"])
def test_a_signature_that_nobody_could_mean_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written|type|parameter"):
        read_human_signature(text)


@pytest.mark.parametrize("text", ["Order", "A(A a)", "A(B b)", "A(address)", "A(address a)A(address a)"])
def test_a_message_type_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"written|nested|type"):
        read_encoded_type(text)
