"""The kinds that a book may name are those that decoding, observation and pins know, and a misspelt one is a fault."""

from __future__ import annotations

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.book.contract_kinds import (
    AS_DECLARED,
    CONTRACT_ACCOUNTS,
    MULTISENDS,
    TOKEN_KINDS,
    VENUE_KINDS,
)
from treasurer.policies.decode.registry import ACCOUNTS, BY_KIND, KEEPS_PLAIN_VALUE, RECEIVES
from treasurer.policies.errors import DocumentError
from treasurer.policies.observation.prices.portfolio import _AAVE_POOL
from treasurer.policies.observation.reads.accounts import contract_accounts
from treasurer.policies.observation.reads.ens import ENS_REGISTRY_KIND
from treasurer.wallets.registry import Registry, registry_of

CHAINS = (1, 10, 137, 8453, 42161)
AT = "0x" + "7" * 40


def read(section: str, kind: str) -> Book:
    more = ", decimals: 6" if section == "tokens" else ""
    vault = "" if kind != "erc4626" else ", asset: usdc"
    tokens = "" if section == "tokens" else f'tokens: {{usdc: {{address: "0x{"8" * 40}", chains: [1], decimals: 6}}}}\n'
    entry = f'{{address: "{AT}", chains: [1], kind: {kind}{more}{vault}}}'
    return Book.read(f"version: 1\n{tokens}{section}: {{x: {entry}}}\n".encode())


def test_every_kind_of_a_book_is_one_whose_functions_are_known_and_no_other() -> None:
    without_functions = {AS_DECLARED, "safe-multisend"}
    assert set(BY_KIND) | without_functions == VENUE_KINDS
    assert not set(BY_KIND) & without_functions
    assert VENUE_KINDS >= TOKEN_KINDS
    assert MULTISENDS & set(BY_KIND) == {"safe-multisend-call-only"}
    assert set(RECEIVES) | KEEPS_PLAIN_VALUE | {ENS_REGISTRY_KIND, _AAVE_POOL} <= VENUE_KINDS


def test_every_contract_account_makes_calls_that_are_decoded_and_is_read_before_and_after() -> None:
    assert set(ACCOUNTS) >= CONTRACT_ACCOUNTS
    read_of = {kind for kind in VENUE_KINDS if contract_accounts(read("venues", kind), 1, (AT,))}
    assert read_of == CONTRACT_ACCOUNTS, "pins deny an account of which nothing is read"


@pytest.mark.parametrize("kind", sorted(VENUE_KINDS))
def test_a_book_may_name_each(kind: str) -> None:
    venue = read("venues", kind).venue(AT, 1)
    assert venue is not None
    assert venue.kind == kind
    if kind in TOKEN_KINDS:
        token = read("tokens", kind).token(AT, 1)
        assert token is not None
        assert token.kind == kind


@pytest.mark.parametrize(
    ("section", "kind", "words"),
    [
        ("venues", "uniswap-v3-ruter", 'did you mean "uniswap-v3-router"'),
        ("venues", "aave-v3", 'did you mean "aave-v3-pool"'),
        ("venues", "rewards", "a contract with functions or an abi of its own is kind: own"),
        ("tokens", "weth", 'did you mean "weth9"'),
        ("tokens", "uniswap-v3-router", "known here: erc1155, erc20, erc721, weth9"),
        ("tokens", "[erc20]", "is no kind of token"),
    ],
)
def test_any_other_word_is_a_fault_with_the_nearest(section: str, kind: str, words: str) -> None:
    with pytest.raises(DocumentError) as fault:
        read(section, kind)
    assert words in str(fault.value)
    assert f"{section}.x.kind" in str(fault.value)


@pytest.mark.parametrize("chain_id", CHAINS)
def test_the_registries_name_such_kinds_alone(chain_id: int) -> None:
    registry: Registry = registry_of(chain_id)
    assert {token.kind for token in registry.tokens.values()} <= TOKEN_KINDS
    assert {venue.kind for venue in registry.venues.values()} <= VENUE_KINDS
