"""An install that cannot be is refused with what to do, and leaves no cache that looks whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.scenarios.devnet.cache import cache_root
from treasurer.scenarios.devnet.errors import InstallFailed, NodeMissing
from treasurer.scenarios.devnet.packages import packages_folder


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder on the PATH; an empty cache."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("TREASURER_CACHE", str(tmp_path / "cache"))
    return folder


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def cached() -> list[str]:
    return [path.name for path in cache_root().iterdir() if path.is_dir()]


def test_an_old_node_is_named_with_the_version_that_is_needed(programs: Path) -> None:
    program(programs / "node", "echo v18.19.1")
    program(programs / "npm", "exit 0")
    with pytest.raises(NodeMissing, match=r"v18\.19\.1 is too old .* install 20 or newer"):
        packages_folder()
    assert cached() == []


def test_node_without_npm_is_not_enough(programs: Path) -> None:
    program(programs / "node", "echo v20.0.0")
    with pytest.raises(NodeMissing, match="with npm"):
        packages_folder()


def test_what_npm_says_is_shown_when_it_fails(programs: Path) -> None:
    program(programs / "node", "echo v20.0.0")
    program(programs / "npm", "echo 'npm error network: the registry is away' >&2; exit 1")
    with pytest.raises(InstallFailed, match="the registry is away") as failed:
        packages_folder()
    assert failed.value.exit_status == 3
    assert cached() == []


def test_an_install_that_lacks_an_artifact_is_no_install(programs: Path) -> None:
    program(programs / "node", "echo v20.0.0")
    program(programs / "npm", "exit 0")
    with pytest.raises(InstallFailed, match="npm installed no"):
        packages_folder()
    assert cached() == []
