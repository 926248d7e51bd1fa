"""Somebody bends an export on its way: every way of doing so is refuted or unusable, for the right reason."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from treasurer.runtime.audit import UnusableInput, export
from treasurer.runtime.audit.car import read_car, write_car
from treasurer.runtime.audit.merkle import leaf_hash, root_of
from treasurer.runtime.audit.note import Checkpoint
from treasurer.runtime.audit.verify import Report, verify
from treasurer.wallets.cid import RAW, cid_bytes, cid_text, decode_block, encode_block
from treasurer.wallets.keys import PrivateKey

from . import story

Envelopes = list[dict[str, Any]]


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("a story. told")
    guard = story.Guard(folder / "bot")
    guard.tell()
    export(guard.log, folder / "out.car")
    return (folder / "out.car").read_bytes()


@dataclass
class Unpacked:
    """An export taken apart: what an attacker works on."""

    head: dict[str, Any]
    records: Envelopes
    notes: list[str]
    others: dict[bytes, bytes]

    @classmethod
    def of(cls, car: bytes) -> Unpacked:
        root, blocks = read_car(car)
        head = decode_block(blocks.pop(root))
        notes = [blocks.pop(link).decode() for link in head["checkpoints"]]
        records = []
        link = head["newest"]
        while link:
            records.append(decode_block(blocks.pop(link)))
            link = records[-1]["prev"]
        return cls(head, records[::-1], notes, blocks)

    def links(self, *, relink: bool = True, renumber: bool = True) -> list[tuple[bytes, bytes]]:
        """The records as blocks; the chain between them made good again, as an attacker would."""
        made: list[tuple[bytes, bytes]] = []
        for number, record in enumerate(self.records):
            if relink:
                record["prev"] = made[-1][0] if made else None
            if renumber:
                record["seq"] = number
            block = encode_block(record)
            made.append((cid_bytes(block), block))
        return made

    def pack(self, records: list[tuple[bytes, bytes]] | None = None, *, size: int | None = None) -> bytes:
        """A CAR whose every hash is right."""
        made = self.links() if records is None else records
        notes = [(cid_bytes(note.encode(), RAW), note.encode()) for note in self.notes]
        head = {
            **self.head,
            "size": len(made) if size is None else size,
            "newest": made[-1][0],
            "checkpoints": [link for link, _ in notes],
        }
        block = encode_block(head)
        file = io.BytesIO()
        write_car(file, cid_bytes(block), [(cid_bytes(block), block), *notes, *self.others.items(), *made])
        return file.getvalue()

    def signed_again(self, key: PrivateKey) -> list[str]:
        """One checkpoint over all records, by a key of the attacker's choice."""
        made = self.links()
        root = root_of([leaf_hash(link) for link, _ in made])
        return [Checkpoint(self.head["bot"], len(made), root, cid_text(made[-1][0])).sign(key)]


def refuted(report: Report) -> dict[str, str]:
    return {item.claim: item.why for item in report.claims if item.result == "refuted"}


def test_an_honest_export_is_refuted_in_nothing(car: bytes) -> None:
    report = verify(car)
    assert refuted(report) == {}
    assert report.exit_status == 0
    assert {item.claim for item in report.claims if item.result == "verified"} >= {
        *("structure", "chain", "checkpoints", "tree", "policy", "digests", "windows", "nonces"),
        *("judgement 4", "clearance 5", "order 6", "approval 13", "clearance 14"),
    }
    unverifiable = [item for item in report.claims if item.result == "unverifiable"]
    assert all("--rpc" in item.why for item in unverifiable)
    assert len(unverifiable) == 3


def test_taking_apart_and_packing_changes_nothing(car: bytes) -> None:
    assert refuted(verify(Unpacked.of(car).pack())) == {}


def drop_last(log: Unpacked) -> bytes:
    del log.records[-3:]
    return log.pack()


def drop_first(log: Unpacked) -> bytes:
    del log.records[0]
    return log.pack()


def drop_middle(log: Unpacked) -> bytes:
    del log.records[10]
    return log.pack()


def swap(log: Unpacked) -> bytes:
    log.records[7], log.records[8] = log.records[8], log.records[7]
    return log.pack()


def replay(log: Unpacked) -> bytes:
    log.records.append(dict(log.records[9]))
    return log.pack()


def edit_words(log: Unpacked) -> bytes:
    log.records[2]["body"]["words"] = "pay the thief"
    return log.pack()


def edit_without_relinking(log: Unpacked) -> bytes:
    log.records[2]["body"]["words"] = "pay the thief"
    return log.pack(log.links(relink=False))


def fork(log: Unpacked) -> bytes:
    other = dict(log.records[11], body={"message": "another past"}, kind="error")
    block = encode_block(other)
    log.others[cid_bytes(block)] = block
    return log.pack()


def remove_policy(log: Unpacked) -> bytes:
    del log.others[decode_block(log.others[log.records[0]["body"]["policy"]])["policy"]]
    return log.pack()


def remove_record(log: Unpacked) -> bytes:
    made = log.links()
    return log.pack(made[:12] + made[13:], size=len(made))


