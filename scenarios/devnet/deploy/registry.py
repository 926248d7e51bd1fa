"""The registry file of the devnet: where everything lies, in the shape that mainnet's registries have.

Code hashes are keccak-256 of the code found on the chain; implementations are read from EIP-1967's slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_utils import keccak, to_checksum_address

from ....wallets.values import DEVNET_CHAIN_ID
from ..rpc import Rpc
from .aave_v3 import AaveV3
from .prices import HEARTBEAT_SECONDS
from .tokens import Token
from .uniswap_v2 import UniswapV2
from .uniswap_v3 import TICK_SPACING, UniswapV3

IMPLEMENTATION_SLOT = int.from_bytes(keccak(text="eip1967.proxy.implementation"), "big") - 1
OWN_SOURCE = "treasurer scenarios/devnet/contracts"


def code_hash(rpc: Rpc, address: str) -> str:
    """keccak-256 of the code at an address, 0x-prefixed."""
    return "0x" + keccak(rpc.code(address)).hex()


def describe(
    rpc: Rpc,
    tokens: Mapping[str, Token],
    venues: Mapping[str, dict[str, Any]],
    contracts: Mapping[str, tuple[str, str]],
) -> dict[str, Any]:
    """The registry as JSON. venues by label, contracts: label -> (address, source)."""
    return {
        "chain_id": DEVNET_CHAIN_ID,
        "name": "devnet",
        "native": {
            "symbol": "ETH",
            "decimals": 18,
            "feed": tokens["weth"].feed,
            "heartbeat_seconds": HEARTBEAT_SECONDS,
        },
        "wrapped_native": "weth",
        "tokens": {label: _token(rpc, token) for label, token in sorted(tokens.items())},
        "venues": dict(venues),
        "contracts": {
            label: {"address": address, "code_hash": code_hash(rpc, address), "source": source}
            for label, (address, source) in sorted(contracts.items())
        },
    }


def _token(rpc: Rpc, token: Token) -> dict[str, Any]:
    return {
        "address": token.address,
        "decimals": token.decimals,
        "kind": "weth9" if token.wrapped else "erc20",
        "permit": None if token.wrapped else "eip2612",
        "domain": None if token.wrapped else {"name": token.name, "version": "1"},
        "feed": token.feed,
        "heartbeat_seconds": HEARTBEAT_SECONDS,
        "code_hash": code_hash(rpc, token.address),
        "source": "npm @uniswap/v2-periphery 1.1.0-beta.0" if token.wrapped else OWN_SOURCE,
    }


def uniswap_v2_venue(rpc: Rpc, uniswap: UniswapV2) -> dict[str, Any]:
    """The router, called directly."""
    return {
        "kind": "uniswap-v2-router",
        "address": uniswap.router,
        "factory": uniswap.factory,
        "code_hash": code_hash(rpc, uniswap.router),
        "source": "npm @uniswap/v2-periphery 1.1.0-beta.0",
    }


def uniswap_v3_venue(rpc: Rpc, uniswap: UniswapV3) -> dict[str, Any]:
    """SwapRouter02, with what quotes and position tools need."""
    return {
        "kind": "uniswap-v3-router",
        "address": uniswap.router,
        "factory": uniswap.factory,
        "quoter": uniswap.quoter,
        "quoter_kind": "quoter-v2",
        "position_manager": uniswap.position_manager,
        "fee_tiers": sorted(TICK_SPACING),
        "code_hash": code_hash(rpc, uniswap.router),
        "source": "npm @uniswap/swap-router-contracts 1.3.1",
    }


def permit2_venue(rpc: Rpc, address: str) -> dict[str, Any]:
    """Permit2, compiled from its source."""
    return {
        "kind": "permit2",
        "address": address,
        "code_hash": code_hash(rpc, address),
        "source": "npm @uniswap/v4-periphery 1.0.3, lib/permit2",
    }


def aave_venue(rpc: Rpc, aave: AaveV3) -> dict[str, Any]:
    """The pool's proxy, its implementation, and the tokens of each reserve."""
    implementation = to_checksum_address(rpc.storage(aave.pool, IMPLEMENTATION_SLOT)[12:])
    return {
        "kind": "aave-v3-pool",
        "address": aave.pool,
        "addresses_provider": aave.addresses_provider,
        "oracle": aave.oracle,
        "data_provider": aave.data_provider,
        "reserves": {
            label: {"a_token": reserve.a_token, "variable_debt_token": reserve.variable_debt_token}
            for label, reserve in sorted(aave.reserves.items())
        },
        "code_hash": code_hash(rpc, aave.pool),
        "implementation": implementation,
        "implementation_code_hash": code_hash(rpc, implementation),
        "source": "npm @aave/core-v3 1.19.3",
    }
