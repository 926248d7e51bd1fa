"""Uniswap v3: factory, position manager, SwapRouter02, QuoterV2, and pools as deep as mainnet's, full range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eth_utils import keccak

from ..errors import ArtifactInvalid
from .deployer import ADMIN, NO_ADDRESS, Deployer
from .prices import OPENING_USD, base_units_for, sqrt_price_x96
from .tokens import Token

POOL_INIT_CODE_HASH = "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
"""What routers and quoters compute pool addresses with."""

TICK_SPACING = {100: 1, 500: 10, 3000: 60, 10000: 200}
LAST_TICK = 887_272
OBSERVATIONS = 64
"""Cardinality of each pool's oracle: a time-weighted price outlives a refresh."""

NO_DEADLINE = 2**64

POOLS = (
    ("weth", "usdc", 500, 500_000_000),
    ("weth", "usdc", 3000, 100_000_000),
    ("usdc", "dai", 100, 500_000_000),
    ("wbtc", "weth", 3000, 200_000_000),
    ("wbtc", "usdc", 3000, 200_000_000),
)
"""Two tokens, the fee in millionths, and the US dollars on each side."""


@dataclass(frozen=True)
class Pool:
    """One pool; tokens by label in the order of their addresses, fee in millionths."""

    token0: str
    token1: str
    fee: int
    address: str


@dataclass(frozen=True)
class UniswapV3:
    """Where Uniswap v3 lies."""

    factory: str
    position_manager: str
    router: str
    quoter: str
    pools: tuple[Pool, ...]


def deploy_uniswap_v3(deployer: Deployer, tokens: Mapping[str, Token], factory_v2: str) -> UniswapV3:
    """With POOLS at the opening prices; ADMIN lets router and position manager take its tokens."""
    if keccak(deployer.artifacts.load("UniswapV3Pool").linked({})).hex() != POOL_INIT_CODE_HASH:
        raise ArtifactInvalid("npm's UniswapV3Pool is not the one that the routers expect: check the lock")
    weth = tokens["weth"].address
    factory = deployer.create("UniswapV3Factory")
    deployer.send(factory, "enableFeeAmount(uint24,int24)", 100, TICK_SPACING[100])
    manager = deployer.create("NonfungiblePositionManager", factory, weth, NO_ADDRESS)
    router = deployer.create("SwapRouter02", factory_v2, factory, manager, weth)
    quoter = deployer.create("QuoterV2", factory, weth)
    for token in tokens.values():
        for spender in (manager, router):
            deployer.send(token.address, "approve(address,uint256)", spender, 2**256 - 1)
    pools = tuple(
        _pool(deployer, factory, manager, (tokens[one], tokens[other]), fee=fee, usd=usd)
        for one, other, fee, usd in POOLS
    )
    return UniswapV3(factory, manager, router, quoter, pools)


def _pool(deployer: Deployer, factory: str, manager: str, pair: tuple[Token, Token], *, fee: int, usd: int) -> Pool:
    token0, token1 = sorted(pair, key=lambda token: int(token.address, 16))
    price0, price1 = OPENING_USD[token0.label], OPENING_USD[token1.label]
    deployer.send(
        manager,
        "createAndInitializePoolIfNecessary(address,address,uint24,uint160)",
        token0.address,
        token1.address,
        fee,
        sqrt_price_x96(price0, token0.decimals, price1, token1.decimals),
    )
    pool = deployer.rpc.call(
        factory, "getPool(address,address,uint24)", token0.address, token1.address, fee, returns="(address)"
    )
    spacing = TICK_SPACING[fee]
    last_tick = LAST_TICK // spacing * spacing
    deployer.send(
        manager,
        "mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))",
        (
            token0.address,
            token1.address,
            fee,
            -last_tick,
            last_tick,
            base_units_for(usd, price0, token0.decimals),
            base_units_for(usd, price1, token1.decimals),
            0,
            0,
            ADMIN,
            NO_DEADLINE,
        ),
    )
    deployer.send(pool, "increaseObservationCardinalityNext(uint16)", OBSERVATIONS)
    return Pool(token0.label, token1.label, fee, pool)
