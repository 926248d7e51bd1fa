"""AuditLog: the guard's append-only log, inside the guard's own database, so that a decision and its record commit
together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ...wallets.cid import DAG_CBOR, cid_bytes, cid_link, cid_text, decode_block, encode_block
from ...wallets.errors import InvalidValue
from ...wallets.keys import PrivateKey
from ...wallets.protocols import Clock
from .blocks import MAX_BLOCK, BlockFolder
from .errors import AuditError, NoSuchRecord, RecordRefused
from .merkle import CompactRange, leaf_hash
from .note import Checkpoint
from .pages import put_pages, read_pages
from .plain import to_plain
from .records import ATTESTED, BODIES, VERSION, Origin, log_key_of

MAX_ATTESTED = 1 << 16
"""Bytes of an attested body at most: the agent must not fill the guard's disk in one message."""
INLINE = 1 << 13
"""A record larger than this keeps its facts in a block of their own."""

_TABLES = (
    """CREATE TABLE IF NOT EXISTS audit_records (
        seq INTEGER PRIMARY KEY, cid BLOB NOT NULL UNIQUE, time TEXT NOT NULL, kind TEXT NOT NULL, run TEXT NOT NULL,
        block BLOB NOT NULL) STRICT""",
    "CREATE INDEX IF NOT EXISTS audit_records_by_run ON audit_records (run, seq)",
    # One row: what the next append needs of all that came before.
    """CREATE TABLE IF NOT EXISTS audit_head (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1), size INTEGER NOT NULL, cid BLOB NOT NULL,
        peaks BLOB NOT NULL) STRICT""",
    "CREATE TABLE IF NOT EXISTS audit_checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT",
)


@dataclass(frozen=True)
class StoredRecord:
    """One record as it lies in the database; ``value`` decodes its envelope."""

    seq: int
    link: bytes
    time: str
    kind: str
    run: str
    block: bytes

    @property
    def cid(self) -> str:
        """The text CID."""
        return cid_text(self.link)

    def value(self) -> dict[str, Any]:
        """The envelope, body included."""
        envelope: dict[str, Any] = decode_block(self.block)
        return envelope


