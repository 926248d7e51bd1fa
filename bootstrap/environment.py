"""The virtual environment ``.venv``, made from requirements.lock with every hash checked."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

from step import Log

COMPILED_HERE = "llama-cpp-python"  # its wheel is ours, so no published hash can match it
STAMPS = ".bootstrap"


def requirement(root: Path, name: str) -> str:
    """The lock's lines for one package, with its hashes; LookupError where it is not pinned."""
    found = re.search(rf"^{re.escape(name)}==.*\n(?:    .*\n)*", (root / "requirements.lock").read_text(), re.MULTILINE)
    if not found:
        raise LookupError(f"requirements.lock does not pin {name}: run make lock")
    return re.sub(r"\n    # .*", "", found[0]).rstrip().removesuffix("\\").rstrip() + "\n"


def python(root: Path) -> Path:
    """The environment's interpreter."""
    return root / ".venv" / "bin" / "python"


def install(root: Path, log: Log) -> None:
    """Make the environment where there is none, and bring it to the lock; treasurer itself is installed editable."""
    if not is_sound(root):
        log.run([sys.executable, "-m", "venv", "--clear", root / ".venv"])
    stamps = root / ".venv" / STAMPS
    stamps.mkdir(exist_ok=True)
    uv = stamps / "uv.txt"
    uv.write_text(requirement(root, "uv"))
    log.run([python(root), "-m", "pip", "install", "--require-hashes", "--no-deps", "--requirement", uv])
    rest = stamps / "requirements.txt"
    lock = (root / "requirements.lock").read_text()
    rest.write_text(re.sub(rf"^{COMPILED_HERE}==.*\n(?:    .*\n)*", "", lock, flags=re.MULTILINE))
    into = [python(root), "-m", "uv", "pip", "install", "--python", python(root)]
    log.run([*into, "--require-hashes", "--no-deps", "--requirement", rest])
    log.run([*into, "--no-deps", "--no-build-isolation", "--editable", root])


def install_wheel(root: Path, wheel: Path, log: Log) -> None:
    """Install the wheel that was compiled here."""
    command = [python(root), "-m", "uv", "pip", "install", "--python", python(root), "--no-deps", "--reinstall", wheel]
    log.run(command)


def is_done(root: Path, part: str, *inputs: str) -> bool:
    """Whether ``part`` was finished in this environment for exactly these inputs."""
    stamp = root / ".venv" / STAMPS / part
    return python(root).exists() and stamp.exists() and stamp.read_text() == _stamp(root, inputs)


def set_done(root: Path, part: str, *inputs: str) -> None:
    """Remember that ``part`` is finished."""
    (root / ".venv" / STAMPS / part).write_text(_stamp(root, inputs))


def is_sound(root: Path) -> bool:
    """Whether the environment's interpreter still starts (a removed or upgraded Python leaves a dead link)."""
    if not python(root).exists():
        return False
    return subprocess.run([python(root), "-c", ""], capture_output=True, check=False).returncode == 0


def _stamp(root: Path, inputs: tuple[str, ...]) -> str:
    parts = [str(root), *inputs]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
