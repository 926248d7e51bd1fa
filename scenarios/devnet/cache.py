"""The cache: folders named by the hash of what they hold, made once, whole or not at all, shared by clones."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import mkdtemp

HASH_LENGTH = 16
"""Hexadecimal digits of SHA-256 in a folder's name: 64 bits, nobody chooses them against us."""


def cache_root() -> Path:
    """`$TREASURER_CACHE`, else `~/.cache/treasurer`."""
    chosen = os.environ.get("TREASURER_CACHE")
    return Path(chosen) if chosen else Path.home() / ".cache" / "treasurer"


def content_hash(parts: Iterable[bytes]) -> str:
    """Hash of byte strings, each with its length, so that no two sequences run into each other."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:HASH_LENGTH]


def once(name: str, build: Callable[[Path], None]) -> Path:
    """The cache's folder `name`; where it is missing, `build` fills a folder aside, which is then renamed.

    A lock file beside it makes a second process wait for the first. An interrupted build leaves nothing behind
    that would be taken for whole.
    """
    root = cache_root()
    target = root / name
    if target.is_dir():
        return target
    root.mkdir(parents=True, exist_ok=True)
    with (root / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target.is_dir():
            return target
        for left_by_a_kill in root.glob(f".{name}.*/"):
            shutil.rmtree(left_by_a_kill, ignore_errors=True)
        aside = Path(mkdtemp(prefix=f".{name}.", dir=root))
        try:
            build(aside)
            aside.chmod(0o755)
            aside.rename(target)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return target
