"""Conditions that could never hold, or never mean what they say, are faults at their line."""

from __future__ import annotations

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.errors import DocumentError
from treasurer.policies.language.policy import Policy

BOOK = f"""
version: 1
tokens:
  usdc: {{address: "0x{"a" * 40}", chains: [1], decimals: 6}}
  deeds: {{address: "0x{"b" * 40}", chains: [1], decimals: 0, kind: erc721}}
"""


def _read(kind: str, when: str) -> Policy:
    text = f"version: 1\nname: x\nchains: [1, 10]\nrules:\n  - {{id: a, allow: {kind}, when: {{{when}}}}}\n"
    return Policy.read(text.encode(), Book.read(BOOK.encode()))


@pytest.mark.parametrize(
    ("kind", "when", "words"),
    [
        ("transfer", "chain: 2", "the policy is for chain 1, 10: chain 2 never comes"),
        ("transfer", "chain: [1, 8453]", "chain 8453 never comes"),
        ("nft_transfer", "nft: {collection: [deeds, usdc]}", "usdc is no collection: it is erc20"),
        ("nft_transfer", "nft: {collection: native}", "native is no collection: it is the coin"),
        ("transfer", 'time: {from: "09:00", to: "09:00", timezone: UTC}', "from and to are one time"),
        ("borrow", "health_factor_after: {min: 0.99}", "below 1 a position is liquidated"),
    ],
)
def test_a_condition_that_cannot_be_meant_does_not_load(kind: str, when: str, words: str) -> None:
    with pytest.raises(DocumentError) as error:
        _read(kind, when)
    assert words in str(error.value)
    assert str(error.value).startswith("policy.yaml:5:")


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("transfer", "chain: [1, 10]"),
        ("nft_transfer", "nft: {collection: deeds}"),
        ("transfer", 'time: {from: "17:00", to: "09:00", timezone: UTC}'),
        ("borrow", "health_factor_after: {min: 1}"),
    ],
)
def test_its_neighbour_that_can_does(kind: str, when: str) -> None:
    assert _read(kind, when).rules
