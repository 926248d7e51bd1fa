"""The world: every protocol deployed once on a fresh anvil, its state and registry kept in the cache."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

from ..anvil import Anvil
from ..artifacts import OWN, Artifacts
from ..cache import content_hash, once
from ..packages import Progress, anvil_path, lock_files, packages_folder, silent
from ..rpc import Rpc
from .aave_v3 import deploy_aave_v3
from .account_abstraction import deploy_entry_point
from .deployer import ADMIN, ADMIN_WEI, Deployer
from .ens import deploy_ens
from .permit2 import deploy_permit2
from .registry import (
    OWN_SOURCE,
    aave_venue,
    describe,
    permit2_venue,
    uniswap_v2_venue,
    uniswap_v3_venue,
)
from .safe import deploy_multicall3, deploy_safe
from .tokens import deploy_tokens
from .uniswap_v2 import deploy_uniswap_v2
from .uniswap_v3 import deploy_uniswap_v3

STATE = "state.json"
REGISTRY = "registry.json"


def world_folder(progress: Progress = silent) -> Path:
    """The cache's folder with STATE and REGISTRY of this version's world, built on first use.

    Its name is a hash over the npm lock (which fixes anvil's version), our contracts and the code that deploys.
    """
    packages = packages_folder(progress)
    here = files(__package__)
    code = sorted((item.name, item.read_bytes()) for item in here.iterdir() if item.name.endswith(".py"))
    contracts = files(__package__.rpartition(".")[0]) / "contracts"
    parts = [data for _, data in lock_files()]
    parts += [(contracts / f"{name}.json").read_bytes() for name in OWN]
    parts += [part for name, data in code for part in (name.encode(), data)]
    return once("world-" + content_hash(parts), lambda folder: _build(folder, packages, progress))


def _build(folder: Path, packages: Path, progress: Progress) -> None:
    progress("deploying the devnet's world")
    anvil = Anvil.start(anvil_path(packages), log=folder / "anvil.log", dump_to=folder / STATE)
    try:
        rpc = Rpc(anvil.url)
        registry = deploy_world(Deployer(rpc, Artifacts(packages)))
        rpc.close()
    finally:
        anvil.stop()
    (folder / REGISTRY).write_text(json.dumps(registry, indent=2) + "\n", encoding="utf-8")
    (folder / "anvil.log").unlink()


def deploy_world(deployer: Deployer) -> dict[str, object]:
    """Deploy everything on the node and return the registry."""
    rpc = deployer.rpc
    rpc.request("anvil_setBalance", ADMIN, hex(ADMIN_WEI))
    tokens = deploy_tokens(deployer)
    uniswap_v2 = deploy_uniswap_v2(deployer, tokens)
    uniswap_v3 = deploy_uniswap_v3(deployer, tokens, uniswap_v2.factory)
    aave = deploy_aave_v3(deployer, tokens)
    contracts = {"multicall3": (deploy_multicall3(deployer), "npm viem 2.57.20")}
    for label, address in deploy_safe(deployer).items():
        contracts[label] = (address, "npm @safe-global/safe-contracts 1.4.1")
    ens = deploy_ens(deployer)
    contracts |= {
        "entry-point-0.8": (deploy_entry_point(deployer), "npm @account-abstraction/contracts 0.8.0"),
        "ens-registry": (ens.registry, "npm @ensdomains/ens 0.6.2"),
        "ens-resolver": (ens.resolver, "npm @ensdomains/resolver 0.3.1"),
        "ens-reverse-registrar": (ens.reverse_registrar, "npm @ensdomains/ens 0.6.2"),
        "ens-universal-resolver": (ens.universal_resolver, OWN_SOURCE),
    }
    venues = {
        "aave-v3": aave_venue(rpc, aave),
        "permit2": permit2_venue(rpc, deploy_permit2(deployer)),
        "uniswap-v2": uniswap_v2_venue(rpc, uniswap_v2),
        "uniswap-v3": uniswap_v3_venue(rpc, uniswap_v3),
    }
    return describe(rpc, tokens, venues, contracts)
