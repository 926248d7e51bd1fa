"""Somebody with money, who signs with anvil's first test key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount

from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.node import MNEMONIC


@dataclass(frozen=True)
class Person:
    """Acts on the devnet by token labels."""

    devnet: Devnet
    key: LocalAccount

    @property
    def address(self) -> str:
        return str(self.key.address)

    def token(self, label: str) -> str:
        return str(self.devnet.addresses()["tokens"][label]["address"])

    def venue(self, label: str) -> dict[str, Any]:
        found: dict[str, Any] = self.devnet.addresses()["venues"][label]
        return found

    def send(self, to: str, signature: str, *arguments: Any) -> dict[str, Any]:
        return self.devnet.world.rpc.send(self.address, to, signature, *arguments)

    def call(self, to: str, signature: str, *arguments: Any, returns: str) -> Any:
        return self.devnet.world.rpc.call(to, signature, *arguments, returns=returns, sender=self.address)

    def balance(self, label: str) -> int:
        return self.devnet.world.balance(self.address, label)

    def approve(self, label: str, spender: str, amount: int) -> None:
        self.send(self.token(label), "approve(address,uint256)", spender, amount)


@pytest.fixture
def people(chain: Devnet) -> tuple[Person, Person]:
    """Two of anvil's accounts, each with 100,000 USDC and 10 WETH."""
    Account.enable_unaudited_hdwallet_features()
    found = tuple(
        Person(chain, Account.from_mnemonic(MNEMONIC, account_path=f"m/44'/60'/0'/0/{index}")) for index in (0, 1)
    )
    for person in found:
        chain.world.fund(person.address, tokens={"usdc": 100_000, "weth": 10})
    return found[0], found[1]


@pytest.fixture
def person(people: tuple[Person, Person]) -> Person:
    return people[0]
