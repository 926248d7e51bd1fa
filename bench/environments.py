"""Environments of the peers: each from a lock of its own, in the cache, never in the project's environment."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

from treasurer.scenarios.devnet.cache import content_hash, once

LOCKS = Path(__file__).parent / "peers"
TIMEOUT_SECONDS = 600
TAIL_LINES = 5


class PeerMissing(Exception):
    """A peer cannot be had here; the message says why."""


def interpreter(peer: str) -> Path:
    """The Python of a peer's environment, made on first use from ``peers/PEER.txt`` with every hash checked.

    Raises PeerMissing.
    """
    lock = LOCKS / f"{peer}.txt"
    parts = [lock.read_bytes(), sys.version.encode(), sys.platform.encode(), platform.machine().encode()]
    folder = once(f"bench-{peer}-{content_hash(parts)}", lambda aside: _install(lock, aside / "environment"))
    return folder / "environment" / "bin" / "python"


def _install(lock: Path, environment: Path) -> None:
    print(f"installing the peer {lock.stem} into the cache", file=sys.stderr, flush=True)
    python = environment / "bin" / "python"
    _uv("venv", "--python", sys.executable, environment)
    _uv("pip", "install", "--python", python, "--require-hashes", "--no-deps", "--requirement", lock)


def _uv(*words: str | Path) -> None:
    command = [sys.executable, "-m", "uv", "--quiet", *map(str, words)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise PeerMissing(f"uv {words[0]} took more than {TIMEOUT_SECONDS} s") from error
    if done.returncode:
        tail = "\n".join(done.stderr.strip().splitlines()[-TAIL_LINES:])
        raise PeerMissing(f"uv {words[0]} exited with {done.returncode}: {tail}")
