"""Permit2 at its canonical address, from the bytes that were compiled when the packages were installed."""

from __future__ import annotations

from .deployer import Deployer

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
PERMIT2_SALT = 0xD3AF2663DA51C10215000000
"""What its makers chose for the zeros of the address (`script/DeployPermit2.s.sol`)."""


def deploy_permit2(deployer: Deployer) -> str:
    """Landing on the address proves that the compiler gave the very bytes that lie there on every chain."""
    return deployer.create_canonical("Permit2", PERMIT2, salt=PERMIT2_SALT)
