"""Well-formed files of nonsense: whatever a block holds, the verifier answers and does not stumble."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from treasurer.runtime.audit import UnusableInput, export
from treasurer.runtime.audit.verify import verify

from . import story
from .test_verify_tampering import Unpacked

NONSENSE: list[Any] = [
    *(None, True, 0, -1, 2**63, -(2**63), 1.5, "", "x", "-5", "NaN", "Infinity", "1e400", "9" * 77, "1" * 5000, "\0"),
    *("0x", "0x00", "0x" + "12" * 20, "0x" + "ff" * 32, "0x" + "00" * 65, [], {}, [[]], {"a": 1}, ["x"] * 3, b"zz"),
    *("2026-11-23T10:00:00", "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+00:00"),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def bend(record: dict[str, Any], path: tuple[Any, ...], value: Any) -> None:
    inner: Any = record
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value


@pytest.fixture(scope="module")
def car(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("fuzz")
    guard = story.Guard(folder / "bot")
    guard.tell()
    export(guard.log, folder / "out.car")
    return (folder / "out.car").read_bytes()


@pytest.mark.parametrize("seed", range(8))
def test_nonsense_in_any_place_gets_an_answer(car: bytes, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        log = Unpacked.of(car)
        record = chance.choice(log.records)
        path = chance.choice(list(places({key: record[key] for key in record if key not in ("seq", "prev")})))
        bend(record, path, copy.deepcopy(chance.choice(NONSENSE)))
        if chance.random() < 0.7:
            with contextlib.suppress(AttributeError, TypeError):
                log.notes = log.signed_again(story.LOG_KEY)
        with contextlib.suppress(UnusableInput):
            verify(log.pack())


def test_junk_in_place_of_a_linked_block_is_told(car: bytes, tmp_path: Path) -> None:
    for value in (b"\xff\xff", b"\x9f" * 500, b"\x81" * 3000):
        log = Unpacked.of(car)
        link = log.records[0]["body"]["policy"]
        from treasurer.wallets.cid import cid_bytes

        del log.others[link]
        log.others[cid_bytes(value)] = value
        for record in log.records:
            if record["body"].get("policy") == link:
                record["body"]["policy"] = cid_bytes(value)
        assert verify(log.pack()).exit_status == 1
