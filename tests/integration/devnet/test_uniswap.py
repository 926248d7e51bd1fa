"""Uniswap on the devnet trades at what the feeds say, before and after a price moved."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.scenarios.devnet import Devnet

from .conftest import Person

QUOTE = "quoteExactInputSingle((address,address,uint256,uint24,uint160))"
SWAP = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
PATH_SWAP = "exactInput((bytes,address,uint256,uint256))"


def quote(person: Person, sold: str, bought: str, amount: int, fee: int) -> int:
    asked = (person.token(sold), person.token(bought), amount, fee, 0)
    quoter = person.venue("uniswap-v3")["quoter"]
    received: int = person.call(quoter, QUOTE, asked, returns="(uint256,uint160,uint32,uint256)")[0]
    return received


def test_a_swap_pays_what_the_quoter_said(person: Person) -> None:
    router = person.venue("uniswap-v3")["address"]
    expected = quote(person, "usdc", "weth", 25_000 * 10**6, 500)
    before = person.balance("weth")
    person.approve("usdc", router, 25_000 * 10**6)
    order = (person.token("usdc"), person.token("weth"), 500, person.address, 25_000 * 10**6, expected, 0)
    person.send(router, SWAP, order)
    assert person.balance("weth") - before == expected
    assert person.balance("usdc") == 75_000 * 10**6


def test_a_pool_is_deep_enough_for_a_treasury(person: Person) -> None:
    received = quote(person, "usdc", "weth", 100_000 * 10**6, 500)
    worth = Decimal(received) / 10**18 * 2_500
    assert Decimal(100_000) * Decimal("0.999") < worth < Decimal(100_000) * Decimal("0.9995")


def test_a_path_goes_through_two_pools(person: Person) -> None:
    router = person.venue("uniswap-v3")["address"]
    hops = ("weth", 500, "usdc", 100, "dai")
    path = b"".join(
        hop.to_bytes(3, "big") if isinstance(hop, int) else bytes.fromhex(person.token(hop)[2:]) for hop in hops
    )
    person.approve("weth", router, 10**18)
    person.send(router, PATH_SWAP, (path, person.address, 10**18, 2_490 * 10**18))
    assert person.balance("dai") > 2_490 * 10**18


@pytest.mark.parametrize(("asset", "usd"), [("weth", "1625"), ("wbtc", "90000.5"), ("usdc", "0.97")])
def test_a_price_moves_the_feed_and_every_pool(chain: Devnet, person: Person, asset: str, usd: str) -> None:
    chain.world.set_price(asset, usd)
    assert chain.world.price(asset) == Decimal(usd)
    prices = {label: chain.world.price(label) for label in ("weth", "usdc", "dai", "wbtc")}
    decimals = {"weth": 18, "usdc": 6, "dai": 18, "wbtc": 8}
    pools = (("weth", "usdc", 500), ("weth", "usdc", 3000), ("dai", "usdc", 100), ("wbtc", "weth", 3000))
    for sold, bought, fee in pools:
        amount = int(Decimal(100) / prices[sold] * 10 ** decimals[sold])
        worth = Decimal(quote(person, sold, bought, amount, fee)) / 10 ** decimals[bought] * prices[bought]
        assert Decimal(100 - fee / 9_000).quantize(Decimal("0.001")) < worth < 100, (sold, bought, fee)


def test_a_drop_is_of_what_the_price_is_now(chain: Devnet) -> None:
    assert chain.world.drop_price("weth", 35) == Decimal(1625)
    assert chain.world.drop_price("native", 10) == Decimal("1462.5")


def test_a_time_weighted_price_is_there_at_once_and_follows_later(chain: Devnet, person: Person) -> None:
    venue = person.venue("uniswap-v3")
    pair = (person.token("weth"), person.token("usdc"), 500)
    pool = person.call(venue["factory"], "getPool(address,address,uint24)", *pair, returns="(address)")

    def mean_tick() -> int:
        ticks, _ = person.call(pool, "observe(uint32[])", [600, 0], returns="(int56[],uint160[])")
        return int(ticks[1] - ticks[0]) // 600

    chain.world.advance(3_600)
    before = mean_tick()
    chain.world.set_price("weth", 1_625)
    assert abs(mean_tick() - before) < 100
    chain.world.advance(3_600)
    assert abs(mean_tick() - before) > 4_000


@pytest.mark.parametrize("usd", ["1625", "2500.01", "4100", "2500"])
def test_a_price_moves_the_v2_pair(chain: Devnet, person: Person, usd: str) -> None:
    chain.world.set_price("weth", usd)
    router = person.venue("uniswap-v2")["address"]
    path = [person.token("weth"), person.token("usdc")]
    signature = "getAmountsOut(uint256,address[])"
    received = person.call(router, signature, 10**15, path, returns="(uint256[])")[-1]
    fair = Decimal(usd) * 1000
    assert fair * Decimal("0.9969") < received < fair * Decimal("0.9971")


def test_uniswap_v2_trades_too(person: Person) -> None:
    router = person.venue("uniswap-v2")["address"]
    path = [person.token("usdc"), person.token("weth")]
    person.approve("usdc", router, 1_000 * 10**6)
    before = person.balance("weth")
    person.send(
        router,
        "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)",
        1_000 * 10**6,
        398 * 10**15,
        path,
        person.address,
        2**40,
    )
    assert person.balance("weth") - before >= 398 * 10**15
