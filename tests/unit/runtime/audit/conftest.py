"""A log over a real database, with a clock that stands where it is put."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treasurer.runtime.audit import AuditLog, did_pkh
from treasurer.wallets.keys import PrivateKey

LOG_KEY = PrivateKey(b"\x11" * 32)


class StandingClock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 23, 10, tzinfo=UTC)

    def now(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(tmp_path / "guard.db", isolation_level=None)
    opened.execute("PRAGMA journal_mode=WAL")
    yield opened
    opened.close()


@pytest.fixture
def log(connection: sqlite3.Connection, clock: StandingClock, tmp_path: Path) -> AuditLog:
    made = AuditLog(
        connection, key=LOG_KEY, bot=did_pkh(31337, LOG_KEY.address), clock=clock, blocks=tmp_path / "blocks"
    )
    made.create_tables()
    return made
