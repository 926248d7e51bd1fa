"""Aave v3: supply, withdraw, borrow, repay to the last unit, and the defence of a position."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.tools import NotEnough, NotOffered, Unresolvable
from treasurer.wallets.values import UINT256_MAX

from .conftest import Treasury


@pytest.fixture
async def indebted(treasury: Treasury) -> Treasury:
    """5 WETH supplied, 4,000 USDC owed: a health factor of about 2.6."""
    await treasury.do("supply", amount="5 weth")
    await treasury.do("borrow", amount="4000 usdc")
    return treasury


async def test_supply_and_take_everything_back(treasury: Treasury) -> None:
    await treasury.do("supply", amount="10000 usdc", venue="aave-v3")
    assert treasury.balance("usdc") == 40_000
    treasury.devnet.world.advance(86_400)
    proposal = await treasury.do("withdraw", amount="all usdc")
    assert proposal.claims[0].amount == UINT256_MAX
    assert treasury.balance("usdc") > 50_000


async def test_a_part_is_withdrawn(treasury: Treasury) -> None:
    await treasury.do("supply", amount="10000 usdc")
    await treasury.do("withdraw", amount="2500 usdc")
    assert treasury.balance("usdc") == 42_500
    with pytest.raises(NotEnough, match=r"2[0-9.]+ usdc short of"):
        await treasury.build("withdraw", amount="10000 usdc")


async def test_native_coin_is_wrapped_to_be_supplied(treasury: Treasury) -> None:
    proposal = await treasury.do("supply", amount="1 eth")
    assert len(proposal.calls) == 3
    assert treasury.balance("weth") == 5


async def test_a_debt_is_repaid_to_the_last_unit_with_its_interest(indebted: Treasury) -> None:
    indebted.devnet.world.advance(86_400)
    await indebted.do("repay", amount="all usdc")
    assert await indebted.health_factor() is None
    assert 49_998 < indebted.balance("usdc") < 50_000


async def test_a_part_of_a_debt_is_repaid(indebted: Treasury) -> None:
    await indebted.do("repay", amount="1000 usdc")
    assert indebted.balance("usdc") == 53_000
    health = await indebted.health_factor()
    assert health is not None
    assert health > 3


async def test_what_is_not_there_is_named(indebted: Treasury) -> None:
    with pytest.raises(NotEnough, match="supply more first"):
        await indebted.build("borrow", amount="9000 usdc")
    with pytest.raises(NotEnough, match="no debt"):
        await indebted.build("repay", amount="1 dai")
    with pytest.raises(Unresolvable, match="nothing"):
        await indebted.build("withdraw", amount="all dai")
    with pytest.raises(NotOffered, match="weth"):
        await indebted.build("borrow", amount="1 eth")
    with pytest.raises(NotEnough, match="dai short"):
        await indebted.build("supply", amount="10 dai")


async def test_the_health_factor_is_raised_by_repaying(indebted: Treasury) -> None:
    proposal = await indebted.do("raise_health_factor", to="3.5")
    health = await indebted.health_factor()
    assert health is not None
    assert Decimal("3.5") <= health < Decimal("3.52")
    assert [claim.kind for claim in proposal.claims] == ["repay"]


async def test_after_a_fall_the_position_is_defended(indebted: Treasury) -> None:
    indebted.devnet.world.drop_price("weth", 35)
    before = await indebted.health_factor()
    assert before is not None
    assert before < Decimal("1.8")
    await indebted.do("raise_health_factor", to="1.8")
    health = await indebted.health_factor()
    assert health is not None
    assert Decimal("1.8") <= health < Decimal("1.82")


async def test_collateral_is_added_where_the_balance_does_not_repay_enough(indebted: Treasury) -> None:
    """With 500 USDC left and 3 WETH more, both are used."""
    await indebted.do("supply", amount="53500 usdc")
    await indebted.do("borrow", amount="5000 dai")
    await indebted.do("transfer", to="alice", amount="900 dai")
    await indebted.do("swap", sell="4000 dai", buy="usdc")
    before = await indebted.health_factor()
    assert before is not None
    proposal = await indebted.do("raise_health_factor", to="12")
    assert [claim.kind for claim in proposal.claims] == ["repay", "supply"]
    health = await indebted.health_factor()
    assert health is not None
    assert health > before


async def test_a_healthy_position_is_left_alone(indebted: Treasury) -> None:
    assert await indebted.build("raise_health_factor", to="1.5") is None


async def test_without_debt_there_is_nothing_to_raise(treasury: Treasury) -> None:
    assert await treasury.build("raise_health_factor", to="2") is None
