"""Safe 1.4.1 at its canonical addresses, and Multicall3 at its own."""

from __future__ import annotations

from collections.abc import Mapping

from .deployer import CREATE2_DEPLOYER, Deployer

SAFE_DEPLOYER = "0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7"
MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"

SAFE_CONTRACTS: Mapping[str, tuple[str, str]] = {
    "safe-singleton": ("Safe", "0x41675C099F32341bf84BFc5382aF534df5C7461a"),
    "safe-singleton-l2": ("SafeL2", "0x29fcB43b46531BcA003ddC8FCB67FFE91900C762"),
    "safe-proxy-factory": ("SafeProxyFactory", "0x4e1DCf7AD4e460CfD30791CCC4F9c8a4f820ec67"),
    "safe-multisend": ("MultiSend", "0x38869bf66a61cF6bDB996A6aE40D5853Fd43B526"),
    "safe-multisend-call-only": ("MultiSendCallOnly", "0x9641d764fc13c8B624c04430C7356C1C7C8102e2"),
    "safe-fallback-handler": ("CompatibilityFallbackHandler", "0xfd0732Dc9E303f09fCEf3a7388Ad10A83459Ec99"),
}
"""Registry label -> artifact and the address that Safe's deployer gives it on every chain."""


def deploy_safe(deployer: Deployer) -> dict[str, str]:
    """Addresses by registry label. Safe's own deployer is the same program as anvil's, at another address."""
    program = deployer.rpc.request("eth_getCode", CREATE2_DEPLOYER, "latest")
    deployer.rpc.request("anvil_setCode", SAFE_DEPLOYER, program)
    return {
        label: deployer.create_canonical(artifact, address, factory=SAFE_DEPLOYER)
        for label, (artifact, address) in SAFE_CONTRACTS.items()
    }


def deploy_multicall3(deployer: Deployer) -> str:
    """Multicall3 was created by a signed transaction of its own; here its code is put at the same address."""
    created = deployer.create("Multicall3")
    deployer.rpc.request("anvil_setCode", MULTICALL3, deployer.rpc.request("eth_getCode", created, "latest"))
    return MULTICALL3
