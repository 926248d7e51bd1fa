"""Blocks beside the log: policy bundles and large parts of records, one file a block, named by its CID."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ...wallets.cid import cid_bytes, cid_text
from .errors import AuditError

MAX_BLOCK = 1 << 20
"""Bytes of a block at most: what every IPFS implementation passes on."""


class BlockFolder:
    """A folder of immutable blocks, sharded by the last two characters of the CID; a block is on the disk before its
    CID is told."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, block: bytes, codec: int) -> bytes:
        """Write the block durably and return its binary CID. Raises AuditError where it is too large or the disk
        refuses."""
        if len(block) > MAX_BLOCK:
            raise AuditError(f"a block has at most {MAX_BLOCK} bytes, this one {len(block)}: split it")
        link = cid_bytes(block, codec)
        path = self._path(link)
        if path.exists():
            return link
        aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with aside.open("wb") as file:
                file.write(block)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
            for folder in (path.parent, self._folder):
                _sync(folder)
        except OSError as error:
            aside.unlink(missing_ok=True)
            raise AuditError(
                f"the block {cid_text(link)} cannot be written under {self._folder}: {error.strerror}"
            ) from error
        return link

    def get(self, link: bytes) -> bytes:
        """The block of a binary CID. Raises AuditError where it is missing or its bytes are not those that were
        named."""
        path = self._path(link)
        try:
            block = path.read_bytes()
        except OSError as error:
            raise AuditError(f"the block {cid_text(link)} cannot be read at {path}: {error.strerror}") from error
        if cid_bytes(block, link[1]) != link:
            raise AuditError(f"{path} is damaged: its bytes are not those of its CID; restore it from an export")
        return block

    def _path(self, link: bytes) -> Path:
        name = cid_text(link)
        return self._folder / name[-2:] / name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
