"""ERC-4337's EntryPoint 0.8 at its canonical address."""

from __future__ import annotations

from .deployer import Deployer

ENTRY_POINT = "0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108"
ENTRY_POINT_SALT = 0x0A59DBFF790C23C976A548690C27297883CC66B4C67024F9117B0238995E35E9


def deploy_entry_point(deployer: Deployer) -> str:
    """Its address; it has no owner and no setting."""
    return deployer.create_canonical("EntryPoint", ENTRY_POINT, salt=ENTRY_POINT_SALT)
