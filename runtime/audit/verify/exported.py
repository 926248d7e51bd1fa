"""Reading an export: the head, the chain of records back from it, and whether the file holds exactly what these link
to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ....wallets.cid import DAG_CBOR, cid_text, decode_block, encode_block
from ....wallets.errors import InvalidValue
from ..car import read_car
from ..errors import RecordRefused, UnusableInput
from ..plain import links_in, to_plain
from ..records import ATTESTED, BODIES, Envelope, Link, Opened, log_key_of
from .report import Report

_MOST_FAULTS = 20
"""Faults of one kind that are told one by one."""


class Head(BaseModel):
    """The root block of an export: the newest of ``size`` records, and every checkpoint (a raw block each)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    version: Literal[1]
    bot: str
    size: Annotated[int, Field(ge=1)]
    newest: Link
    checkpoints: list[Link]


@dataclass(frozen=True)
class Entry:
    """A record that was read: its number, CID, envelope and the body as its kind's model."""

    link: bytes
    envelope: Envelope
    body: Any

    @property
    def cid(self) -> str:
        """Its text CID."""
        return cid_text(self.link)

    @property
    def seq(self) -> int:
        """Its number in the log, from 0."""
        return self.envelope.seq

    @property
    def kind(self) -> str:
        """Its kind."""
        return self.envelope.kind

    @property
    def time(self) -> datetime:
        """When the guard wrote it."""
        return datetime.fromisoformat(self.envelope.time)


@dataclass(frozen=True)
class Exported:
    """A log as its export holds it: ``entries`` oldest first, the notes' texts, and all blocks by binary CID."""

    head: Head
    opened: Opened
    entries: list[Entry]
    notes: list[str]
    blocks: Mapping[bytes, bytes]

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        """The records of these kinds, oldest first."""
        return (entry for entry in self.entries if entry.kind in kinds)


def read_export(data: bytes, report: Report) -> Exported | None:
    """Read a CAR, and report on its structure and chain; None where the chain does not lead back to the opening record.

    Raises UnusableInput where the file is no log's, or damaged.
    """
    root, blocks = read_car(data)
    head = _read_head(root, blocks)
    structure: list[str] = []
    chain: list[str] = []
    entries = _walk(head, blocks, structure, chain)
    opened = entries[0].body if entries else None
    if not isinstance(opened, Opened):
        chain.append("the log cannot be followed back to its opening record: nothing else in it can be checked")
        report.conclude("chain", [*structure, *chain][:_MOST_FAULTS], "")
        return None
    _check_identity(head.bot, opened, entries, structure)
    notes = _read_notes(head, blocks, structure)
    used = {root, *head.checkpoints, *(entry.link for entry in entries)}
    _follow_links(entries, blocks, used, structure)
    _check_rest(head.bot, blocks, used, structure, chain)
    report.conclude(
        "structure",
        structure[:_MOST_FAULTS],
        f"{len(blocks)} blocks have the hashes that name them; {len(entries)} records fit schema version 1;"
        " nothing is missing and nothing is left over",
    )
    report.conclude(
        "chain",
        chain[:_MOST_FAULTS],
        f"records 0 to {len(entries) - 1} follow without a gap, each naming the one before; the head is"
        f" {cid_text(head.newest)}",
    )
    return Exported(head, opened, entries, notes, blocks)


def _read_head(root: bytes, blocks: Mapping[bytes, bytes]) -> Head:
    if root not in blocks:
        raise UnusableInput(f"the file lacks its own root, {cid_text(root)}")
    try:
        return Head.model_validate(decode_block(blocks[root]))
    except (ValueError, RecursionError) as error:
        raise UnusableInput("the file's root is not the head that `treasurer audit export` writes") from error


