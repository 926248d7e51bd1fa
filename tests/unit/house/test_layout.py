"""The house of docs/architecture.md: what lies where, and what is said where."""

from __future__ import annotations

import ast
import importlib
import subprocess
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import treasurer
from treasurer import policies, wallets

from .conftest import PACKAGES

LONGEST_FILE_LINES = 400
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
ELSEWHERE = {"tests", "bench", "docs", "bootstrap"}


def test_every_folder_with_python_is_a_listed_package(configuration: dict[str, Any], product: list[str]) -> None:
    listed = configuration["tool"]["setuptools"]["packages"]
    folders = {name.rpartition("/")[0] for name in product if name.endswith(".py")}
    there = {".".join(["treasurer", *folder.split("/")]).rstrip(".") for folder in folders}
    missing, stale = sorted(there - set(listed)), sorted(set(listed) - there)
    lines = "\n".join(f'    "{name}",' for name in missing)
    assert not missing, f"add to [tool.setuptools] packages in pyproject.toml:\n{lines}"
    assert not stale, f"remove from [tool.setuptools] packages in pyproject.toml: {stale}"
    assert listed == sorted(listed)


def test_every_package_has_an_init(product: list[str]) -> None:
    folders = {name.rpartition("/")[0] for name in product if name.endswith(".py")} - {""}
    without = [folder for folder in sorted(folders) if f"{folder}/__init__.py" not in product]
    assert not without, "a folder's __init__.py states what lives there and what it may import"


def test_the_root_holds_no_module_but_the_package(files: list[str]) -> None:
    assert [name for name in files if "/" not in name and name.endswith(".py")] == ["__init__.py"]


def test_python_lies_in_the_packages_or_beside_them(files: list[str]) -> None:
    tops = {name.split("/")[0] for name in files if name.endswith(".py") and "/" in name}
    assert tops <= {*PACKAGES, *ELSEWHERE}


def test_no_name_says_nothing(product: list[str]) -> None:
    stems = {name: set(name.removesuffix(".py").split("/")) for name in product}
    assert not [name for name, parts in stems.items() if parts & NAMES_THAT_SAY_NOTHING]


def test_no_file_is_too_long_to_read(root: Path, files: list[str]) -> None:
    lines = {name: len((root / name).read_text().splitlines()) for name in files if name.endswith(".py")}
    assert not {name: count for name, count in lines.items() if count > LONGEST_FILE_LINES}


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_exports_what_it_names_and_says_what_it_may_import(package: str) -> None:
    module = importlib.import_module(f"treasurer.{package}")
    assert module.__doc__
    assert module.__doc__.startswith(f"{package}: ")
    exported = getattr(module, "__all__", [])
    assert len(exported) == len(set(exported))
    assert not [name for name in exported if not hasattr(module, name)]


@pytest.mark.parametrize("package", [treasurer, wallets])
def test_lazy_names_load_and_all_of_them(package: ModuleType) -> None:
    tree = ast.parse(Path(package.__file__ or "").read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    imports = [node for node in guarded.body if isinstance(node, ast.ImportFrom)]
    declared = {alias.name: f".{node.module}" for node in imports for alias in node.names}
    assert declared == package._HOMES, "what type checkers see and what loads must be the same"
    assert package.__all__ == sorted(declared) == [name for name in dir(package) if name in declared]
    for name in package.__all__:
        assert getattr(package, name).__name__ == name
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = package.Nothing


def test_the_judge_of_policies_is_the_function() -> None:
    assert policies.judge is importlib.import_module("treasurer.policies.judgement.judge").judge


def test_imports_run_downwards_only(root: Path) -> None:
    command = [str(root / ".venv" / "bin" / "lint-imports"), "--no-cache", "--config", str(root / "pyproject.toml")]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    assert "0 broken" in result.stdout
