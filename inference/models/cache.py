"""Where model files lie on this machine: `${TREASURER_CACHE:-~/.cache/treasurer}/models/<sha256>/model.gguf`.

A file gets its name only after its hash was checked; the stamp beside it (size and modification time) lets later
loads skip the hash. Shared by all bots and clones; one process at a time changes an entry.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ..errors import ModelHashMismatch, ModelMissing
from .catalog import Manifest

_CHUNK_BYTES = 4 * 1024 * 1024

logger = logging.getLogger(__name__)


def cache_root() -> Path:
    """`$TREASURER_CACHE`, else `~/.cache/treasurer`."""
    configured = os.environ.get("TREASURER_CACHE")
    return Path(configured).expanduser() if configured else Path.home() / ".cache" / "treasurer"


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


class ModelEntry:
    """One model's folder in the cache."""

    def __init__(self, manifest: Manifest, root: Path) -> None:
        self.manifest = manifest
        self.folder = root / "models" / manifest.sha256
        self.path = self.folder / "model.gguf"
        self.parts = self.folder / "parts"
        self._stamp = self.folder / "verified.json"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the entry for one change; waits for whoever changes it now."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.warning("another process changes %s in %s: waiting for it", self.manifest.name, self.folder)
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def locate(self) -> Path:
        """The file, its hash known to be right.

        Raises ModelMissing, or ModelHashMismatch when the file changed since it was verified.
        """
        if not self.path.exists():
            raise ModelMissing(f"model {self.manifest.name} is not on this machine: {self._pull_command}")
        if not self._stamped():
            self.verify()
        return self.path

    def verify(self) -> Path:
        """Hash the whole file again. Raises ModelMissing or ModelHashMismatch."""
        if not self.path.exists():
            raise ModelMissing(f"model {self.manifest.name} is not on this machine: {self._pull_command}")
        found = file_sha256(self.path)
        if found != self.manifest.sha256:
            self._stamp.unlink(missing_ok=True)
            raise ModelHashMismatch(
                f"{self.path} has SHA-256 {found}, {self.manifest.name} must have {self.manifest.sha256}: "
                f"`treasurer model rm {self.manifest.name}`, then {self._pull_command}"
            )
        self._write_stamp()
        return self.path

    def adopt(self, candidate: Path, sha256: str) -> Path:
        """Give a finished file, hashed while it was written, its place. Raises ModelHashMismatch; then it is gone."""
        if sha256 != self.manifest.sha256:
            candidate.unlink()
            raise ModelHashMismatch(
                f"the source gave SHA-256 {sha256}, {self.manifest.name} must have {self.manifest.sha256}; "
                f"nothing was kept: try another source with `treasurer model pull {self.manifest.name} --from URL`"
            )
        candidate.replace(self.path)
        self._write_stamp()
        shutil.rmtree(self.parts, ignore_errors=True)
        return self.path

    def remove(self) -> int:
        """Delete the model and what an interrupted pull left; the bytes that this freed."""
        if not self.folder.exists():
            return 0
        with self.locked():
            freed = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
            for path in (self.path, self._stamp):
                path.unlink(missing_ok=True)
            shutil.rmtree(self.parts, ignore_errors=True)
        return freed

    @property
    def _pull_command(self) -> str:
        return f"`treasurer model pull {self.manifest.name}`"

    def _stamped(self) -> bool:
        try:
            stamp = json.loads(self._stamp.read_text())
        except (OSError, ValueError):
            return False
        return bool(stamp == self._facts())

    def _write_stamp(self) -> None:
        aside = self._stamp.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(self._facts()))
        aside.replace(self._stamp)

    def _facts(self) -> dict[str, int | str]:
        status = self.path.stat()
        return {"sha256": self.manifest.sha256, "size_bytes": status.st_size, "mtime_ns": status.st_mtime_ns}
