"""KV states of static prefixes, so that a prompt of a thousand tokens is evaluated once in a machine's life.

In memory for the few that one run needs, on disk for the next start. A state is only valid for the very model, build,
flags, context and tokens it came from: its key hashes them all. On disk it carries its own hash, is written aside and
renamed, and is refused and deleted when it does not match: bytes that llama.cpp would trust blindly are checked first.
"""

from __future__ import annotations

import collections
import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Sequence
from pathlib import Path

from .protocol import ModelIdentity

_FORMAT = "treasurer-prefix 1"
_MEMORY_BYTES = 384 * 1024 * 1024  # about nine prefixes of 1,500 tokens of a 1.5B model
_DISK_BYTES = 2 * 1024 * 1024 * 1024

logger = logging.getLogger(__name__)


def prefix_sha256(tokens: Sequence[int]) -> str:
    """The name of a prefix: the hash of its token ids, 4 bytes each, little-endian."""
    return hashlib.sha256(b"".join(token.to_bytes(4, "little") for token in tokens)).hexdigest()


def prefix_key(identity: ModelIdentity, tokens_sha256: str, segments: Sequence[int]) -> str:
    """The key of a prefix's state: all that decides its bits."""
    facts = [identity.model_dump(mode="json"), tokens_sha256, list(segments)]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


class PrefixCache:
    """States by key, the least recently used given up first. Used by the model's thread alone."""

    def __init__(self, folder: Path, *, memory_bytes: int = _MEMORY_BYTES, disk_bytes: int = _DISK_BYTES) -> None:
        self._folder = folder
        self._memory_bytes, self._disk_bytes = memory_bytes, disk_bytes
        self._states: collections.OrderedDict[str, bytes] = collections.OrderedDict()

    def get(self, key: str) -> bytes | None:
        """The state, or None where there is none (any more) that can be trusted."""
        state = self._states.get(key)
        if state is None:
            state = self._read(key)
            if state is None:
                return None
            self._remember(key, state)
        else:
            self._states.move_to_end(key)
        return state

    def put(self, key: str, state: bytes) -> None:
        """Keep a state, in memory and on disk. A disk that cannot take it costs the next start, not this one."""
        self._remember(key, state)
        header = json.dumps({"format": _FORMAT, "key": key, "sha256": hashlib.sha256(state).hexdigest()})
        path = self._path(key)
        aside = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with aside.open("wb") as file:
                file.write(header.encode() + b"\n")
                file.write(state)
            aside.replace(path)
            self._shrink_disk(keep=path)
        except OSError as error:
            logger.warning("prefix state not kept on disk, the next start evaluates it again: %s", error)
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)

    def _read(self, key: str) -> bytes | None:
        path = self._path(key)
        try:
            header, _, state = path.read_bytes().partition(b"\n")
            facts = json.loads(header)
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            facts, state = {}, b""
        expected = {"format": _FORMAT, "key": key, "sha256": hashlib.sha256(state).hexdigest()}
        if facts != expected:
            logger.warning("prefix state %s is damaged: deleted, it will be evaluated again", path)
            path.unlink(missing_ok=True)
            return None
        with contextlib.suppress(OSError):  # another process may give it up meanwhile
            os.utime(path)
        return state

    def _remember(self, key: str, state: bytes) -> None:
        self._states[key] = state
        self._states.move_to_end(key)
        while len(self._states) > 1 and sum(map(len, self._states.values())) > self._memory_bytes:
            self._states.popitem(last=False)

    def _shrink_disk(self, keep: Path) -> None:
        sizes: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*.kv"):
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                sizes.append((status.st_mtime, status.st_size, path))
        total = sum(size for _, size, _ in sizes)
        for _, size, path in sorted(sizes):
            if total <= self._disk_bytes:
                return
            if path != keep:
                path.unlink(missing_ok=True)
                total -= size

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.kv"
