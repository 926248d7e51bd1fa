"""Aave on the devnet lends against the feeds: a fall of a price endangers a position, and somebody may liquidate it."""

from __future__ import annotations

import pytest

from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.errors import TransactionFailed

from .conftest import Person

VARIABLE = 2
ONE = 10**18
ACCOUNT_DATA = "(uint256,uint256,uint256,uint256,uint256,uint256)"


def supply(person: Person, label: str, amount: int) -> None:
    pool = person.venue("aave-v3")["address"]
    person.approve(label, pool, amount)
    person.send(pool, "supply(address,uint256,address,uint16)", person.token(label), amount, person.address, 0)


def borrow(person: Person, label: str, amount: int) -> None:
    pool = person.venue("aave-v3")["address"]
    signature = "borrow(address,uint256,uint256,uint16,address)"
    person.send(pool, signature, person.token(label), amount, VARIABLE, 0, person.address)


def health_factor(person: Person) -> int:
    pool = person.venue("aave-v3")["address"]
    found: int = person.call(pool, "getUserAccountData(address)", person.address, returns=ACCOUNT_DATA)[5]
    return found


def test_a_supply_earns_and_its_token_is_in_the_registry(chain: Devnet, person: Person) -> None:
    supply(person, "usdc", 50_000 * 10**6)
    a_token = person.venue("aave-v3")["reserves"]["usdc"]["a_token"]
    chain.world.advance(30 * 86_400)
    held = person.call(a_token, "balanceOf(address)", person.address, returns="(uint256)")
    assert 50_050 * 10**6 < held < 50_500 * 10**6


def test_a_loan_is_repaid_and_the_collateral_comes_back(person: Person) -> None:
    pool = person.venue("aave-v3")["address"]
    supply(person, "weth", 10 * ONE)
    borrow(person, "usdc", 10_000 * 10**6)
    # 25,000 USD at a threshold of 83 % over 10,000 USD.
    assert abs(health_factor(person) - 2_075 * 10**15) < 10**12
    person.approve("usdc", pool, 2**256 - 1)
    repay = "repay(address,uint256,uint256,address)"
    person.send(pool, repay, person.token("usdc"), 2**256 - 1, VARIABLE, person.address)
    person.send(pool, "withdraw(address,uint256,address)", person.token("weth"), 2**256 - 1, person.address)
    assert person.balance("weth") >= 10 * ONE
    assert health_factor(person) == 2**256 - 1


def test_more_than_the_collateral_allows_is_refused(person: Person) -> None:
    supply(person, "weth", 10 * ONE)
    with pytest.raises(TransactionFailed, match="reverted"):
        borrow(person, "usdc", 20_200 * 10**6)


def test_a_fall_of_the_price_lets_somebody_liquidate(chain: Devnet, people: tuple[Person, Person]) -> None:
    owner, other = people
    pool = owner.venue("aave-v3")["address"]
    supply(owner, "weth", 10 * ONE)
    borrow(owner, "usdc", 16_000 * 10**6)
    liquidate = "liquidationCall(address,address,address,uint256,bool)"
    terms = (owner.token("weth"), owner.token("usdc"), owner.address, 8_000 * 10**6, False)
    other.approve("usdc", pool, 8_000 * 10**6)
    with pytest.raises(TransactionFailed):
        other.send(pool, liquidate, *terms)
    chain.world.drop_price("weth", 25)
    assert health_factor(owner) < ONE
    before = other.balance("weth")
    other.send(pool, liquidate, *terms)
    # 8,000 USD and a bonus of 5 % at 1,875 USD.
    assert abs(other.balance("weth") - before - 448 * 10**16) < 10**13
