"""The compiled llama-cpp-python: one wheel for each version, build option and CPU, kept in the cache for all clones.

pip's own cache ignores CMAKE_ARGS and the CPU: a wheel built for another machine dies of SIGILL. So the options and the
CPU's flags are part of the entry's name.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from step import Log, locked

PACKAGE = "llama-cpp-python"
LEAN = Path(__file__).parent / "llama.cmake"
MINUTES_ON_TWO_CORES = 3


def options() -> list[str]:
    """What CMake is told, without paths: PORTABLE=1 builds for any x86-64 with AVX2 (llama.cpp's own portable set)."""
    portable = ["-DGGML_NATIVE=OFF"] if os.environ.get("PORTABLE") == "1" else []
    return ["-DLLAVA_BUILD=OFF", *portable, *shlex.split(os.environ.get("TREASURER_CMAKE_ARGS", ""))]


def entry(cache: Path, requirement: str) -> Path:
    """The cache folder of the wheel that this machine needs for a pinned requirement of the lock."""
    found = re.match(r"llama-cpp-python==(\S+)", requirement)
    if not found:
        raise LookupError("requirements.lock does not pin llama-cpp-python: run make lock")
    cpu = "portable" if os.environ.get("PORTABLE") == "1" else _cpu()
    parts = [requirement, LEAN.read_text(), *options(), sys.platform, platform.machine(), cpu]
    return cache / f"llama-{found[1]}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:16]}"


def note() -> str:
    """What the screen says about the wait."""
    return f", about {max(1, round(MINUTES_ON_TWO_CORES * 2 / (os.cpu_count() or 2)))} min"


def build(folder: Path, requirement: str, python: Path, log: Log) -> None:
    """Compile the wheel into ``folder``, aside and then renamed, unless another clone has done it."""
    with locked(folder.parent / "locks" / f"{folder.name}.lock"):
        if folder.exists():
            return
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix="llama-building-") as scratch:
            pinned = Path(scratch) / "requirement.txt"
            pinned.write_text(requirement)
            wheels = Path(scratch) / "wheels"
            lean = f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={LEAN}"
            command = [python, "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-cache-dir", "--require-hashes"]
            log.run(
                [*command, "--requirement", pinned, "--wheel-dir", wheels],
                CMAKE_ARGS=shlex.join([*options(), lean]),
            )
            (wheels / "built-with.txt").write_text(shlex.join(options()) + "\n")
            shutil.move(wheels, folder)


def wheel(folder: Path) -> Path:
    """The one wheel of an entry; LookupError where it is not there."""
    found = list(folder.glob("*.whl"))
    if len(found) != 1:
        raise LookupError(f"{folder} should hold one wheel: remove the folder and run again")
    return found[0]


def _cpu() -> str:
    """What the compiler's -march=native depends on, as the system tells it."""
    if sys.platform == "darwin":
        names = ["machdep.cpu.brand_string", "machdep.cpu.features", "machdep.cpu.leaf7_features"]
        return subprocess.run(["sysctl", "-n", *names], capture_output=True, text=True, check=False).stdout
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.lower().startswith(("flags", "features")):
            return " ".join(sorted(line.partition(":")[2].split()))
    return platform.processor()
