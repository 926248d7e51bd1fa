"""A small world for the judge: one book, real calldata, and policies as a person would write them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import Facts, Price, Spent
from treasurer.policies.judgement.judge import judge
from treasurer.policies.judgement.limits import counted
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.language.policy import Policy
from treasurer.policies.proposal import Proposal, Provenance
from treasurer.policies.verdict import Verdict
from treasurer.wallets.call import Call

BOOK = """
version: 1
payees:
  alice: {address: "0xa11Ce00000000000000000000000000000000a11", chains: [1, 31337]}
  bob: {address: "0xb0B0000000000000000000000000000000000B0B", chains: [1]}
  abroad: {address: "0xbeEF00000000000000000000000000000000CAfE", chains: [10]}
blocked:
  mallory: {address: "0xBAd0000000000000000000000000000000000Bad", chains: [1]}
venues:
  uniswap-v3: {address: "0x68b3465833fb72A70ecDF485E0e4C7bD8665Fc45", chains: [1], kind: uniswap-v3-router}
  aave-v3: {address: "0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2", chains: [1], kind: aave-v3-pool}
tokens:
  usdc: {address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", chains: [1], decimals: 6}
  dai: {address: "0x6B175474E89094C44Da98b954EedeAC495271d0F", chains: [1], decimals: 18}
  weth: {address: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", chains: [1], decimals: 18, kind: weth9}
people:
  ann: {address: "0x00000000000000000000000000000000000000A1", may: [approve]}
  ben: {address: "0x00000000000000000000000000000000000000b2", may: [approve, stop]}
  guest: {address: "0x00000000000000000000000000000000000000d4"}
accounts:
  cold: {address: "0xC01D00000000000000000000000000000000c01D", chains: [1]}
"""
STRANGER = "0x" + "5" * 40
SELF = "0x1111111111111111111111111111111111111101"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass
class World:
    """The book's addresses by label, builders of calldata, and a judge with prices of 1 USD and 2,500 USD."""

    book: Book = field(default_factory=lambda: Book.read(BOOK.encode()))
    account: str = SELF
    stranger: str = STRANGER
    noon: datetime = NOON
    book_text: str = BOOK

    def at(self, label: str) -> str:
        """The address of a label, in whatever section it stands."""
        addresses = [self.book.section(name, chain).get(label) for name in self.book.sections for chain in (1, 10)]
        return next(address for address in addresses if address)

    def transfer(self, token: str, to: str, base_units: int) -> Call:
        return Call.encode(self.at(token), "transfer(address,uint256)", self._who(to), base_units)

    def approve(self, token: str, spender: str, base_units: int) -> Call:
        return Call.encode(self.at(token), "approve(address,uint256)", self._who(spender), base_units)

    def pay_native(self, to: str, wei: int) -> Call:
        return Call(to=self._who(to), value=wei)

    def swap(self, sold: str, amount: int, bought: str, minimum: int, recipient: str = SELF) -> Call:
        signature = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
        terms = (self.at(sold), self.at(bought), 500, self._who(recipient), amount, minimum, 0)
        return Call.encode(self.at("uniswap-v3"), signature, terms)

    def supply(self, token: str, amount: int, owner: str = SELF) -> Call:
        signature = "supply(address,uint256,address,uint16)"
        return Call.encode(self.at("aave-v3"), signature, self.at(token), amount, self._who(owner), 0)

    def withdraw(self, token: str, amount: int, to: str = SELF) -> Call:
        signature = "withdraw(address,uint256,address)"
        return Call.encode(self.at("aave-v3"), signature, self.at(token), amount, self._who(to))

    def borrow(self, token: str, amount: int) -> Call:
        signature = "borrow(address,uint256,uint256,uint16,address)"
        return Call.encode(self.at("aave-v3"), signature, self.at(token), amount, 2, 0, self.account)

    def policy(self, text: str) -> Policy:
        """A policy of rules, limits and breakers alone: version, name and chain are added."""
        return PolicyBundle.from_bytes(f"version: 1\nname: t\nchains: [1]\n{text}".encode(), BOOK.encode()).policy

    def rules(self, *lines: str) -> Policy:
        """A policy of one rule a line, in flow style."""
        return self.policy("rules:\n" + "\n".join(f"  - {{{line}}}" for line in lines))

    def propose(self, *calls: Call, provenance: dict[str, Provenance] | None = None, **more: Any) -> Proposal:
        fields: dict[str, Any] = {"chain_id": 1, "account": self.account, "calls": calls, "run": "test"}
        fields |= {"intent_key": "0x" + "1" * 64, "expires_at": NOON, "provenance": provenance or {}}
        return Proposal(**(fields | more))

    def facts(self, *, unpriced: tuple[str, ...] = (), **more: Any) -> Facts:
        usd = {"usdc": "1", "dai": "1", "weth": "2500"}
        prices = {self.at(label): Price(usd=Decimal(price)) for label, price in usd.items() if label not in unpriced}
        prices["native"] = Price(usd=Decimal(2500))
        fields: dict[str, Any] = {"at": NOON, "static": True, "prices": prices, "not_held": ("gas", "breakers")}
        return Facts(**(fields | more))

    def judge(self, policy: Policy, *calls: Call, facts: Facts | None = None, **more: Any) -> Verdict:
        return judge(policy, self.book, self.propose(*calls, **more), facts or self.facts())

    def counted(self, *calls: Call, facts: Facts | None = None) -> tuple[Spent, ...]:
        """What the calls count, the proposal itself left out."""
        facts = facts or self.facts()
        proposal = self.propose(*calls)
        everything = self.policy("rules: []")
        effects = judge(everything, self.book, proposal, facts).effects
        return tuple(row for row in counted(effects, proposal, self.book, facts) if row.counter != "count")

    def effect(self, kind: Kind, **fields: Any) -> Effect:
        return Effect(kind=kind, **fields)

    def _who(self, name: str) -> str:
        return name if name.startswith("0x") else SELF if name == "self" else self.at(name)


@pytest.fixture(scope="session")
def world() -> World:
    return World()
