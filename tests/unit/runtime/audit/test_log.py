"""The log: appends belong to the guard's transaction, chain to the one before, and signed checkpoints cover them."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from treasurer.runtime.audit import AuditError, AuditLog, NoSuchRecord, RecordRefused, did_pkh, list_rows, show
from treasurer.runtime.audit.merkle import leaf_hash, root_of
from treasurer.runtime.audit.note import read_note
from treasurer.wallets.cid import RAW, cid_link, cid_of
from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.keys import PrivateKey

HASH = "0x" + "ab" * 32
NAMED = {"key": HASH, "intent": f"{HASH[2:14]}.0"}


def append(log: AuditLog, connection: sqlite3.Connection, kind: str, body: dict[str, Any], **options: Any) -> str:
    connection.execute("BEGIN IMMEDIATE")
    try:
        cid = log.append(kind, "run-1", body, **options)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return cid


def fill(log: AuditLog, connection: sqlite3.Connection, count: int) -> None:
    for number in range(count):
        append(log, connection, "error", {"message": f"number {number}"})


def test_each_record_links_the_one_before(log: AuditLog, connection: sqlite3.Connection) -> None:
    fill(log, connection, 20)
    previous = None
    for number, record in enumerate(log.records()):
        envelope = record.value()
        assert envelope["seq"] == record.seq == number
        assert envelope["prev"] == previous
        assert record.cid == cid_of(record.block)
        previous = record.link
    assert log.head == record.cid
    assert log.size == 20


def test_an_append_outside_a_transaction_is_refused(log: AuditLog) -> None:
    with pytest.raises(AuditError, match="begin one first"):
        log.append("error", "run", {"message": "no"})


def test_a_rolled_back_append_leaves_no_trace(log: AuditLog, connection: sqlite3.Connection) -> None:
    fill(log, connection, 3)
    before = log.head
    connection.execute("BEGIN IMMEDIATE")
    log.append("error", "run", {"message": "never"})
    connection.execute("ROLLBACK")
    assert (log.head, log.size) == (before, 3)
    fill(log, connection, 2)
    assert [record.seq for record in log.records()] == list(range(5))


def test_a_checkpoint_commits_to_every_record(log: AuditLog, connection: sqlite3.Connection) -> None:
    for count in (1, 1, 3, 8):
        fill(log, connection, count)
        checkpoint = read_note(log.checkpoint())
        leaves = [leaf_hash(record.link) for record in log.records()]
        assert (checkpoint.size, checkpoint.root, checkpoint.head) == (len(leaves), root_of(leaves), log.head)
    assert not connection.in_transaction
    assert log.checkpoint() == log.checkpoint()
    assert len(log.checkpoints()) == 4


def test_a_checkpoint_takes_part_in_an_open_transaction(log: AuditLog, connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    log.append("error", "run", {"message": "once"})
    log.checkpoint()
    connection.execute("ROLLBACK")
    assert log.checkpoints() == []
    with pytest.raises(AuditError, match="empty log"):
        log.checkpoint()
    assert not connection.in_transaction


def test_a_reopened_log_goes_on(log: AuditLog, connection: sqlite3.Connection, clock: Any, tmp_path: Path) -> None:
    fill(log, connection, 5)
    key = PrivateKey(b"\x11" * 32)
    again = AuditLog(connection, key=key, bot=did_pkh(31337, key.address), clock=clock, blocks=tmp_path / "blocks")
    again.create_tables()
    fill(again, connection, 2)
    assert read_note(again.checkpoint()).size == 7


def test_the_key_must_be_the_bots(connection: sqlite3.Connection, clock: Any) -> None:
    with pytest.raises(InvalidValue, match="signed by its own key"):
        AuditLog(
            connection, key=PrivateKey(b"\x22" * 32), bot=did_pkh(1, PrivateKey(b"\x11" * 32).address), clock=clock
        )


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("nonsense", {}, "no record is of kind"),
        ("error", {}, "message: Field required"),
        ("error", {"message": "x", "extra": 1}, "extra: Extra inputs"),
        ("error", {"message": 1}, "message: Input should be a valid string"),
        ("error", {"message": b"bytes"}, "bytes as hex"),
        ("finalized", {**NAMED, "hash": HASH, "block_number": "7"}, "block_number"),
        ("finalized", {**NAMED, "key": "0x12", "hash": HASH, "block_number": 7}, "key"),
        ("finalized", {**NAMED, "intent": "0" * 12 + ".0", "hash": HASH, "block_number": 7}, "no intent of the key"),
        ("stopped", {"by": "a", "reason": 1.5}, "no float"),
        ("perceived", {"free": "x"}, "is attested, not observed"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(
    log: AuditLog, connection: sqlite3.Connection, kind: str, body: dict[str, Any], why: str
) -> None:
    with pytest.raises(RecordRefused, match=why):
        append(log, connection, kind, body)
    assert log.size == 0


def test_the_agent_attests_free_objects_within_bounds(log: AuditLog, connection: sqlite3.Connection) -> None:
    append(log, connection, "planned", {"tokens": [1, 2, 3], "why": {"a": None}}, origin="attested")
    with pytest.raises(RecordRefused, match="65536 bytes at once"):
        append(log, connection, "planned", {"text": "x" * 70_000}, origin="attested")
    nested: Any = 0
    for _ in range(100):
        nested = [nested]
    with pytest.raises(RecordRefused, match="nested"):
        append(log, connection, "planned", {"deep": nested}, origin="attested")
    with pytest.raises(RecordRefused, match="is observed, not attested"):
        append(log, connection, "stopped", {"by": "me", "reason": "none"}, origin="attested")


def judged(log: AuditLog, facts: dict[str, Any]) -> dict[str, Any]:
    policy = cid_link(log.put_block(b"\xa0"))
    return {
        "key": HASH,
        "digest": HASH,
        "stage": "submit",
        "policy": policy,
        "proposal": {"amount": 2**70, "usd": Decimal("1.5")},
        "facts": facts,
        "verdict": {"decision": "deny"},
    }


def test_amounts_are_text_and_large_facts_are_linked(log: AuditLog, connection: sqlite3.Connection) -> None:
    append(log, connection, "judged", judged(log, {"small": "1"}))
    large = {str(number): "0x" + "00" * 40 for number in range(500)}
    append(log, connection, "judged", judged(log, large))
    small_record, large_record = log.records()
    assert small_record.value()["body"]["facts"] == {"small": "1"}
    assert small_record.value()["body"]["proposal"] == {"amount": str(2**70), "usd": "1.5"}
    assert isinstance(large_record.value()["body"]["facts"], bytes)
    assert len(large_record.block) < 2_000
    assert show(log, 1)["body"]["facts"] == large


def test_a_damaged_block_is_told(log: AuditLog, tmp_path: Path) -> None:
    link = cid_link(log.put_block(b"policy text", RAW))
    assert log.get_block(link) == b"policy text"
    (path,) = [found for found in (tmp_path / "blocks").rglob("*") if found.is_file()]
    path.write_bytes(b"policy lies")
    with pytest.raises(AuditError, match="damaged"):
        log.get_block(link)
    path.unlink()
    with pytest.raises(AuditError, match="cannot be read"):
        log.get_block(link)


def test_rows_and_one_record(log: AuditLog, connection: sqlite3.Connection) -> None:
    fill(log, connection, 4)
    append(log, connection, "stopped", {"by": "alice", "reason": "lunch"})
    rows = list_rows(log, since=1, limit=2)
    assert [row["seq"] for row in rows] == [1, 2]
    assert set(rows[0]) == {"cid", "seq", "time", "kind", "run"}
    assert [row["seq"] for row in list_rows(log, kind="stopped")] == [4]
    assert list_rows(log, run="another") == []
    assert show(log, 4) == show(log, str(log.head))
    assert show(log, 4)["prev"] == {"/": show(log, 3)["cid"]}
    for name in (5, "bafynone", cid_of(b"absent")):
        with pytest.raises(NoSuchRecord):
            show(log, name)
