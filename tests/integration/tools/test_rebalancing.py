"""Rebalancing ends at the weights, by the fewest swaps, and leaves a portfolio alone that is there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.tools import NotEnough, NotOffered

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


async def test_coin_becomes_its_wrapping_and_tokens(treasury: Treasury) -> None:
    """Of 10 ETH, 5 WETH and 50,000 USDC: coin is wrapped where its wrapping is wanted, and sold without allowance."""
    treasury.devnet.world.rpc.request("anvil_setBalance", treasury.account, hex(10 * 10**18))
    proposal = await treasury.do("rebalance", weights="5% eth, 30% weth, 65% usdc")
    assert sorted(claim.kind for claim in proposal.claims) == ["swap", "wrap"]
    assert len(proposal.calls) == 2
    assert abs(weight(treasury, "weth", "native", "usdc") - Decimal("0.3")) < Decimal("0.005")
    assert abs(weight(treasury, "native", "weth", "usdc") - Decimal("0.05")) < Decimal("0.005")


async def test_coin_that_pays_for_gas_is_not_traded(treasury: Treasury) -> None:
    held = 2 * 10**16
    treasury.devnet.world.rpc.request("anvil_setBalance", treasury.account, hex(held))
    await treasury.client.request("anvil_setNextBlockBaseFeePerGas", [hex(10**9)])
    proposal = await treasury.build("rebalance", weights="1% eth, 99% dai")
    assert proposal is not None
    assert proposal.calls[0].value + (await treasury.context()).gas_reserve(5) <= held


async def test_too_many_trades_for_one_proposal_are_refused(treasury: Treasury) -> None:
    treasury.devnet.world.fund(treasury.account, tokens={"dai": 50_000, "wbtc": "0.5"})
    await treasury.do("swap", sell="2 weth", buy="usdc")
    with pytest.raises(NotOffered, match="6 transactions"):
        await treasury.build("rebalance", weights="97% weth, 1% usdc, 1% dai, 1% wbtc")


async def test_nothing_to_rebalance_says_so(treasury: Treasury) -> None:
    with pytest.raises(NotEnough, match="nothing to rebalance"):
        await treasury.build("rebalance", weights="50% dai, 50% wbtc")
