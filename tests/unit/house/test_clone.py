"""A clone may lie anywhere: a path with a space and a dot, under any name, and nothing leaks to the top level."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .conftest import PACKAGES

PROBE = """
import importlib
import pkgutil
import sys
from pathlib import Path

import treasurer


def test_inside():
    names = [module.name for module in pkgutil.walk_packages(treasurer.__path__, "treasurer.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    assert len(modules) > 50
    assert all(Path(module.__file__).resolve().is_relative_to({clone!r}) for module in modules)
    assert not {packages!r} & set(sys.modules), {packages!r} & set(sys.modules)
"""


def test_the_product_imports_in_a_clone_whose_path_has_a_space_and_a_dot(
    root: Path, files: list[str], tmp_path: Path
) -> None:
    clone = tmp_path / "a clone v1.0"
    for name in files:
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, clone / name)
    packages = set(PACKAGES)
    probe = clone / "tests" / "unit" / "house" / "test_probe.py"
    probe.write_text(PROBE.format(clone=str(clone.resolve()), packages=packages))
    # What an editable install does, for a clone that has none: the name treasurer, and that name alone, is the clone.
    named = tmp_path / "named"
    named.mkdir()
    (named / "treasurer").symlink_to(clone, target_is_directory=True)
    start = f"import sys, pytest; sys.path.insert(0, {str(named)!r}); sys.exit(pytest.main({['-q', str(probe)]!r}))"
    # -P keeps the working folder off the path; -I would drop the environment that asyncio_mode needs.
    command = [sys.executable, "-P", "-c", start]
    result = subprocess.run(command, cwd=clone, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-2000:]
    assert "1 passed" in result.stdout


def test_no_package_is_top_level_while_the_tests_run() -> None:
    assert not {*PACKAGES} & set(sys.modules)
