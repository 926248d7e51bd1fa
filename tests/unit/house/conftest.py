"""What the house tests read: the configuration, and the files that belong to the repository."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

PACKAGES = ("agent", "inference", "policies", "runtime", "scenarios", "tools", "wallets")


@pytest.fixture(scope="session")
def configuration(root: Path) -> dict[str, Any]:
    return tomllib.loads((root / "pyproject.toml").read_text())


@pytest.fixture(scope="session")
def files(root: Path) -> list[str]:
    """Every file that is committed or would be, relative to the root, with forward slashes."""
    command = ["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return sorted(name for name in listed if name and (root / name).is_file())


@pytest.fixture(scope="session")
def product(files: list[str]) -> list[str]:
    """The files of the seven packages, and the two of the root: what a wheel holds, and nothing else."""
    return [name for name in files if name.split("/")[0] in PACKAGES or name in {"__init__.py", "py.typed"}]
