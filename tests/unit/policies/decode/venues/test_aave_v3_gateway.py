"""Aave v3 beside the plain pool: permits in the same call, the gateway for the chain's coin, packed calls."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.decode.venues.aave_v3_l2_pool import PACKED_CALLS
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call, argument_types
from treasurer.wallets.values import NATIVE, ZERO_ADDRESS

Effects = Callable[..., tuple[Effect, ...]]
EVERYTHING = 2**256 - 1
R, S = b"\1" * 32, b"\2" * 32
SUPPLY = "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)"
REPAY = "repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)"
GATEWAY = "0x" + "8" * 40


def test_a_permit_that_its_own_supply_uses_up_is_settled_by_it(effects_of: Effects, who: SimpleNamespace) -> None:
    permit, supply = effects_of(Call.encode(who.pool, SUPPLY, who.dai, 5, who.self, 0, 99, 27, R, S))
    assert (permit.kind, permit.asset, permit.amount, permit.counterparty) == (Kind.PERMIT, who.dai, 5, who.pool)
    assert (permit.target, permit.deadline, permit.settled_by) == (who.dai, 99, 1)
    assert (supply.kind, supply.asset, supply.amount, supply.on_behalf_of) == (Kind.SUPPLY, who.dai, 5, who.self)


def test_a_permit_of_more_than_is_owed_stays_open(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(Call.encode(who.pool, REPAY, who.dai, EVERYTHING, 2, who.alice, 99, 27, R, S))
    assert [effect.kind for effect in effects] == [Kind.PERMIT, Kind.UNLIMITED_APPROVAL, Kind.REPAY]
    assert effects[0].settled_by is None
    assert (effects[2].on_behalf_of, effects[2].exact) == (who.alice, False)


def test_a_permit_of_a_token_that_has_none_is_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(Call.encode(who.pool, SUPPLY, who.weth, 5, who.self, 0, 99, 27, R, S))
    assert [effect.kind for effect in effects] == [Kind.PERMIT, Kind.UNKNOWN, Kind.SUPPLY]
    assert effects[1].beside == 0


def test_a_position_manager_is_an_operator(effects_of: Effects, who: SimpleNamespace) -> None:
    (given,) = effects_of(Call.encode(who.pool, "approvePositionManager(address,bool)", who.stranger, True))
    (taken,) = effects_of(Call.encode(who.pool, "approvePositionManager(address,bool)", who.stranger, False))
    assert (given.kind, given.counterparty) == (Kind.OPERATOR_APPROVAL, who.stranger)
    assert taken.kind == Kind.CALL


def test_a_liquidation_names_what_it_pays_at_most(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "liquidationCall(address,address,address,uint256,bool)"
    (effect,) = effects_of(Call.encode(who.pool, signature, who.weth, who.dai, who.alice, 5, False))
    assert (effect.kind, effect.asset, effect.amount, effect.on_behalf_of) == (Kind.UNKNOWN, who.dai, 5, who.alice)


@pytest.mark.parametrize("function", PACKED_CALLS, ids=lambda function: function.signature)
def test_packed_calls_are_unknown_and_say_why(effects_of: Effects, who: SimpleNamespace, function) -> None:
    words = [R] * len(argument_types(function.signature))
    (effect,) = effects_of(Call.encode(who.pool, function.signature, *words))
    assert effect.kind == Kind.UNKNOWN
    assert "packed" in effect.unknown[0]


def gateway(effects_of: Effects, signature: str, *arguments: object, value: int = 0) -> tuple[Effect, ...]:
    return effects_of(Call.encode(GATEWAY, signature, *arguments, value=value), venues={GATEWAY: "aave-v3-gateway"})


def test_the_gateway_supplies_and_repays_with_the_value_of_the_call(effects_of: Effects, who: SimpleNamespace) -> None:
    (supply,) = gateway(effects_of, "depositETH(address,address,uint16)", who.pool, who.alice, 0, value=5)
    assert (supply.kind, supply.asset, supply.amount, supply.on_behalf_of) == (Kind.SUPPLY, NATIVE, 5, who.alice)
    for signature, arguments in (
        ("repayETH(address,uint256,address)", (who.pool, EVERYTHING, who.alice)),
        ("repayETH(address,uint256,uint256,address)", (who.pool, EVERYTHING, 2, who.alice)),
    ):
        (repay,) = gateway(effects_of, signature, *arguments, value=5)
        assert (repay.kind, repay.asset, repay.amount, repay.exact) == (Kind.REPAY, NATIVE, 5, False)
        assert repay.on_behalf_of == who.alice


def test_a_withdrawal_through_the_gateway_is_for_its_recipient(effects_of: Effects, who: SimpleNamespace) -> None:
    (some,) = gateway(effects_of, "withdrawETH(address,uint256,address)", who.pool, 5, who.stranger)
    assert (some.kind, some.amount, some.counterparty, some.on_behalf_of) == (
        Kind.WITHDRAW,
        5,
        who.stranger,
        who.stranger,
    )
    permit = "withdrawETHWithPermit(address,uint256,address,uint256,uint8,bytes32,bytes32)"
    effects = gateway(effects_of, permit, who.pool, EVERYTHING, who.self, 99, 27, R, S)
    assert [effect.kind for effect in effects] == [Kind.WITHDRAW, Kind.UNKNOWN, Kind.UNLIMITED_APPROVAL]


def test_a_borrow_through_the_gateway_is_ours_and_takes_no_value(effects_of: Effects, who: SimpleNamespace) -> None:
    for signature, arguments in (
        ("borrowETH(address,uint256,uint16)", (who.pool, 5, 0)),
        ("borrowETH(address,uint256,uint256,uint16)", (who.pool, 5, 2, 0)),
    ):
        (borrow,) = gateway(effects_of, signature, *arguments)
        assert (borrow.kind, borrow.amount, borrow.on_behalf_of) == (Kind.BORROW, 5, who.self)
        stray = gateway(effects_of, signature, *arguments, value=1)
        assert [effect.kind for effect in stray] == [Kind.TRANSFER, Kind.UNKNOWN, Kind.BORROW]


def test_a_pool_that_the_book_does_not_name_is_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    """Earlier gateways used the pool that they were given."""
    for signature, *arguments in (
        ("depositETH(address,address,uint16)", who.self, 0),
        ("withdrawETH(address,uint256,address)", 5, who.self),
        ("repayETH(address,uint256,address)", 5, who.self),
        ("borrowETH(address,uint256,uint16)", 5, 0),
    ):
        (first, unknown) = gateway(effects_of, signature, who.stranger, *arguments)
        assert (unknown.kind, unknown.beside) == (Kind.UNKNOWN, 0)
        assert who.stranger in unknown.unknown[0]
        assert gateway(effects_of, signature, ZERO_ADDRESS, *arguments) == (first,)
        assert gateway(effects_of, signature, who.router, *arguments)[1].kind is Kind.UNKNOWN