def _walk(head: Head, blocks: Mapping[bytes, bytes], structure: list[str], chain: list[str]) -> list[Entry]:
    """The records from the newest back to the first, as far as they can be followed; returned oldest first."""
    entries: list[Entry] = []
    link: bytes | None = head.newest
    expected = head.size - 1
    while link is not None:
        block = blocks.get(link)
        if block is None:
            chain.append(f"record {expected}, {cid_text(link)}, is named by what follows it and missing in the file")
            break
        entry = _read_record(link, block, structure)
        if entry is None:
            break
        if entry.seq != expected:
            chain.append(f"{cid_text(link)} says that it is record {entry.seq}, and record {expected} belongs there")
            break
        if (entry.envelope.prev is None) != (expected == 0):
            chain.append(f"record {expected} names {'nothing' if expected else 'a record'} before it")
            break
        if entry.envelope.bot != head.bot:
            chain.append(f"record {expected} is of {entry.envelope.bot}, the log of {head.bot}")
        entries.append(entry)
        link = entry.envelope.prev
        expected -= 1
    entries.reverse()
    return entries


def _read_record(link: bytes, block: bytes, structure: list[str]) -> Entry | None:
    name = cid_text(link)
    try:
        value = decode_block(block)
        if encode_block(value) != block:
            structure.append(f"record {name} is not written in the one canonical way of dag-cbor")
        envelope = Envelope.model_validate(to_plain(value))
        if datetime.fromisoformat(envelope.time).utcoffset() != timedelta(0):
            structure.append(f"record {envelope.seq}: its time has no time zone UTC")
            return None
        model = BODIES.get(envelope.kind)
        if model is None:
            structure.append(f"record {envelope.seq} is of a kind that schema version 1 lacks: {envelope.kind!r}")
            return None
        body = model.model_validate(envelope.body)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(str(part) for part in fault["loc"])
        structure.append(f"record {name} does not fit the schema: {where}: {fault['msg']}")
        return None
    except (ValueError, RecursionError, RecordRefused) as error:
        structure.append(f"record {name} cannot be read: {error}")
        return None
    if (envelope.kind in ATTESTED) != (envelope.origin == "attested"):
        structure.append(f"record {envelope.seq}: a record of kind {envelope.kind} is not {envelope.origin}")
    return Entry(link, envelope, body)


def _check_identity(bot: str, opened: Opened, entries: list[Entry], structure: list[str]) -> None:
    try:
        if log_key_of(bot) != opened.log_key.lower():
            structure.append(f"record 0 names the log key {opened.log_key}, the log is that of {bot}")
    except InvalidValue as error:
        raise UnusableInput(f"the log's owner is no did:pkh: {error}") from error
    structure.extend(
        f"record {entry.seq} opens the log a second time" for entry in entries[1:] if isinstance(entry.body, Opened)
    )


def _read_notes(head: Head, blocks: Mapping[bytes, bytes], structure: list[str]) -> list[str]:
    notes: list[str] = []
    for link in head.checkpoints:
        block = blocks.get(link)
        if block is None:
            structure.append(f"the checkpoint {cid_text(link)} is missing in the file")
            continue
        try:
            notes.append(block.decode())
        except UnicodeDecodeError:
            structure.append(f"the checkpoint {cid_text(link)} is no text")
    return notes


def _follow_links(entries: list[Entry], blocks: Mapping[bytes, bytes], used: set[bytes], structure: list[str]) -> None:
    for entry in entries:
        waiting = [link for link in links_in(entry.envelope.body) if link not in used]
        while waiting:
            link = waiting.pop()
            if link in used:
                continue
            used.add(link)
            block = blocks.get(link)
            if block is None:
                structure.append(f"record {entry.seq} links to {cid_text(link)}, which is missing in the file")
            elif link[1] == DAG_CBOR:
                try:
                    waiting.extend(links_in(to_plain(decode_block(block))))
                except (ValueError, RecursionError, RecordRefused):
                    structure.append(f"the block {cid_text(link)} of record {entry.seq} is not plain dag-cbor")


def _check_rest(
    bot: str, blocks: Mapping[bytes, bytes], used: set[bytes], structure: list[str], chain: list[str]
) -> None:
    """What nothing links to: a record of this bot shows a fork or a cut; anything else does not belong here."""
    for link, block in blocks.items():
        if link in used:
            continue
        name = cid_text(link)
        try:
            other = Envelope.model_validate(decode_block(block))
        except (ValueError, RecursionError):
            structure.append(f"the block {name} belongs to nothing in the log")
            continue
        if other.bot == bot:
            chain.append(f"the file holds another record {other.seq} of this bot, {name}: it was forked or cut")
        else:
            structure.append(f"the record {name} is another bot's")
