"""Functions that a book declares: read as the owner signed them, refused where the lines cannot be meant."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.book.declared import passes_calls_on
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call

VAULT, USDC, ACCOUNT, ALICE = ("0x" + digit * 40 for digit in "1234")
TRANSFER = '"donate(address,uint256)": {effect: transfer, asset: usdc, to: 0, amount: 1}'


def _book(functions: str, *, chains: str = "[1]") -> Book:
    text = (
        f'version: 1\ntokens: {{usdc: {{address: "{USDC}", chains: {chains}, decimals: 6}}}}\n'
        f'venues: {{vault: {{address: "{VAULT}", chains: [1], kind: own, functions: {{{functions}}}}}}}\n'
    )
    return Book.read(text.encode())


def _effects(book: Book, call: Call) -> tuple[Effect, ...]:
    proposal = Proposal(
        chain_id=1, account=ACCOUNT, calls=(call,), intent_key="0x" + "00" * 32, run="r",
        expires_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return derive_effects(proposal, book)


def test_a_declared_transfer_is_one() -> None:
    (effect,) = _effects(_book(TRANSFER), Call.encode(VAULT, "donate(address,uint256)", ALICE, 5))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, USDC, 5, ALICE)


def test_a_declared_call_moves_nothing() -> None:
    (effect,) = _effects(_book('"poke()": {}'), Call.encode(VAULT, "poke()"))
    assert (effect.kind, effect.target) == (Kind.CALL, VAULT)


@pytest.mark.parametrize(
    "call",
    [
        Call.encode(VAULT, "other(address,uint256)", ALICE, 5),
        Call(to=VAULT, data=Call.encode(VAULT, "donate(address,uint256)", ALICE, 5).data + b"\0"),
        Call.encode(VAULT, "donate(address,uint256)", ALICE, 5, value=1),
    ],
    ids=["not declared", "not canonical", "value sent along"],
)
def test_what_is_not_declared_stays_unknown(call: Call) -> None:
    assert Kind.UNKNOWN in {effect.kind for effect in _effects(_book(TRANSFER), call)}


def test_an_asset_that_is_not_on_the_chain_is_unknown() -> None:
    book = _book(TRANSFER, chains="[10]")
    (effect,) = _effects(book, Call.encode(VAULT, "donate(address,uint256)", ALICE, 5))
    assert effect.kind is Kind.UNKNOWN


@pytest.mark.parametrize(
    ("functions", "said"),
    [
        ('"donate address": {}', "a function is written as in donate(address,uint256)"),
        ('"donate(addres)": {}', "has a type that there is not"),
        ('"donate(uint)": {}', "write uint256, not uint"),
        ('"donate(address,uint256)": {effect: transfer, asset: usdc, to: 1, amount: 0}', "is no uint"),
        ('"donate(address,uint256)": {effect: transfer, asset: usdc, to: 0, amount: 2}', "argument 2"),
        ('"donate(address,uint256)": {effect: transfer, asset: usdc}', "a transfer has asset, amount and to"),
        ('"donate(address,uint256)": {to: 0}', "a call has none of them"),
        ('"donate(address,uint256)": {efect: call}', 'did you mean "effect"?'),
        *(
            (f'"{signature}": {{effect: call}}', f"{signature} means the same on every contract")
            for signature in (
                "approve(address,uint256)",
                "increaseAllowance(address,uint256)",
                "transfer(address,uint256)",
                "transferFrom(address,address,uint256)",
                "setApprovalForAll(address,bool)",
                "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
                "approve(address,address,uint160,uint48)",
                "transferOwnership(address)",
                "execute(address,uint256,bytes)",
                "execTransactionFromModule(address,uint256,bytes,uint8)",
                "aggregate3((address,bool,bytes)[])",
                "multicall(bytes[])",
            )
        ),
    ],
)
def test_a_declaration_that_cannot_be_meant_does_not_load(functions: str, said: str) -> None:
    with pytest.raises(DocumentError) as error:
        _book(functions)
    assert said in str(error.value)


def test_what_means_the_same_everywhere_is_refused_at_its_line() -> None:
    with pytest.raises(DocumentError, match=r"^book\.yaml:3:\d+: venues\.vault\.functions\.approve"):
        _book('"approve(address,uint256)": {effect: transfer, asset: usdc, to: 0, amount: 1}')


@pytest.mark.parametrize(
    ("signature", "passes_on"),
    [
        ("run(address,bytes)", True),
        ("run((address,bytes)[])", True),
        ("run(bytes[])", True),
        ("run(address,bytes32)", False),
        ("run(bytes)", False),
        ("run(address,uint256)", False),
    ],
)
def test_bytes_beside_an_address_may_be_a_call(signature: str, passes_on: bool) -> None:
    assert passes_calls_on(signature) is passes_on
