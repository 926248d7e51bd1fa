"""Names that a request may use come from the book, and words for the coin from the chain."""

from __future__ import annotations

from treasurer.agent.context import SLIPPAGE_BPS, handles_of, labels_of, slippage_of
from treasurer.policies.book.book import Book
from treasurer.policies.language.policy import Policy
from treasurer.wallets.registry import Native, Registry, Token

ALICE, COLD, ROUTER, POL = ("0x" + digit * 40 for digit in "1234")
BOOK = Book.read(
    f"""
version: 1
payees: {{alice: {{address: "{ALICE}", chains: [137]}}, bob: {{address: "{ALICE}", chains: [1]}}}}
accounts: {{cold: {{address: "{COLD}", chains: [137]}}}}
tokens: {{wpol: {{address: "{POL}", chains: [137], decimals: 18, kind: weth9}}}}
venues: {{router: {{address: "{ROUTER}", chains: [137], kind: uniswap-v3-router}}}}
partners: {{alice: {{address: "{COLD}", chains: [137]}}, carol: {{address: "{COLD}", chains: [137]}}}}
""".encode()
)
REGISTRY = Registry(
    chain_id=137,
    name="polygon",
    native=Native(symbol="POL", decimals=18),
    wrapped_native="wpol",
    tokens={"wpol": Token(address=POL, decimals=18, kind="weth9", source="test")},
    venues={},
)


def test_handles_are_the_book_of_this_chain_alone() -> None:
    handles = handles_of(BOOK, REGISTRY)
    assert {label: payee.address for label, payee in handles.payees.items()} == {"alice": ALICE, "cold": COLD}
    assert {label: token.address for label, token in handles.tokens.items()} == {"native": "native", "wpol": POL}
    assert list(handles.venues) == ["router"]


def test_the_coin_is_called_what_its_chain_calls_it() -> None:
    """On Polygon, one ETH is not one POL."""
    handles = handles_of(BOOK, REGISTRY)
    assert handles.token("pol").is_native
    assert "eth" not in handles.aliases


def test_a_label_in_two_sections_is_the_payee() -> None:
    labels = labels_of(BOOK, 137)
    assert labels["alice"] == ALICE
    assert labels["carol"] == COLD
    assert labels["wpol"] == POL
    assert "bob" not in labels


def test_swaps_are_held_to_a_little_less_than_the_narrowest_bound_of_the_policy() -> None:
    rules = """
version: 1
name: p
chains: [137]
rules:
  - {id: wide, allow: swap, when: {slippage_bps: {max: 100, against: oracle}}}
  - {id: narrow, allow: [swap, wrap], when: {slippage_bps: {max: 20, against: oracle}}}
  - {id: never, deny: swap, when: {slippage_bps: {max: 1, against: oracle}}}
"""
    assert slippage_of(Policy.read(rules.encode(), BOOK)) == 18
    without = "version: 1\nname: p\nchains: [137]\nrules: [{id: all, allow: swap}]\n"
    assert slippage_of(Policy.read(without.encode(), BOOK)) == SLIPPAGE_BPS