class AuditLog:
    """The log of one bot. ``key`` is the log key, ``bot`` its did:pkh; ``blocks`` the folder for linked blocks.

    One connection, one thread: the guard's. Appends take part in the transaction that the guard has open; nothing is
    kept in memory between them, so that a rolled-back transaction leaves no trace.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, key: PrivateKey, bot: str, clock: Clock, blocks: Path | None = None
    ) -> None:
        if log_key_of(bot) != key.address:
            raise InvalidValue(f"the log of {bot} is signed by its own key, not by {key.address}")
        self.bot = bot
        self._connection = connection
        self._key = key
        self._clock = clock
        self._blocks = None if blocks is None else BlockFolder(blocks)

    def create_tables(self) -> None:
        """Make the log's tables where they are missing."""
        for statement in _TABLES:
            self._connection.execute(statement)

    def append(self, kind: str, run: str, body: dict[str, Any], *, origin: Origin = "observed") -> str:
        """Append one record inside the caller's open transaction; returns its text CID.

        Raises AuditError when no transaction is open, RecordRefused when the body does not fit ``kind``.
        """
        if not self._connection.in_transaction:
            raise AuditError("a record is appended inside the transaction of what it records: begin one first")
        model = BODIES.get(kind)
        if model is None:
            raise RecordRefused(f"no record is of kind {kind!r}; there are {', '.join(BODIES)}")
        if (kind in ATTESTED) != (origin == "attested"):
            raise RecordRefused(
                f"a record of kind {kind} is {'attested' if kind in ATTESTED else 'observed'}, not {origin}"
            )
        plain = to_plain(body)
        try:
            model.model_validate(plain)
        except ValidationError as error:
            raise RecordRefused(f"the body does not fit a record of kind {kind}: {_in_words(error)}") from error

        size, previous, compact = self._read_head()
        envelope = {
            "version": VERSION,
            "bot": self.bot,
            "run": run,
            "seq": size,
            "prev": previous,
            "time": self._clock.now().astimezone(UTC).isoformat(),
            "kind": kind,
            "origin": origin,
            "body": plain,
        }
        block = self._encode(envelope)
        link = cid_bytes(block)
        compact.append(leaf_hash(link))
        execute = self._connection.execute
        execute("INSERT INTO audit_records VALUES (?, ?, ?, ?, ?, ?)", (size, link, envelope["time"], kind, run, block))
        execute("INSERT OR REPLACE INTO audit_head VALUES (1, ?, ?, ?)", (compact.size, link, compact.to_bytes()))
        return cid_text(link)

    def checkpoint(self) -> str:
        """The signed note over the newest head, durable when this returns.

        In a transaction of its own, or in the caller's where one is open: then durable when that commits. Asked again
        before the next append it returns the same note. Raises AuditError for an empty log.
        """
        if self._connection.in_transaction:
            return self._sign_head()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            note = self._sign_head()
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return note

    @property
    def head(self) -> str | None:
        """The newest record's text CID; None while the log is empty."""
        _, link, _ = self._read_head()
        return None if link is None else cid_text(link)

    @property
    def size(self) -> int:
        """How many records there are."""
        return self._read_head()[0]

    def tree(self) -> tuple[int, bytes | None, CompactRange]:
        """The head as it is kept: how many records, the newest one's link, and the tree over all."""
        return self._read_head()

    def links(self) -> Iterator[tuple[int, bytes]]:
        """Number and binary CID of every record, by number."""
        yield from self._connection.cursor().execute("SELECT seq, cid FROM audit_records ORDER BY seq")

    def records(self, since: int = 0, kind: str | None = None, run: str | None = None) -> Iterator[StoredRecord]:
        """Records from number ``since`` on, oldest first, of one kind or of one run where these are given."""
        rows = self._connection.cursor().execute(
            "SELECT seq, cid, time, kind, run, block FROM audit_records"
            " WHERE seq >= ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR run = ?3) ORDER BY seq",
            (since, kind, run),
        )
        for row in rows:
            yield StoredRecord(*row)

    def record(self, name: str | int) -> StoredRecord:
        """The record of a number or a text CID. Raises NoSuchRecord."""
        column, key = ("seq", name) if isinstance(name, int) else ("cid", _link_or_none(name))
        row = self._connection.execute(
            f"SELECT seq, cid, time, kind, run, block FROM audit_records WHERE {column} = ?",  # noqa: S608 - two literals
            (key,),
        ).fetchone()
        if row is None:
            raise NoSuchRecord(f"the log has no record {name}; it has {self.size}, numbered from 0")
        return StoredRecord(*row)

    def checkpoints(self) -> list[str]:
        """Every signed note, oldest first."""
        return [note for (note,) in self._connection.execute("SELECT note FROM audit_checkpoints ORDER BY size")]

    def put_block(self, block: bytes, codec: int = DAG_CBOR) -> str:
        """Keep a block that records will link to; on the disk when this returns. Returns its text CID."""
        return cid_text(self._folder().put(block, codec))

    def get_block(self, link: bytes) -> bytes:
        """A block that ``put_block`` or a large record left. Raises AuditError where it is missing or damaged."""
        return self._folder().get(link)

    def facts(self, record: StoredRecord) -> dict[str, Any] | None:
        """The facts of a judgement or a clearance, whole, wherever they lie; None for a record without any."""
        facts = record.value()["body"].get("facts")
        if isinstance(facts, bytes):
            facts = decode_block(self.get_block(facts))
        whole: dict[str, Any] | None = read_pages(facts, self.get_block)
        return whole

    def _folder(self) -> BlockFolder:
        if self._blocks is None:
            raise AuditError("this log was opened without a folder for blocks")
        return self._blocks

    def _encode(self, envelope: dict[str, Any]) -> bytes:
        block = _encoded(envelope)
        body = envelope["body"]
        if envelope["origin"] == "attested" and len(block) > MAX_ATTESTED:
            raise RecordRefused(f"the agent may attest {MAX_ATTESTED} bytes at once, not {len(block)}")
        if (
            len(block) > INLINE
            and self._blocks is not None
            and isinstance(body.get("facts"), dict)
            and "verdict" in body
        ):
            facts = put_pages(body["facts"], self._blocks.put)
            body["facts"] = self._blocks.put(encode_block(facts), DAG_CBOR)
            block = _encoded(envelope)
        if len(block) > MAX_BLOCK:
            raise RecordRefused(f"a record has at most {MAX_BLOCK} bytes, not {len(block)}")
        return block

    def _read_head(self) -> tuple[int, bytes | None, CompactRange]:
        row = self._connection.execute("SELECT size, cid, peaks FROM audit_head").fetchone()
        if row is None:
            return 0, None, CompactRange()
        size, link, peaks = row
        return size, link, CompactRange(size, peaks)

    def _sign_head(self) -> str:
        size, link, compact = self._read_head()
        if link is None:
            raise AuditError("an empty log has no head to sign")
        execute = self._connection.execute
        row = execute("SELECT note FROM audit_checkpoints WHERE size = ?", (size,)).fetchone()
        if row is not None:
            return str(row[0])
        note = Checkpoint(self.bot, size, compact.root(), cid_text(link)).sign(self._key)
        execute("INSERT INTO audit_checkpoints VALUES (?, ?)", (size, note))
        return note


def _encoded(envelope: dict[str, Any]) -> bytes:
    try:
        return encode_block(envelope)
    except ValueError as error:
        raise RecordRefused(f"the body does not encode as dag-cbor: {error}") from error


def _link_or_none(text: str) -> bytes | None:
    try:
        return cid_link(text)
    except ValueError:
        return None


def _in_words(error: ValidationError) -> str:
    return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:3])
