"""Wholeness: whether the database still holds the log that was written, record by record, before more is appended."""

from __future__ import annotations

import sqlite3

from ...wallets.cid import cid_bytes, cid_text
from .errors import DamagedLog
from .log import AuditLog, StoredRecord
from .merkle import CompactRange, leaf_hash
from .note import BadNote, Checkpoint, read_note

MANY = 50_000
"""From so many records on, only those since the newest checkpoint are read byte by byte: a start takes seconds at
most. That none is missing and that the Merkle head fits is checked over all CIDs, however many there are."""


def check_whole(log: AuditLog) -> None:
    """Raise DamagedLog, naming the first record that is missing, changed, or out of its place."""
    try:
        size, head, kept = log.tree()
        newest = _newest(log)
        leaves = _check_gaps(log, size, newest)
        first = 0 if size < MANY or newest is None else newest.size - 1
        _check_records(log, first)
    except (sqlite3.DatabaseError, ValueError) as error:
        raise DamagedLog(f"the log cannot be read: {error}") from error
    last = size - 1
    if size and (leaves.to_bytes() != kept.to_bytes() or head != log.record(last).link):
        raise DamagedLog(f"record {last} is not what the Merkle head stands for")


def _newest(log: AuditLog) -> Checkpoint | None:
    notes = log.checkpoints()
    if not notes:
        return None
    try:
        newest = read_note(notes[-1])
    except BadNote as error:
        raise DamagedLog(f"the newest checkpoint is damaged: {error}") from error
    if newest.origin != log.bot:
        raise DamagedLog(f"the newest checkpoint is of {newest.origin}, and this is the log of {log.bot}")
    return newest


def _check_gaps(log: AuditLog, size: int, newest: Checkpoint | None) -> CompactRange:
    """The tree over all CIDs, once their numbers have no gap and the newest checkpoint fits it."""
    leaves = CompactRange()
    for seq, link in log.links():
        if seq != leaves.size:
            raise DamagedLog(f"record {leaves.size} is missing")
        leaves.append(leaf_hash(link))
        if newest is not None and leaves.size == newest.size and leaves.root() != newest.root:
            _check_records(log, 0)  # names the record where it can
            raise DamagedLog(f"one of the records up to {seq} is not what the checkpoint over {newest.size} signed")
    signed = 0 if newest is None else newest.size
    if leaves.size < max(size, signed):
        raise DamagedLog(f"record {leaves.size} is missing")
    if leaves.size > size:
        raise DamagedLog(f"record {size} lies beyond the head")
    return leaves


def _check_records(log: AuditLog, first: int) -> None:
    """Each record from ``first`` on has the bytes that its CID names, and names the one before it."""
    previous = log.record(first - 1).link if first else None
    for record in log.records(first):
        if cid_bytes(record.block) != record.link:
            raise DamagedLog(f"record {record.seq} is changed: its bytes are not those of {cid_text(record.link)}")
        _check_place(record, previous)
        previous = record.link


def _check_place(record: StoredRecord, previous: bytes | None) -> None:
    envelope = record.value()
    columns = {"seq": record.seq, "prev": previous, "time": record.time, "kind": record.kind, "run": record.run}
    wrong = [name for name, value in columns.items() if envelope[name] != value]
    if wrong:
        raise DamagedLog(f"record {record.seq} is out of its place: its {wrong[0]} is not that of its row")
