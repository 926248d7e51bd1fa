"""Dependencies: what is imported is declared, what is declared is used, and docs/dependencies.md says why."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

# Declared though never imported: each with its reason.
HELD_FOR_ANOTHER = {
    "coincurve",  # eth-keys finds it
    "tzdata",  # zoneinfo finds it
}
# Imported by the package, and no dependency of it: each with its reason.
BROUGHT_BY_ITS_USER = {
    "pytest",  # scenarios/testing is a plug-in for users' own tests
    "vyper",  # compiles our own contracts, whose bytecode is committed
}

# Parts of a declared package that ship apart.
PARTS = {"langgraph-checkpoint": "langgraph", "pydantic-core": "pydantic"}


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _declared(configuration: dict[str, Any]) -> set[str]:
    project = configuration["project"]
    extras = project["optional-dependencies"].values()
    return {_name(text) for group in [project["dependencies"], *extras] for text in group}


def _imported(root: Path, product: list[str]) -> dict[str, str]:
    """Third-party distribution -> one file that imports it."""
    homes = packages_distributions()
    found: dict[str, str] = {}
    for name in (name for name in product if name.endswith(".py")):
        for node in ast.walk(ast.parse((root / name).read_text())):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules = [node.module]
            for top in (module.split(".")[0] for module in modules):
                if top not in sys.stdlib_module_names:
                    found.update(dict.fromkeys([_distribution(homes, top, node)], name))
    return found


def _distribution(homes: Any, top: str, node: ast.AST) -> str:
    candidates = sorted({_name(name) for name in homes.get(top, [top])})
    if len(candidates) > 1 and isinstance(node, ast.ImportFrom) and node.module:  # langgraph is a namespace of several
        longest = [name for name in candidates if _name(node.module).startswith(name)]
        candidates = longest[-1:] or candidates
    return PARTS.get(candidates[0], candidates[0])


def test_what_is_imported_is_declared(root: Path, product: list[str], configuration: dict[str, Any]) -> None:
    imported = _imported(root, product)
    undeclared = {name: where for name, where in imported.items() if name not in _declared(configuration)}
    assert not {name: where for name, where in undeclared.items() if name not in BROUGHT_BY_ITS_USER}


def test_what_is_declared_is_used(root: Path, product: list[str], configuration: dict[str, Any]) -> None:
    assert not _declared(configuration) - set(_imported(root, product)) - HELD_FOR_ANOTHER


def test_the_docs_say_why_each_dependency_is_there(root: Path, configuration: dict[str, Any]) -> None:
    told = set(re.findall(r"^\| `([a-zA-Z0-9._-]+)`", (root / "docs" / "dependencies.md").read_text(), re.MULTILINE))
    groups = configuration["dependency-groups"]["dev"]
    assert {_name(name) for name in told} == _declared(configuration) | {_name(text) for text in groups}
