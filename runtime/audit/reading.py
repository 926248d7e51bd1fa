"""What the guard answers about its log: rows, one record, and an export that a stranger verifies."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...wallets.cid import DAG_CBOR, RAW, cid_bytes, cid_text, decode_block, encode_block
from .car import write_car
from .errors import AuditError
from .log import AuditLog
from .plain import links_in, to_json


def list_rows(
    log: AuditLog, *, since: int = 0, limit: int = 1000, kind: str | None = None, run: str | None = None
) -> list[dict[str, Any]]:
    """At most ``limit`` rows ``{"cid", "seq", "time", "kind", "run"}`` from number ``since`` on, oldest first."""
    rows: list[dict[str, Any]] = []
    for record in log.records(since, kind, run):
        if len(rows) == limit:
            break
        rows.append({"cid": record.cid, "seq": record.seq, "time": record.time, "kind": record.kind, "run": record.run})
    return rows


def show(log: AuditLog, name: str | int) -> dict[str, Any]:
    """One whole record by CID or number, as JSON with its ``cid``; facts in a block of their own are put in their
    place."""
    record = log.record(name)
    envelope = record.value()
    if "facts" in envelope["body"]:
        envelope["body"]["facts"] = log.facts(record)
    return {"cid": record.cid, **to_json(envelope)}


def export(log: AuditLog, path: Path) -> dict[str, Any]:
    """Sign the head and write the whole log to ``path`` as CAR v1; returns ``{"path", "head", "root", "records",
    "bytes"}``.

    The root block links the newest record and every checkpoint (raw blocks, the notes' text); the file holds these, all
    records and every block that they link to. Raises AuditError for an empty log, a missing block, or a full disk.
    """
    log.checkpoint()
    size, newest = log.size, log.record(log.size - 1)
    notes = [(cid_bytes(note.encode(), RAW), note.encode()) for note in log.checkpoints()]
    head = encode_block(
        {"version": 1, "bot": log.bot, "size": size, "newest": newest.link, "checkpoints": [link for link, _ in notes]}
    )
    root = cid_bytes(head)
    aside = path.with_name(path.name + ".part")
    try:
        aside.unlink(missing_ok=True)
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            write_car(file, root, _blocks(log, size, (root, head), notes))
            written = file.tell()
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise AuditError(f"the export cannot be written to {path}: {error.strerror}") from error
    return {"path": str(path), "head": newest.cid, "root": cid_text(root), "records": size, "bytes": written}


def _blocks(
    log: AuditLog, size: int, head: tuple[bytes, bytes], notes: list[tuple[bytes, bytes]]
) -> Iterator[tuple[bytes, bytes]]:
    yield head
    yield from notes
    seen: set[bytes] = set()
    for record in log.records():
        if record.seq >= size:
            return
        yield from _linked(log, record.value()["body"], seen)
        yield record.link, record.block


def _linked(log: AuditLog, value: Any, seen: set[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for link in links_in(value):
        if link in seen:
            continue
        seen.add(link)
        block = log.get_block(link)
        if link[1] == DAG_CBOR:
            yield from _linked(log, decode_block(block), seen)
        yield link, block
