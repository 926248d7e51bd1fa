"""ENS: where its registry lies, and the hash that a name has there."""

from __future__ import annotations

from eth_utils.crypto import keccak

from .values import DEVNET_CHAIN_ID

ENS_REGISTRY = "0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e"
"""The same on every chain that has one (EIP-137; docs.ens.domains, Deployments)."""
ENS_CHAINS = frozenset({1, 11_155_111, 17_000, 560_048, DEVNET_CHAIN_ID})
"""Ethereum, its test networks Sepolia, Holesky and Hoodi, and our devnet."""


def namehash(name: str) -> bytes:
    """EIP-137's hash of a name that ENSIP-15 has normalised; of the empty name 32 zero bytes."""
    node = bytes(32)
    for label in reversed(name.split(".") if name else []):
        node = keccak(node + keccak(text=label))
    return node
