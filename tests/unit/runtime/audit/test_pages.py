"""Long lists in facts: nothing is lost, lists that share rows share blocks, no judgement outgrows a block."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from treasurer.runtime.audit import AuditLog
from treasurer.runtime.audit.pages import FEW, MOST, put_pages, read_pages
from treasurer.wallets.cid import cid_bytes

HASH = "0x" + "ab" * 32


def row(number: int) -> dict[str, Any]:
    return {"intent": f"0x{number:064x}", "counter": "outflow", "asset": "0x" + "c0" * 20, "base_units": str(number)}


def paged(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[bytes, bytes]]:
    blocks: dict[bytes, bytes] = {}

    def put(block: bytes, codec: int) -> bytes:
        link = cid_bytes(block, codec)
        blocks[link] = block
        return link

    return put_pages({"at": "now", "spent": rows}, put), blocks


@pytest.mark.parametrize("count", [0, 1, FEW, FEW + 1, 1000, 5 * MOST])
def test_every_row_comes_back_in_its_place(count: int) -> None:
    rows = [row(number) for number in range(count)]
    facts, blocks = paged(rows)
    assert read_pages(facts, blocks.__getitem__) == {"at": "now", "spent": rows}
    assert (not blocks) == (count <= FEW)


def test_rows_that_come_and_go_change_few_pages() -> None:
    rows = [row(number) for number in range(5000)]
    _, before = paged(rows[:-3])
    _, after = paged(rows[40:])
    assert len(after) > 20
    assert len(set(after) - set(before)) <= 3


def test_a_page_that_is_missing_or_none_is_said() -> None:
    facts, blocks = paged([row(number) for number in range(200)])
    with pytest.raises(KeyError):
        read_pages(facts, {}.__getitem__)
    with pytest.raises(ValueError, match="no list"):
        read_pages(facts, lambda link: b"\xa0")
    assert blocks


def test_a_judgement_after_ten_thousand_payments_is_recorded_whole(
    log: AuditLog, connection: sqlite3.Connection
) -> None:
    rows = [row(number) for number in range(10_000)]
    body = {
        "key": HASH, "digest": HASH, "stage": "submit", "policy": cid_bytes(b"policy"), "proposal": {},
        "facts": {"spent": rows}, "verdict": {},
    }  # fmt: skip
    connection.execute("BEGIN IMMEDIATE")
    cid = log.append("judged", "run", body)
    connection.execute("COMMIT")
    assert log.facts(log.record(cid)) == {"spent": rows}