def swap_policy(log: Unpacked) -> bytes:
    bundle = log.records[0]["body"]["policy"]
    loose = story.POLICY.replace(b"max: 5000", b"max: 5000000")
    parts = decode_block(log.others.pop(bundle))
    del log.others[parts["policy"]]
    block = encode_block({**parts, "policy": cid_bytes(loose, RAW)})
    log.others |= {cid_bytes(loose, RAW): loose, cid_bytes(block): block}
    for record in log.records:
        if record["body"].get("policy") == bundle:
            record["body"]["policy"] = cid_bytes(block)
    return log.pack()


def forge_checkpoint(log: Unpacked) -> bytes:
    edit_words(log)
    log.notes = log.signed_again(PrivateKey(b"\x77" * 32))
    return log.pack()


def no_checkpoints(log: Unpacked) -> bytes:
    log.notes = []
    return log.pack()


def stray_block(log: Unpacked) -> bytes:
    log.others[cid_bytes(b"stray", RAW)] = b"stray"
    return log.pack()


def newer_version(log: Unpacked) -> bytes:
    log.records[-1]["version"] = 2
    return log.pack()


def other_kind(log: Unpacked) -> bytes:
    log.records[-1]["kind"] = "confession"
    return log.pack()


def attest_the_observed(log: Unpacked) -> bytes:
    log.records[-1]["origin"] = "attested"
    return log.pack()


def wrong_numbers(log: Unpacked) -> bytes:
    log.records[-1]["seq"] = 77
    return log.pack(log.links(renumber=False))


def another_bot(log: Unpacked) -> bytes:
    log.records[-1]["bot"] = "did:pkh:eip155:1:0x" + "ab" * 20
    return log.pack()


@pytest.mark.parametrize(
    ("bend", "claim", "why"),
    [
        (drop_last, "tree", "it was cut"),
        (drop_first, "chain", "cannot be followed back"),
        (drop_middle, "tree", "edited or forked"),
        (swap, "tree", "edited or forked"),
        (replay, "tree", "the end is not signed"),
        (edit_words, "tree", "edited or forked"),
        (edit_without_relinking, "chain", "cannot be followed back"),
        (fork, "chain", "another record 11 of this bot"),
        (remove_policy, "structure", "missing in the file"),
        (remove_record, "chain", "cannot be followed back"),
        (swap_policy, "digests", "is not that of the proposal"),
        (swap_policy, "tree", "edited or forked"),
        (forge_checkpoint, "checkpoints", "key id is not that of the log key"),
        (no_checkpoints, "checkpoints", "nobody signed it"),
        (stray_block, "structure", "belongs to nothing"),
        (newer_version, "chain", "version: Input should be 1"),
        (other_kind, "chain", "schema version 1 lacks"),
        (attest_the_observed, "structure", "is not attested"),
        (wrong_numbers, "chain", "says that it is record 77"),
        (another_bot, "chain", "the log of did:pkh"),
    ],
)
def test_what_an_attacker_bends_is_refuted(car: bytes, bend: Callable[[Unpacked], bytes], claim: str, why: str) -> None:
    report = verify(bend(Unpacked.of(car)))
    assert report.exit_status == 1
    told = [item.why for item in report.claims if item.result == "refuted" and item.claim == claim]
    assert any(why in item for item in told), refuted(report)


def test_a_cut_at_a_checkpoint_leaves_an_older_export(car: bytes) -> None:
    """Nothing in a file shows that a newer one exists; the chain (--rpc) does, and whoever holds the newer one."""
    log = Unpacked.of(car)
    log.notes = log.notes[:1]
    del log.records[7:]
    log.others = {link: block for link, block in log.others.items() if link[1] == RAW or len(block) < 200}
    report = verify(log.pack())
    assert refuted(report) == {}


def test_every_cut_is_seen(car: bytes) -> None:
    for length in {*range(0, len(car), 401), *range(len(car) - 300, len(car))}:
        try:
            report = verify(car[:length])
        except UnusableInput:
            continue
        assert report.exit_status == 1, length


def test_a_flipped_bit_is_seen_wherever_it_is(car: bytes) -> None:
    chance = random.Random(6962)
    for at in {*range(120), *chance.sample(range(len(car)), 700)}:
        bent = bytearray(car)
        bent[at] ^= 1 << chance.randrange(8)
        try:
            report = verify(bytes(bent))
        except UnusableInput:
            continue
        assert report.exit_status == 1, at


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x00" * 100, b"\xff" * 100, b"{}", b"\x3a\xa2eroots"])
def test_junk_is_unusable(junk: bytes, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput) as caught:
        verify(junk)
    assert caught.value.exit_status == 2
    (tmp_path / "junk.car").write_bytes(junk)
    with pytest.raises(UnusableInput):
        verify(tmp_path / "junk.car")


def test_a_car_of_something_else_is_unusable(tmp_path: Path) -> None:
    for value in (
        {"hello": "world"},
        [1, 2],
        "text",
        {"version": 1, "bot": "x", "size": 1, "newest": None, "checkpoints": []},
    ):
        block = encode_block(value)
        file = io.BytesIO()
        write_car(file, cid_bytes(block), [(cid_bytes(block), block)])
        with pytest.raises(UnusableInput):
            verify(file.getvalue())
    with pytest.raises(UnusableInput, match="cannot be read"):
        verify(tmp_path / "absent.car")
    with pytest.raises(UnusableInput, match="cannot be read"):
        verify(tmp_path)
