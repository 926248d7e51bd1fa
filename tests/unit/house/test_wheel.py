"""What people install: sdist, wheel, a fresh environment without this clone, working folder ``/``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
sys.modules["llama_cpp"] = None      # an auditor compiles nothing
sys.modules["vyper"] = None          # and brings no compiler
import treasurer
names = ["treasurer"] + [m.name for m in pkgutil.walk_packages(treasurer.__path__, "treasurer.")]
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
strays = {"agent", "bench", "inference", "policies", "runtime", "scenarios", "tests", "tools", "wallets"}
assert not strays & set(sys.modules), strays & set(sys.modules)
assert [treasurer.__file__.startswith(sys.prefix)] == [True], treasurer.__file__
print(len(names), [getattr(treasurer, name).__module__ for name in treasurer.__all__])
"""


@dataclass(frozen=True)
class Installed:
    """The wheel's names, and an environment that holds it beside this environment's third-party packages."""

    names: frozenset[str]
    metadata: str
    bin: Path

    def run(self, *command: str, home: Path, given: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": os.environ["PATH"], "HOME": str(home), "TREASURER_CACHE": str(home / "cache")} | more
        words = [str(self.bin / command[0]), *command[1:]]
        return subprocess.run(
            words, cwd="/", env=env, input=given, capture_output=True, text=True, timeout=300, check=False
        )


def _quietly(command: Sequence[str | Path], cwd: Path) -> None:
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]


@pytest.fixture(scope="module")
def installed(root: Path, files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    source = tmp_path_factory.mktemp("a clone.copy")
    for name in files:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, source / name)
    built = tmp_path_factory.mktemp("built")
    _quietly([sys.executable, "-m", "build", "--no-isolation", "--outdir", built, source], cwd=built)
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    assert sdist.stat().st_size > wheel.stat().st_size / 2
    fresh = tmp_path_factory.mktemp("fresh") / "environment"
    _quietly([sys.executable, "-m", "venv", "--without-pip", fresh], cwd=built)
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    here = Path(sysconfig.get_paths()["purelib"])
    # Third-party packages come from the environment that runs the tests; its editable finder of this clone does not,
    # because a path that a .pth file names is searched, not read for .pth files of its own.
    (fresh / "lib" / version / "site-packages" / "third_party.pth").write_text(f"{here}\n")
    pip = [sys.executable, "-m", "pip", "--python", fresh / "bin" / "python", "install", "--quiet", "--no-index"]
    _quietly([*pip, "--no-deps", "--ignore-installed", wheel], cwd=built)
    with zipfile.ZipFile(wheel) as archive:
        names = frozenset(archive.namelist())
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA"))).decode()
    return Installed(names, metadata, fresh / "bin")


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(installed: Installed, product: list[str]) -> None:
    ours = {name.removeprefix("treasurer/") for name in installed.names if name.startswith("treasurer/")}
    assert ours == set(product)
    others = {name.split("/")[0] for name in installed.names} - {"treasurer"}
    assert all(name.endswith(".dist-info") for name in others), others


def test_the_wheel_names_its_licence_and_extras(installed: Installed) -> None:
    assert "License-Expression: Apache-2.0" in installed.metadata
    assert 'Requires-Dist: llama-cpp-python==0.3.36; extra == "local"' in installed.metadata
    assert any(name.endswith("licenses/LICENSE") for name in installed.names)


def test_every_module_imports_from_the_wheel_without_a_compiler(installed: Installed, tmp_path: Path) -> None:
    result = installed.run("python", "-W", "error::SyntaxWarning", "-c", IMPORT_EVERYTHING, home=tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]


def test_the_command_runs_from_the_wheel(installed: Installed, tmp_path: Path) -> None:
    result = installed.run("treasurer", "--help", home=tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    assert "treasurer" in result.stdout


def test_the_scenarios_come_with_the_wheel(installed: Installed, tmp_path: Path) -> None:
    result = installed.run("treasurer", "scenario", "list", home=tmp_path)
    assert result.returncode == 0, result.stderr[-3000:]
    names = [line.split()[0] for line in result.stdout.splitlines() if not line.startswith(" ")]
    assert {"day", "defend", "pay-and-escalate", "poisoned-airdrop", "rebalance"} <= set(names)


def test_the_first_quarter_of_an_hour_works_from_the_wheel(installed: Installed, tmp_path: Path) -> None:
    """init, a payment, policy check, export and verify, on a devnet that the wheel itself starts."""
    cache = os.environ.get("TREASURER_CACHE") or str(Path.home() / ".cache" / "treasurer")
    bot, car = tmp_path / "acme", tmp_path / "log.car"

    def treasurer(*words: str, given: str = "", status: int = 0) -> str:
        done = installed.run(
            "treasurer", *words, home=tmp_path, given=given, TREASURER_CACHE=cache, XDG_RUNTIME_DIR=str(tmp_path)
        )
        assert done.returncode == status, (words, done.stdout[-2000:], done.stderr[-3000:])
        return done.stdout

    rpc = json.loads(treasurer("devnet", "up", "--port", "0", "--json"))["rpc"]
    try:
        treasurer("init", str(bot), "--chain", "devnet", "--rpc", rpc, "--yes")
        paid = json.loads(treasurer("--bot", str(bot), "wallet", "send", "10", "usdc", "to", "alice", "--json"))
        assert paid["state"] == "confirmed"
        policy = ("--policy", str(bot / "policy.yaml"), "--book", str(bot / "book.yaml"))
        judged = json.loads(treasurer("policy", "check", "--static", *policy, given="not JSON\n"))
        assert judged["verdict"] == "deny"
        treasurer("--bot", str(bot), "audit", "export", str(car))
        report = json.loads(treasurer("audit", "verify", str(car), "--rpc", rpc, "--json"))
        assert report["refuted"] == 0 < report["verified"]
    finally:
        treasurer("devnet", "down")


def test_a_devnet_without_node_says_what_is_missing(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("treasurer", "devnet", "up", "--port", "0", home=tmp_path, PATH="/nowhere")
    assert done.returncode == 3, done.stderr[-3000:]
    assert "Node" in done.stderr
    assert "Traceback" not in done.stderr


def test_importing_writes_nothing_into_the_home_folder(installed: Installed, tmp_path: Path) -> None:
    installed.run("python", "-c", IMPORT_EVERYTHING, home=tmp_path)
    assert not list(tmp_path.iterdir())
