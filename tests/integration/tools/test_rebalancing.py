"""Rebalancing ends at the weights, by the fewest swaps, and leaves a portfolio alone that is there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.tools import NotEnough

from .conftest import Treasury


def weight(treasury: Treasury, label: str, *others: str) -> Decimal:
    """The part of one asset among the named ones, by the feeds."""
    world = treasury.devnet.world
    worth = {one: treasury.balance(one) * world.price(one) for one in (label, *others)}
    return worth[label] / sum(worth.values())


async def test_sixty_forty(treasury: Treasury) -> None:
    proposal = await treasury.do("rebalance", weights="60% weth, 40% usdc")
    assert len(proposal.calls) == 2
    assert abs(weight(treasury, "weth", "usdc") - Decimal("0.6")) < Decimal("0.005")


async def test_a_portfolio_at_its_weights_is_left_alone(treasury: Treasury) -> None:
    await treasury.do("rebalance", weights="60% weth, 40% usdc")
    assert await treasury.build("rebalance", weights="60% weth, 40% usdc") is None


async def test_one_asset_is_sold_for_three_with_one_allowance(treasury: Treasury) -> None:
    target = {"usdc": "0.4", "weth": "0.3", "dai": "0.2", "wbtc": "0.1"}
    text = ", ".join(f"{Decimal(part) * 100:f}% {label}" for label, part in target.items())
    proposal = await treasury.do("rebalance", weights=text)
    assert len(proposal.calls) <= 5
    for label, part in target.items():
        others = tuple(other for other in target if other != label)
        assert abs(weight(treasury, label, *others) - Decimal(part)) < Decimal("0.005")


async def test_nearly_all_into_one_asset(treasury: Treasury) -> None:
    await treasury.do("rebalance", weights="99% usdc, 1% weth")
    assert weight(treasury, "usdc", "weth") > Decimal("0.985")


async def test_nothing_to_rebalance_says_so(treasury: Treasury) -> None:
    with pytest.raises(NotEnough, match="nothing to rebalance"):
        await treasury.build("rebalance", weights="50% dai, 50% wbtc")
