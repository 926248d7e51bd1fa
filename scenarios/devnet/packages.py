"""The npm packages that the devnet stands on: installed from the lock into the cache, cut down to what is used.

Nothing of them is ever committed or shipped: their licences (BUSL, GPL, LGPL) allow use on a test chain.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from .artifacts import ARTIFACTS
from .cache import content_hash, once
from .errors import InstallFailed, NodeMissing
from .permit2_compiler import FILES, SETTINGS, compile_permit2

OLDEST_NODE = 20
INSTALL_TIMEOUT_SECONDS = 1800
PLATFORMS = {
    ("Linux", "x86_64"): "linux-amd64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-amd64",
    ("Darwin", "arm64"): "darwin-arm64",
}

Progress = Callable[[str], None]


def silent(_: str) -> None:
    """A Progress that tells nobody."""


def lock_files() -> list[tuple[str, bytes]]:
    """`package.json` and `package-lock.json` of this package's data."""
    folder = files(__package__)
    return [(name, (folder / name).read_bytes()) for name in ("package.json", "package-lock.json")]


def packages_folder(progress: Progress = silent) -> Path:
    """The folder with `node_modules`, installed on first use.

    Raises NodeMissing where Node.js or npm is missing, InstallFailed where npm fails.
    """
    kept = json.dumps([sorted(kept_files()), FILES, SETTINGS]).encode()
    name = "npm-" + content_hash([*(data for _, data in lock_files()), kept])
    return once(name, lambda folder: _install(folder, progress))


def anvil_path(folder: Path) -> Path:
    """The node itself."""
    return folder / _binary("anvil")


def cast_path(folder: Path) -> Path:
    """Foundry's `cast`, to look at the devnet with a program that is not ours."""
    return folder / _binary("cast")


def kept_files() -> list[str]:
    """What is left of the packages, below the cache's folder."""
    return [*ARTIFACTS.values(), _binary("anvil"), _binary("cast")]


def _binary(tool: str) -> str:
    key = (platform.system(), platform.machine())
    if key not in PLATFORMS:
        raise NodeMissing(f"anvil is not published for {key[0]} {key[1]}: use Linux or macOS, or point --rpc at a node")
    return f"node_modules/@foundry-rs/{tool}-{PLATFORMS[key]}/bin/{tool}"


def _install(folder: Path, progress: Progress) -> None:
    node, npm = _programs()
    work = folder / "work"
    work.mkdir()
    for name, data in lock_files():
        (work / name).write_bytes(data)
    progress("installing anvil and the protocols' contracts from npm, about 150 MB")
    command = [npm, "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(
        command, check=False, cwd=work, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_SECONDS
    )
    if done.returncode != 0:
        last = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise InstallFailed(f"npm ci failed; check the network and npm's registry setting, then try again:\n{last}")
    progress("compiling Permit2, some seconds")
    (work / ARTIFACTS["Permit2"]).write_text(compile_permit2(work, node), encoding="utf-8")
    for name in kept_files():
        source = work / name
        if not source.is_file():
            raise InstallFailed(f"npm installed no {name}: the lock and the list of artifacts disagree")
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
    shutil.rmtree(work)


def _programs() -> tuple[str, str]:
    """Node.js and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NodeMissing(
            f"Node.js {OLDEST_NODE} or newer with npm is needed for the devnet: install it, then try again"
        )
    asked = subprocess.run([node, "--version"], check=False, capture_output=True, text=True, timeout=30)
    version = asked.stdout.strip()
    if int(version.lstrip("v").split(".")[0] or 0) < OLDEST_NODE:
        raise NodeMissing(
            f"Node.js {version} is too old for the devnet: install {OLDEST_NODE} or newer, then try again"
        )
    return node, npm
