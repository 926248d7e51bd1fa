"""Uniswap v2: factory, router, and one pair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eth_utils import keccak

from ..errors import ArtifactInvalid
from .deployer import ADMIN, Deployer
from .prices import OPENING_USD, base_units_for
from .tokens import Token

PAIR_INIT_CODE_HASH = "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f"
"""What the router's library computes pair addresses with."""

PAIR_USD = 100_000_000
NO_DEADLINE = 2**64


@dataclass(frozen=True)
class UniswapV2:
    """Where Uniswap v2 lies."""

    factory: str
    router: str
    pair: str


def deploy_uniswap_v2(deployer: Deployer, tokens: Mapping[str, Token]) -> UniswapV2:
    """With a pair of WETH and USDC, PAIR_USD on each side."""
    if keccak(deployer.artifacts.load("UniswapV2Pair").linked({})).hex() != PAIR_INIT_CODE_HASH:
        raise ArtifactInvalid("npm's UniswapV2Pair is not the one that UniswapV2Router02 expects: check the lock")
    weth, usdc = tokens["weth"], tokens["usdc"]
    factory = deployer.create("UniswapV2Factory", ADMIN)
    router = deployer.create("UniswapV2Router02", factory, weth.address)
    amounts = [base_units_for(PAIR_USD, OPENING_USD[token.label], token.decimals) for token in (weth, usdc)]
    for token in (weth, usdc):
        deployer.send(token.address, "approve(address,uint256)", router, 2**256 - 1)
    deployer.send(
        router,
        "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)",
        weth.address,
        usdc.address,
        *amounts,
        *amounts,
        ADMIN,
        NO_DEADLINE,
    )
    pair = deployer.rpc.call(factory, "getPair(address,address)", weth.address, usdc.address, returns="(address)")
    return UniswapV2(factory, router, pair)
