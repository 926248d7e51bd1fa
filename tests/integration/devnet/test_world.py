"""A world from the cache is up to date whenever it is started, and each test finds it as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal

import pytest
from eth_utils import is_checksum_address, keccak

from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.deploy import world_folder
from treasurer.scenarios.devnet.errors import InvalidWorld
from treasurer.wallets.call import calldata
from treasurer.wallets.registry import read_registry
from treasurer.wallets.values import to_hex

POOLS = (
    ("weth", "usdc", 500),
    ("weth", "usdc", 3000),
    ("usdc", "dai", 100),
    ("wbtc", "weth", 3000),
    ("wbtc", "usdc", 3000),
)
MONTH_SECONDS = 30 * 86_400
ROUND = "(uint80,int256,uint256,uint256,uint80)"


@pytest.fixture(scope="module")
def month_old() -> Iterator[Devnet]:
    """The cached world, started as if it had lain there for a month."""
    with Devnet.start(now_seconds=int(time.time()) + MONTH_SECONDS) as devnet:
        yield devnet


def feed_age_seconds(devnet: Devnet, label: str) -> int:
    feed = devnet.addresses()["tokens"][label]["feed"]
    updated_at = devnet.world.rpc.call(feed, "latestRoundData()", returns=ROUND)[3]
    return devnet.world.rpc.time_seconds() - int(updated_at)


def test_a_started_world_has_the_time_of_the_clock(devnet: Devnet) -> None:
    assert abs(devnet.world.rpc.time_seconds() - time.time()) < 60


@pytest.mark.parametrize("label", ["usdc", "weth", "dai", "wbtc"])
def test_a_month_old_world_has_fresh_feeds(month_old: Devnet, label: str) -> None:
    assert feed_age_seconds(month_old, label) < 60


def test_a_month_old_world_has_fresh_observations_in_every_pool(month_old: Devnet) -> None:
    registry, rpc = month_old.addresses(), month_old.world.rpc
    factory = registry["venues"]["uniswap-v3"]["factory"]
    for one, other, fee in POOLS:
        pair = (registry["tokens"][one]["address"], registry["tokens"][other]["address"], fee)
        pool = rpc.call(factory, "getPool(address,address,uint24)", *pair, returns="(address)")
        newest = rpc.call(pool, "slot0()", returns="(uint160,int24,uint16,uint16,uint16,uint8,bool)")[2]
        written_at = rpc.call(pool, "observations(uint256)", newest, returns="(uint32,int56,uint160,bool)")[0]
        assert rpc.time_seconds() - written_at < 60, (one, other, fee)


def test_a_month_old_world_goes_on_from_today(month_old: Devnet) -> None:
    first = month_old.world.rpc.time_seconds()
    month_old.world.fund(month_old.accounts[0], tokens={"usdc": 1})
    assert 0 <= month_old.world.rpc.time_seconds() - first < 60
    assert abs(first - time.time() - MONTH_SECONDS) < 60


def test_a_month_old_world_still_lends_and_trades(month_old: Devnet) -> None:
    world, account = month_old.world, month_old.accounts[3]
    venues, tokens = month_old.addresses()["venues"], month_old.addresses()["tokens"]
    pool, router = venues["aave-v3"]["address"], venues["uniswap-v3"]["address"]
    weth, usdc = tokens["weth"]["address"], tokens["usdc"]["address"]
    world.fund(account, tokens={"weth": 2})
    for spender in (pool, router):
        world.rpc.send(account, weth, "approve(address,uint256)", spender, 10**18)
    world.rpc.send(account, pool, "supply(address,uint256,address,uint16)", weth, 10**18, account, 0)
    world.rpc.send(account, pool, "borrow(address,uint256,uint256,uint16,address)", usdc, 10**9, 2, 0, account)
    order = (weth, usdc, 500, account, 10**18, 2_495 * 10**6, 0)
    swap = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    world.rpc.send(account, router, swap, order)
    assert world.balance(account, "usdc") >= 3_495 * 10**6


def test_two_starts_have_the_same_addresses(devnet: Devnet, month_old: Devnet) -> None:
    assert devnet.addresses() == month_old.addresses()
    for token in devnet.addresses()["tokens"].values():
        assert month_old.world.rpc.code(token["address"]) == devnet.world.rpc.code(token["address"])


def test_time_passes_with_feeds_that_keep_up_or_go_stale(chain: Devnet) -> None:
    chain.world.advance(7_200)
    assert feed_age_seconds(chain, "weth") < 60
    chain.world.advance_stale(100_000)
    assert feed_age_seconds(chain, "weth") >= 100_000


def test_a_snapshot_brings_money_prices_and_clock_back(devnet: Devnet) -> None:
    world, account = devnet.world, devnet.accounts[5]
    before = (world.balance(account, "usdc"), world.price("weth"), world.rpc.time_seconds())
    identifier = world.snapshot()
    world.fund(account, native=1, tokens={"usdc": 5})
    world.set_price("weth", "1234.56789")
    world.advance(86_400)
    assert world.price("weth") == Decimal("1234.56789")
    world.revert(identifier)
    assert (world.balance(account, "usdc"), world.price("weth"), world.rpc.time_seconds()) == before
    with pytest.raises(InvalidWorld, match="serves one revert"):
        world.revert(identifier)


def test_funding_adds_to_what_is_there(chain: Devnet) -> None:
    account = "0x00000000000000000000000000000000DeaDBeef"
    chain.world.fund(account, native="1.5", tokens={"usdc": "10.5", "dai": 1, "wbtc": "0.25", "weth": "0.5"})
    chain.world.fund(account, native="0.5")
    held = {asset: chain.world.balance(account, asset) for asset in ("native", "usdc", "dai", "wbtc", "weth")}
    assert held == {
        "native": 2 * 10**18,
        "usdc": 10_500_000,
        "dai": 10**18,
        "wbtc": 25_000_000,
        "weth": 5 * 10**17,
    }


def test_an_asset_or_a_price_that_is_none_is_refused(chain: Devnet) -> None:
    with pytest.raises(InvalidWorld, match="native, dai, usdc, wbtc, weth"):
        chain.world.set_price("doge", 1)
    with pytest.raises(InvalidWorld, match="above zero"):
        chain.world.set_price("weth", 0)


def test_every_address_of_the_registry_is_by_eip_55_and_holds_the_code_it_says(devnet: Devnet) -> None:
    registry = devnet.addresses()
    found = 0
    for section in ("venues", "contracts"):
        for entry in registry[section].values():
            assert "0x" + keccak(devnet.world.rpc.code(entry["address"])).hex() == entry["code_hash"]
            found += 1
    assert found >= 10

    def addresses(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            for inner in value.values():
                yield from addresses(inner)
        elif isinstance(value, str) and value.startswith("0x") and len(value) == 42:
            yield value

    for address in addresses(registry):
        assert is_checksum_address(address)
        assert devnet.world.rpc.code(address), address


def test_the_registry_is_read_as_any_chains(devnet: Devnet) -> None:
    registry = read_registry(devnet.registry)
    assert registry.chain_id == devnet.chain_id
    assert set(registry.venues) == {"aave-v3", "permit2", "uniswap-v2", "uniswap-v3"}
    assert registry.tokens["usdc"].decimals == 6


def test_the_registry_names_what_aave_and_uniswap_say_of_themselves(devnet: Devnet) -> None:
    registry, rpc = devnet.addresses(), devnet.world.rpc
    aave, uniswap = registry["venues"]["aave-v3"], registry["venues"]["uniswap-v3"]
    provider = aave["addresses_provider"]
    assert rpc.call(provider, "getPool()", returns="(address)") == aave["address"]
    assert rpc.call(provider, "getPriceOracle()", returns="(address)") == aave["oracle"]
    assert rpc.call(provider, "getPoolDataProvider()", returns="(address)") == aave["data_provider"]
    assert rpc.call(uniswap["address"], "factory()", returns="(address)") == uniswap["factory"]
    assert rpc.call(uniswap["address"], "positionManager()", returns="(address)") == uniswap["position_manager"]
    code = rpc.code(aave["implementation"])
    assert "0x" + keccak(code).hex() == aave["implementation_code_hash"]
    for label, reserve in aave["reserves"].items():
        underlying = rpc.call(reserve["a_token"], "UNDERLYING_ASSET_ADDRESS()", returns="(address)")
        assert underlying == registry["tokens"][label]["address"]


def test_a_simulation_sees_transfers(devnet: Devnet) -> None:
    usdc = devnet.addresses()["tokens"]["usdc"]["address"]
    account = devnet.accounts[0]
    call = {"from": account, "to": usdc, "data": to_hex(calldata("transfer(address,uint256)", devnet.accounts[1], 0))}
    options = {"blockStateCalls": [{"calls": [call]}], "traceTransfers": True}
    answer = devnet.world.rpc.request("eth_simulateV1", options, "latest")[0]["calls"][0]
    assert answer["status"] == "0x1"
    assert len(answer["logs"]) == 1


async def test_a_devnet_starts_off_the_event_loop() -> None:
    async with await Devnet.start_async() as other:
        assert other.world.price("native") == Decimal(2_500)
        assert other.world.rpc.request("eth_chainId") == hex(other.chain_id)


def test_the_cached_world_is_whole(devnet: Devnet) -> None:
    assert sorted(path.name for path in world_folder().iterdir()) == ["registry.json", "state.json"]
    assert devnet.registry.parent == world_folder()
