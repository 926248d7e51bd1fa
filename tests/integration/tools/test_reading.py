"""Reads are facts whose texts are the chain's numbers."""

from __future__ import annotations

from .conftest import Treasury


async def test_balances(treasury: Treasury) -> None:
    found = await treasury.read("balances")
    assert found["usdc balance"] == "50000 usdc"
    assert found["weth balance"] == "5 weth"
    assert "dai balance" not in found
    assert await treasury.read("balances", token="dai") == {"dai balance": "0 dai"}


async def test_the_portfolio_counts_what_is_lent_and_owed(treasury: Treasury) -> None:
    await treasury.do("supply", amount="5 weth")
    await treasury.do("borrow", amount="4000 usdc")
    found = await treasury.read("portfolio")
    assert found["usdc"] == "54000 usdc, 54,000.00 USD"
    assert found["aave-v3"].startswith("12,500.00 USD supplied, 4,000.00 USD owed, health factor 2.59")
    native = treasury.balance("native") * 2_500
    total = float(found["total worth"].removesuffix(" USD").replace(",", ""))
    assert abs(total - float(native) - 62_500) < 1


async def test_a_price_and_a_stale_one(treasury: Treasury) -> None:
    assert await treasury.read("price", token="wbtc") == {"wbtc price": "60,000.00 USD by its feed"}
    assert await treasury.read("price", token="eth") == {"native price": "2,500.00 USD by its feed"}
    treasury.devnet.world.advance_stale(2 * 86_400)
    assert "stale" in (await treasury.read("price", token="weth"))["weth price"]
    assert (await treasury.read("portfolio"))["total worth"].startswith("unknown")


async def test_the_health_factor(treasury: Treasury) -> None:
    assert "no debt" in (await treasury.read("health_factor"))["health factor"]
    await treasury.do("supply", amount="5 weth")
    await treasury.do("borrow", amount="4000 usdc")
    found = await treasury.read("health_factor")
    assert found["health factor"].startswith("2.59")
    assert (found["collateral"], found["debt"]) == ("12,500.00 USD", "4,000.00 USD")
