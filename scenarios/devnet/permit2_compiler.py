"""Permit2 from its own source (MIT), by the compiler of npm: no package ships its bytecode.

With these settings, and the sources given in this order, the bytes are those at the canonical address on every chain;
the deployment proves it.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from .errors import InstallFailed

SOURCES = "node_modules/@uniswap/v4-periphery/lib/permit2"
COMPILER = "node_modules/solc/solc.js"
TIMEOUT_SECONDS = 300
FILES = (
    "src/Permit2.sol",
    "src/SignatureTransfer.sol",
    "src/AllowanceTransfer.sol",
    "lib/solmate/src/tokens/ERC20.sol",
    "lib/solmate/src/utils/SafeTransferLib.sol",
    "src/libraries/PermitHash.sol",
    "src/libraries/SignatureVerification.sol",
    "src/EIP712.sol",
    "src/interfaces/IAllowanceTransfer.sol",
    "src/PermitErrors.sol",
    "src/libraries/Allowance.sol",
    "src/interfaces/ISignatureTransfer.sol",
    "src/interfaces/IEIP712.sol",
    "src/interfaces/IERC1271.sol",
)
SETTINGS = {
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 1_000_000},
    "evmVersion": "london",
    "metadata": {"bytecodeHash": "none"},
    "remappings": ["solmate/=lib/solmate/"],
    "outputSelection": {"*": {"Permit2": ["abi", "evm.bytecode.object"]}},
}


def compile_permit2(folder: Path, node: str) -> str:
    """The artifact as JSON. folder: where `node_modules` lies. Raises InstallFailed when the compiler fails."""
    if not (folder / SOURCES).is_dir():
        raise InstallFailed(f"npm installed no {SOURCES}: the lock and the list of sources disagree")
    sources = {name: {"content": (folder / SOURCES / name).read_text(encoding="utf-8")} for name in FILES}
    request = {"language": "Solidity", "sources": sources, "settings": SETTINGS}
    done = subprocess.run(
        [node, COMPILER, "--standard-json"],
        check=False,
        cwd=folder,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    try:
        # The compiler's program may say a line of its own before the answer.
        contract = json.loads(done.stdout[done.stdout.index("{") :])["contracts"]["src/Permit2.sol"]["Permit2"]
    except (KeyError, ValueError) as error:
        raise InstallFailed(f"npm's solc did not compile Permit2: {(done.stderr or done.stdout)[-500:]}") from error
    artifact = {"contractName": "Permit2", "abi": contract["abi"], "bytecode": contract["evm"]["bytecode"]["object"]}
    return json.dumps(artifact)
