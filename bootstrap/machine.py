"""What the machine must have before anything is downloaded, and the command that mends what is missing."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NODE_MAJOR = 20
DISK_GB = 6  # packages 1, npm 1, compile 1, model 2 while it is joined, and room to run
DISK_GB_LATER = 1
DEVNET_PORT = 8545


class NotReady(Exception):
    """The machine lacks something; the message lists what, each with the command that mends it."""


def check(tools: Sequence[str], *, cache: Path, root: Path, first: bool, port: int | None) -> None:
    """Raise NotReady with every reason not to start, one sentence each.

    ``tools`` beside Python: ``node``, ``compiler``. ``first``: nothing is there yet. ``port``: the devnet's, where one
    will be started.
    """
    ask = {"node": _node, "compiler": _compiler}
    found = [_python(), *(ask[tool]() for tool in tools)]
    found += [_disk(folder, DISK_GB if first else DISK_GB_LATER) for folder in _apart(cache, root)]
    if port is not None:
        found.append(_port(port))
    if reasons := [reason for reason in found if reason]:
        raise NotReady("Before anything is downloaded:\n  " + "\n  ".join(reasons))


def _install(debian: str, fedora: str, mac: str) -> str:
    if sys.platform == "darwin":
        return mac
    sudo = "" if os.geteuid() == 0 else "sudo "
    if shutil.which("dnf"):
        return f"{sudo}dnf install -y {fedora}"
    return f"{sudo}apt-get install -y {debian}"


def _python() -> str | None:
    if all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        return None
    fix = _install(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", "python3-pip", "brew install python")
    return f"Python's venv module is missing -> {fix}"


def _node() -> str | None:
    fix = _install("nodejs npm", "nodejs npm", "brew install node")
    node = shutil.which("node")
    if not node or not shutil.which("npm"):
        return f"Node {NODE_MAJOR} or newer with npm is missing (the devnet's anvil and contracts come by npm) -> {fix}"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = version.lstrip("v").split(".")[0]
    if not major.isdigit() or int(major) < NODE_MAJOR:
        return f"Node {NODE_MAJOR} or newer is needed, {node} is {version or 'broken'} -> {fix} (or nodejs.org)"
    return None


def _compiler() -> str | None:
    if any(shutil.which(name) for name in (os.environ.get("CXX", ""), "c++", "g++", "clang++") if name):
        return None
    fix = _install("build-essential", "gcc-c++", "xcode-select --install")
    return f"a C++ compiler is missing (llama.cpp is compiled here) -> {fix}"


def _apart(cache: Path, root: Path) -> list[Path]:
    """The folders written to, one for each file system."""
    folders = {}
    for wanted in (cache, root):
        folder = next(there for there in (wanted, *wanted.parents) if there.exists())
        folders[folder.stat().st_dev] = folder
    return list(folders.values())


def _disk(folder: Path, needed_gb: int) -> str | None:
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb >= needed_gb:
        return None
    return f"{folder} has {free_gb:.1f} GB free, {needed_gb} are needed -> free some, or TREASURER_CACHE=/another/disk"


def _port(port: int) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return f"port {port} is taken -> make demo PORT={port + 1} (the command's own word for it is --port)"
    return None
