"""Swaps on a real Uniswap v3: best route, minimum by oracle and quote, allowances used up."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.policies.language.policy import Policy
from treasurer.runtime.bot.creation import preset
from treasurer.scenarios.devnet.deploy.deployer import ADMIN
from treasurer.tools import InvalidArgument, NoPrice, NotEnough, NotOffered, PoorMarket

from .conftest import Treasury


async def test_an_exact_amount_is_sold_near_the_oracle(treasury: Treasury) -> None:
    proposal = await treasury.do("swap", sell="2500 usdc", buy="weth")
    assert treasury.balance("usdc") == 47_500
    got = treasury.balance("weth") - 5
    assert Decimal("0.997") < got < 1
    minimum = proposal.claims[0].minimum
    assert minimum is not None
    assert Decimal("0.9955") <= Decimal(minimum).scaleb(-18) <= got
    assert len(proposal.calls) == 2


async def test_a_swap_that_waits_too_long_is_void(treasury: Treasury) -> None:
    proposal = await treasury.build("swap", sell="2500 usdc", buy="weth")
    assert proposal is not None
    verdict = await treasury.verdict(proposal)
    now = (await treasury.client.block()).timestamp
    assert verdict.effects[1].deadline == now + 3600
    treasury.devnet.world.advance(3700)
    late = await treasury.judged(proposal)
    assert late.decision == "deny"
    assert "simulation" in {reason.rule for reason in late.reasons}


async def test_two_hops_are_taken_where_no_pool_is_direct(treasury: Treasury) -> None:
    await treasury.do("swap", sell="1 weth", buy="dai")
    assert treasury.balance("weth") == 4
    assert 2_480 < treasury.balance("dai") < 2_500


async def test_native_coin_is_sold_without_an_allowance(treasury: Treasury) -> None:
    before = treasury.balance("native")
    proposal = await treasury.do("swap", sell="1 eth", buy="usdc")
    assert len(proposal.calls) == 1
    assert Decimal(1) <= before - treasury.balance("native") < Decimal("1.01")
    assert 52_490 < treasury.balance("usdc") < 52_500


async def test_native_coin_is_bought(treasury: Treasury) -> None:
    before = treasury.balance("native")
    await treasury.do("swap", sell="2500 usdc", buy="eth")
    assert Decimal("0.99") < treasury.balance("native") - before < 1
    assert treasury.balance("weth") == 5


async def test_the_wrapped_coin_for_the_coin_is_an_unwrapping(treasury: Treasury) -> None:
    await treasury.do("swap", sell="1 weth", buy="eth")
    assert treasury.balance("weth") == 4


async def test_everything_is_sold_to_the_last_unit(treasury: Treasury) -> None:
    await treasury.do("swap", sell="all weth", buy="usdc")
    assert treasury.balance("weth") == 0


@pytest.mark.parametrize("using", ["usdc", "eth"])
async def test_an_exact_amount_is_bought_for_at_most_a_maximum(treasury: Treasury, using: str) -> None:
    await treasury.do("buy", amount="0.1 wbtc", using=using)
    assert treasury.balance("wbtc") == Decimal("0.1")


async def test_an_exact_amount_of_native_coin_is_bought(treasury: Treasury) -> None:
    before = treasury.balance("native")
    await treasury.do("buy", amount="0.1 eth", using="usdc")
    assert Decimal("0.09") < treasury.balance("native") - before <= Decimal("0.1")
    assert 49_748 < treasury.balance("usdc") < 49_750


async def test_a_pool_below_the_oracle_is_refused(treasury: Treasury) -> None:
    """The feed says 4,000 USD; the pools still trade at 2,500."""
    world = treasury.devnet.world
    feed = treasury.devnet.addresses()["tokens"]["weth"]["feed"]
    world.rpc.send(ADMIN, feed, "setAnswer(int256)", 4_000 * 10**8)
    with pytest.raises(PoorMarket, match="oracle says"):
        await treasury.build("swap", sell="1 weth", buy="usdc")


async def test_a_narrower_policy_gets_a_narrower_minimum(treasury: Treasury) -> None:
    written = preset("conservative").replace("slippage_bps: {max: 50,", "slippage_bps: {max: 10,")
    treasury.policy = Policy.read(written.encode(), treasury.book)
    await treasury.do("swap", sell="2500 usdc", buy="weth")
    with pytest.raises(PoorMarket, match="more than 9 bps"):
        await treasury.build("swap", sell="2500 usdc", buy="wbtc")


async def test_more_than_the_pools_hold_near_the_price_is_refused(treasury: Treasury) -> None:
    treasury.devnet.world.fund(treasury.account, tokens={"usdc": 900_000_000})
    with pytest.raises(PoorMarket, match="trade less"):
        await treasury.build("swap", sell="all usdc", buy="weth")


async def test_a_stale_feed_stops_a_swap(treasury: Treasury) -> None:
    treasury.devnet.world.advance_stale(2 * 86_400)
    with pytest.raises(NoPrice, match="stale"):
        await treasury.build("swap", sell="100 usdc", buy="weth")


async def test_more_than_the_balance_names_the_shortfall(treasury: Treasury) -> None:
    with pytest.raises(NotEnough, match="1 weth short"):
        await treasury.build("swap", sell="6 weth", buy="usdc")
    with pytest.raises(NotEnough, match="usdc short"):
        await treasury.build("buy", amount="2 wbtc", using="usdc")


async def test_a_lending_pool_is_no_place_to_swap(treasury: Treasury) -> None:
    with pytest.raises(NotOffered, match="uniswap-v3"):
        await treasury.build("swap", sell="1 weth", buy="usdc", venue="aave-v3")
    with pytest.raises(InvalidArgument, match="two different"):
        await treasury.build("swap", sell="1 weth", buy="weth")
