"""concentration_after: how much of what is held one asset may be, at worst."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import Simulated
from treasurer.policies.worth import Unknown

WETH = 10**18
USDC = 10**6


@pytest.fixture
def truth(world):
    """What {asset: weth, max_pct: 60} says of these effects on 10,000 USDC and 2 WETH (USD 5,000)."""

    def _truth(*effects, balances: dict[str, int] | None = None, **facts: Any) -> bool | Unknown:
        text = "id: r, allow: swap, when: {concentration_after: {asset: weth, max_pct: 60}}"
        condition = world.rules(text).rules[0].when[0]
        held = {world.at("usdc"): 10_000 * USDC, world.at("weth"): 2 * WETH, "native": 0}
        known = world.facts(balances=held if balances is None else balances, **facts)
        return condition.judge(Subject(effects[0], world.propose(), world.book, known, effects, 0))

    return _truth


@pytest.fixture
def buys(world):
    """A swap of USDC for at least so many WETH."""

    def _buys(usdc: int, weth: int, **more: Any):
        fields = {"asset": world.at("usdc"), "amount": usdc * USDC, "bought": world.at("weth")}
        return world.effect(Kind.SWAP, **fields | {"bought_minimum": weth * WETH, "counterparty": world.account} | more)

    return _buys


def test_what_is_sold_and_what_is_bought_at_least_count(world, truth, buys) -> None:
    assert truth(buys(2_500, 1)) is True  # 7,500 of 15,000
    assert truth(buys(5_000, 2)) is False  # 10,000 of 15,000
    assert truth(buys(2_500, 1), buys(2_500, 1)) is False  # together


def test_exactly_the_bound_is_within(world, truth) -> None:
    nothing = world.effect(Kind.CALL)
    usdc, weth = world.at("usdc"), world.at("weth")

    assert truth(nothing, balances={usdc: 4_000 * USDC, weth: 6_000 * WETH // 2_500}) is True
    assert truth(nothing, balances={usdc: 4_000 * USDC - 1, weth: 6_000 * WETH // 2_500}) is False


def test_a_payment_of_the_other_asset_concentrates_too(world, truth) -> None:
    pays = world.effect(Kind.TRANSFER, asset=world.at("usdc"), amount=8_000 * USDC, counterparty=world.at("alice"))

    assert truth(pays) is False
    assert truth(pays.model_copy(update={"amount": 5_000 * USDC})) is True
    assert truth(pays.model_copy(update={"counterparty": world.account})) is True


def test_an_open_approval_of_the_other_asset_may_be_used(world, truth) -> None:
    spender = world.at("uniswap-v3")
    opens = world.effect(Kind.APPROVAL, asset=world.at("usdc"), amount=8_000 * USDC, counterparty=spender)

    assert truth(opens) is False
    assert truth(opens.model_copy(update={"asset": world.at("weth"), "amount": 2 * WETH})) is True


def test_only_what_surely_leaves_makes_the_share_smaller(world, truth) -> None:
    sells = world.effect(Kind.TRANSFER, asset=world.at("weth"), amount=WETH, counterparty=world.at("alice"))
    balances = {world.at("usdc"): 2_500 * USDC, world.at("weth"): 2 * WETH}

    assert truth(sells, balances=balances) is True
    assert truth(sells.model_copy(update={"exact": False}), balances=balances) is False


def test_what_is_borrowed_or_withdrawn_comes(world, truth) -> None:
    borrows = world.effect(Kind.BORROW, asset=world.at("weth"), amount=5 * WETH)
    withdraws = world.effect(Kind.WITHDRAW, asset=world.at("weth"), amount=5 * WETH, counterparty=world.account)

    assert truth(borrows) is False
    assert truth(withdraws) is False
    assert truth(withdraws.model_copy(update={"counterparty": world.at("alice")})) is True
    assert isinstance(truth(withdraws.model_copy(update={"amount": 2**256 - 1})), Unknown)


def test_a_settled_approval_and_what_somebody_else_gets_do_not_count(world, truth, buys) -> None:
    usdc = world.at("usdc")
    settled = world.effect(Kind.APPROVAL, asset=usdc, amount=8_000 * USDC, counterparty=world.at("alice"), settled_by=1)
    deed = world.effect(Kind.NFT_TRANSFER, asset=usdc, counterparty=world.at("alice"))

    assert truth(settled, buys(100, 0)) is True
    assert truth(deed) is True
    assert truth(buys(2_500, 9, counterparty=world.at("alice"))) is True


def test_the_simulation_is_believed_where_it_is_worse(world, truth, buys) -> None:
    usdc, weth = world.at("usdc"), world.at("weth")
    more = Simulated(succeeded=True, outflows={usdc: 5_000 * USDC}, inflows={weth: 2 * WETH})
    less = Simulated(succeeded=True, outflows={usdc: 0}, inflows={weth: 0})

    assert truth(buys(2_500, 1), simulation=more) is False
    assert truth(buys(2_500, 1), simulation=less) is True
    assert truth(buys(5_000, 2), simulation=less) is False


def test_what_has_no_price_no_balance_or_no_amount_is_unknown(world, truth, buys) -> None:
    dai = {world.at("dai"): 1, world.at("usdc"): 1, world.at("weth"): 1}

    assert isinstance(truth(buys(1, 0), balances={}), Unknown)
    assert isinstance(truth(buys(1, 0), balances={world.at("usdc"): 5}), Unknown)
    assert isinstance(truth(buys(1, 0, amount=None)), Unknown)
    prices = world.facts(unpriced=("dai",)).prices
    assert truth(buys(0, 0), balances=dai, prices=prices) == Unknown("the price of dai")
    assert not isinstance(truth(buys(0, 0), balances=dai | {world.at("dai"): 0}, prices=prices), Unknown)


def test_it_decides_a_whole_proposal(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {concentration_after: {asset: weth, max_pct: 60}}")
    balances = {world.at("usdc"): 10_000 * USDC, world.at("weth"): 2 * WETH}

    for amount, least, decision in ((2_500, 1, "allow"), (5_000, 2, "deny")):
        call = world.swap("usdc", amount * USDC, "weth", least * WETH)
        assert world.judge(policy, call, facts=world.facts(balances=balances)).decision == decision
    assert world.judge(policy, world.swap("usdc", 1, "weth", 1)).decision == "deny"


@pytest.mark.parametrize("terms", ["{asset: wheth, max_pct: 60}", "{asset: weth}", "{asset: weth, max_pct: 0}"])
def test_what_cannot_be_meant_is_a_fault(world, terms: str) -> None:
    with pytest.raises(DocumentError):
        world.rules(f"id: r, allow: swap, when: {{concentration_after: {terms}}}")
