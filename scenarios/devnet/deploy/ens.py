"""ENS: registry and universal resolver where programs look for them, a public resolver, `.eth`, and reverse names."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils import keccak

from ....wallets.ens import ENS_REGISTRY, namehash
from .deployer import ADMIN, Deployer

UNIVERSAL_RESOLVER = "0xeEeEEEeE14D718C2B47D9923Deab1335E144EeEe"
ROOT = bytes(32)
SET_OWNER = "setSubnodeOwner(bytes32,bytes32,address)"


@dataclass(frozen=True)
class Ens:
    """Where ENS lies."""

    registry: str
    resolver: str
    reverse_registrar: str
    universal_resolver: str


def deploy_ens(deployer: Deployer) -> Ens:
    """ADMIN owns `.eth`; the reverse registrar owns `addr.reverse`, so that everybody names his own address."""
    _place(deployer, "ENSRegistry", ENS_REGISTRY)
    # Its constructor gave the root to its creator in storage, which does not travel with the code.
    root_owner = "0x" + keccak(ROOT + bytes(32)).hex()
    deployer.rpc.request("anvil_setStorageAt", ENS_REGISTRY, root_owner, "0x" + ADMIN[2:].rjust(64, "0"))
    resolver = deployer.create("PublicResolver", ENS_REGISTRY)
    registrar = deployer.create("ReverseRegistrar", ENS_REGISTRY, resolver)
    for parent, label, owner in (("", "eth", ADMIN), ("", "reverse", ADMIN), ("reverse", "addr", registrar)):
        deployer.send(ENS_REGISTRY, SET_OWNER, namehash(parent), keccak(text=label), owner)
    _place(deployer, "universal_resolver", UNIVERSAL_RESOLVER)
    return Ens(ENS_REGISTRY, resolver, registrar, UNIVERSAL_RESOLVER)


def _place(deployer: Deployer, name: str, address: str) -> None:
    created = deployer.create(name)
    deployer.rpc.request("anvil_setCode", address, deployer.rpc.request("eth_getCode", created, "latest"))
