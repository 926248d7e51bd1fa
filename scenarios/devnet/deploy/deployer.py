"""Creating contracts on a fresh node, at ordinary and at canonical addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth_abi import encode
from eth_utils import keccak, to_checksum_address

from ..artifacts import Artifacts
from ..errors import ArtifactInvalid
from ..rpc import Rpc

ADMIN = to_checksum_address(keccak(text="treasurer devnet admin")[12:])
"""Owns, mints and seeds everything on the devnet. Nobody has its key; anvil impersonates it."""

ADMIN_WEI = 10**27
CREATE2_DEPLOYER = "0x4e59b44847b379578588920cA78FbF26c0B4956C"
"""The deterministic deployer that anvil brings along: calldata is a 32-byte salt and the creation code."""

NO_ADDRESS = "0x" + 40 * "0"


class Deployer:
    """Creates contracts by artifact name, as ADMIN."""

    def __init__(self, rpc: Rpc, artifacts: Artifacts) -> None:
        self.rpc = rpc
        self.artifacts = artifacts

    def create(self, name: str, *arguments: Any, libraries: Mapping[str, str] | None = None) -> str:
        """Address of a new contract; raises TransactionFailed when its constructor reverts."""
        code = self._creation_code(name, arguments, libraries or {})
        receipt = self.rpc.transact({"from": ADMIN, "data": "0x" + code.hex()})
        return to_checksum_address(receipt["contractAddress"])

    def create_canonical(self, name: str, expected: str, *, factory: str = CREATE2_DEPLOYER, salt: int = 0) -> str:
        """Create through a CREATE2 deployer; raises ArtifactInvalid unless it lands on the canonical address.

        Landing there proves the bytes: the address is a hash over deployer, salt and creation code (EIP-1014).
        """
        code = self._creation_code(name, (), {})
        salted = salt.to_bytes(32, "big")
        digest = keccak(b"\xff" + bytes.fromhex(factory[2:]) + salted + keccak(code))
        address = to_checksum_address(digest[12:])
        if address != expected:
            raise ArtifactInvalid(f"{name} would land on {address}, not on its canonical address {expected}")
        self.rpc.transact({"from": ADMIN, "to": factory, "data": "0x" + (salted + code).hex()})
        if not self.rpc.code(address):
            raise ArtifactInvalid(f"the CREATE2 deployer {factory} left no code at {address}")
        return address

    def send(self, to: str, signature: str, *arguments: Any, wei: int = 0) -> None:
        self.rpc.send(ADMIN, to, signature, *arguments, wei=wei)

    def _creation_code(self, name: str, arguments: tuple[Any, ...], libraries: Mapping[str, str]) -> bytes:
        artifact = self.artifacts.load(name)
        return artifact.linked(libraries) + encode(artifact.constructor_types(), arguments)
