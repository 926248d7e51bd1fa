"""Compiled contracts: our own from package data, the protocols' from the npm cache, in three dialects of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from .errors import ArtifactInvalid

_AAVE = "node_modules/@aave/core-v3/artifacts/contracts/protocol"
_AAVE_MISC = "node_modules/@aave/core-v3/artifacts/contracts/misc"
_SAFE = "node_modules/@safe-global/safe-contracts/build/artifacts/contracts"

AAVE_LIBRARIES = (
    "BorrowLogic",
    "BridgeLogic",
    "ConfiguratorLogic",
    "EModeLogic",
    "FlashLoanLogic",
    "LiquidationLogic",
    "PoolLogic",
    "SupplyLogic",
)

ARTIFACTS: Mapping[str, str] = {
    "WETH9": "node_modules/@uniswap/v2-periphery/build/WETH9.json",
    "UniswapV2Factory": "node_modules/@uniswap/v2-core/build/UniswapV2Factory.json",
    "UniswapV2Pair": "node_modules/@uniswap/v2-core/build/UniswapV2Pair.json",
    "UniswapV2Router02": "node_modules/@uniswap/v2-periphery/build/UniswapV2Router02.json",
    "UniswapV3Factory": "node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json",
    "UniswapV3Pool": "node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json",
    "NonfungiblePositionManager": "node_modules/@uniswap/v3-periphery/artifacts/contracts/"
    "NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
    "SwapRouter02": "node_modules/@uniswap/swap-router-contracts/artifacts/contracts/"
    "SwapRouter02.sol/SwapRouter02.json",
    "QuoterV2": "node_modules/@uniswap/v3-periphery/artifacts/contracts/lens/QuoterV2.sol/QuoterV2.json",
    **{name: f"{_AAVE}/libraries/logic/{name}.sol/{name}.json" for name in AAVE_LIBRARIES},
    "PoolAddressesProvider": f"{_AAVE}/configuration/PoolAddressesProvider.sol/PoolAddressesProvider.json",
    "ACLManager": f"{_AAVE}/configuration/ACLManager.sol/ACLManager.json",
    "Pool": f"{_AAVE}/pool/Pool.sol/Pool.json",
    "PoolConfigurator": f"{_AAVE}/pool/PoolConfigurator.sol/PoolConfigurator.json",
    "DefaultReserveInterestRateStrategy": f"{_AAVE}/pool/DefaultReserveInterestRateStrategy.sol/"
    "DefaultReserveInterestRateStrategy.json",
    "AToken": f"{_AAVE}/tokenization/AToken.sol/AToken.json",
    "StableDebtToken": f"{_AAVE}/tokenization/StableDebtToken.sol/StableDebtToken.json",
    "VariableDebtToken": f"{_AAVE}/tokenization/VariableDebtToken.sol/VariableDebtToken.json",
    "AaveOracle": f"{_AAVE_MISC}/AaveOracle.sol/AaveOracle.json",
    "AaveProtocolDataProvider": f"{_AAVE_MISC}/AaveProtocolDataProvider.sol/AaveProtocolDataProvider.json",
    "Safe": f"{_SAFE}/Safe.sol/Safe.json",
    "SafeL2": f"{_SAFE}/SafeL2.sol/SafeL2.json",
    "SafeProxyFactory": f"{_SAFE}/proxies/SafeProxyFactory.sol/SafeProxyFactory.json",
    "MultiSend": f"{_SAFE}/libraries/MultiSend.sol/MultiSend.json",
    "MultiSendCallOnly": f"{_SAFE}/libraries/MultiSendCallOnly.sol/MultiSendCallOnly.json",
    "CompatibilityFallbackHandler": f"{_SAFE}/handler/CompatibilityFallbackHandler.sol/"
    "CompatibilityFallbackHandler.json",
    "EntryPoint": "node_modules/@account-abstraction/contracts/artifacts/EntryPoint.json",
    "ENSRegistry": "node_modules/@ensdomains/ens/build/contracts/ENSRegistry.json",
    "ReverseRegistrar": "node_modules/@ensdomains/ens/build/contracts/ReverseRegistrar.json",
    "PublicResolver": "node_modules/@ensdomains/resolver/build/contracts/PublicResolver.json",
    "Permit2": "permit2.json",
    "Multicall3": "node_modules/viem/_esm/constants/contracts.js",
}
"""Contract name -> path below the npm cache's folder."""

OWN = ("token", "price_feed", "universal_resolver")
"""Our own contracts: `contracts/<name>.json`."""


@dataclass(frozen=True)
class Artifact:
    """A compiled contract: creation code as hex without 0x, with library addresses still to be filled in.

    links: library name -> offsets in bytes, each of a 20-byte hole.
    """

    name: str
    abi: tuple[dict[str, Any], ...]
    code: str
    links: Mapping[str, tuple[int, ...]]

    def linked(self, libraries: Mapping[str, str]) -> bytes:
        """The creation code with each library's address in its holes. Raises ArtifactInvalid when one is missing."""
        code = self.code
        for library, offsets in self.links.items():
            if library not in libraries:
                raise ArtifactInvalid(f"{self.name} links {library}: deploy it first")
            address = libraries[library].lower().removeprefix("0x")
            for offset in offsets:
                code = code[: 2 * offset] + address + code[2 * offset + 40 :]
        if not re.fullmatch(r"(?:[0-9a-f]{2})+", code, re.IGNORECASE):
            raise ArtifactInvalid(f"{self.name} has no creation code, or libraries that its artifact does not name")
        return bytes.fromhex(code)

    def constructor_types(self) -> list[str]:
        for entry in self.abi:
            if entry["type"] == "constructor":
                return [item["type"] for item in entry["inputs"]]
        return []


class Artifacts:
    """The contracts below one folder of the npm cache, and our own, by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, name: str) -> Artifact:
        if name in OWN:
            text = (files(__package__) / "contracts" / f"{name}.json").read_text(encoding="utf-8")
            return _parsed(name, json.loads(text))
        text = (self._folder / ARTIFACTS[name]).read_text(encoding="utf-8")
        if name == "Multicall3":
            return _from_viem(text)
        return _parsed(name, json.loads(text))


def _parsed(name: str, data: dict[str, Any]) -> Artifact:
    # hardhat and truffle put the creation code under "bytecode", waffle 2 also under "evm", without 0x.
    code = data["bytecode"] if isinstance(data.get("bytecode"), str) else data["evm"]["bytecode"]["object"]
    links: dict[str, tuple[int, ...]] = {}
    for libraries in data.get("linkReferences", {}).values():
        for library, places in libraries.items():
            links[library] = tuple(place["start"] for place in places)
    return Artifact(name=name, abi=tuple(data["abi"]), code=code.removeprefix("0x"), links=links)


def _from_viem(text: str) -> Artifact:
    found = re.search(r"multicall3Bytecode = '0x([0-9a-f]+)'", text)
    if found is None:
        raise ArtifactInvalid("viem's constants hold no creation code of Multicall3: pin a version that does")
    return Artifact(name="Multicall3", abi=(), code=found.group(1), links={})
