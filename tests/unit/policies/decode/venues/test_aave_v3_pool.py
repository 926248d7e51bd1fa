"""Aave v3: for whom, how much at most, and what only switches."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call

Effects = Callable[..., tuple[Effect, ...]]
EVERYTHING = 2**256 - 1


@pytest.mark.parametrize("name", ["supply", "deposit"])
def test_a_supply_names_whose_position_it_fills(effects_of: Effects, who: SimpleNamespace, name: str) -> None:
    (effect,) = effects_of(Call.encode(who.pool, f"{name}(address,uint256,address,uint16)", who.usdc, 5, who.alice, 0))
    assert (effect.kind, effect.asset, effect.amount, effect.on_behalf_of) == (Kind.SUPPLY, who.usdc, 5, who.alice)


def test_a_withdrawal_is_for_its_recipient(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "withdraw(address,uint256,address)"
    (some,) = effects_of(Call.encode(who.pool, signature, who.usdc, 5, who.alice))
    (everything,) = effects_of(Call.encode(who.pool, signature, who.usdc, EVERYTHING, who.self))
    assert (some.kind, some.amount, some.counterparty, some.on_behalf_of) == (Kind.WITHDRAW, 5, who.alice, who.alice)
    assert (everything.amount, everything.exact, everything.note) == (EVERYTHING, False, "everything")


def test_a_borrow_names_who_owes(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(
        Call.encode(who.pool, "borrow(address,uint256,uint256,uint16,address)", who.usdc, 5, 2, 0, who.self)
    )
    assert (effect.kind, effect.asset, effect.amount, effect.on_behalf_of) == (Kind.BORROW, who.usdc, 5, who.self)


def test_a_repayment_is_a_maximum(effects_of: Effects, who: SimpleNamespace) -> None:
    (plain,) = effects_of(Call.encode(who.pool, "repay(address,uint256,uint256,address)", who.usdc, 5, 2, who.self))
    (burnt,) = effects_of(Call.encode(who.pool, "repayWithATokens(address,uint256,uint256)", who.usdc, EVERYTHING, 2))
    assert (plain.kind, plain.amount, plain.exact) == (Kind.REPAY, 5, False)
    assert (burnt.kind, burnt.exact, burnt.on_behalf_of) == (Kind.REPAY, False, who.self)


def test_switches_are_calls(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(
        Call.encode(who.pool, "setUserUseReserveAsCollateral(address,bool)", who.usdc, False),
        Call.encode(who.pool, "setUserEMode(uint8)", 1),
    )
    assert [effect.kind for effect in effects] == [Kind.CALL, Kind.CALL]


@pytest.mark.parametrize(
    ("signature", "arguments"),
    [
        ("flashLoanSimple(address,address,uint256,bytes,uint16)", ("stranger", "usdc", 5, b"", 0)),
        ("liquidationCall(address,address,address,uint256,bool)", ("usdc", "weth", "stranger", 5, False)),
    ],
)
def test_flash_loans_and_liquidations_are_unknown(
    effects_of: Effects, who: SimpleNamespace, signature: str, arguments: tuple[object, ...]
) -> None:
    resolved = [getattr(who, value) if isinstance(value, str) else value for value in arguments]
    (effect,) = effects_of(Call.encode(who.pool, signature, *resolved))
    assert effect.kind == Kind.UNKNOWN


def test_an_asset_outside_the_book_is_unknown(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(Call.encode(who.pool, "supply(address,uint256,address,uint16)", who.fake, 5, who.self, 0))
    assert [effect.kind for effect in effects] == [Kind.SUPPLY, Kind.UNKNOWN]
