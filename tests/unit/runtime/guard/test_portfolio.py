"""The worth of the wallet over time: peaks by window, and nothing kept that no window reaches."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from treasurer.policies.language.breakers import Breaker
from treasurer.runtime.guard.portfolio import Portfolio

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def _breaker(name: str, window: str) -> Breaker:
    when = {"portfolio_usd": {"drop_pct": 10, "window": window}}
    return Breaker.model_validate({"id": name, "when": when, "then": "stop"})


def test_each_breaker_has_the_peak_of_its_own_window() -> None:
    connection = sqlite3.connect(":memory:")
    portfolio = Portfolio(connection)
    portfolio.create_tables()
    day, hour = _breaker("day", "24h"), _breaker("hour", "1h")
    assert portfolio.peaks([day, hour], NOON) == {}
    for hours, worth in ((30, 900), (20, 500), (0.5, 100), (0, 80)):
        portfolio.note(NOON - timedelta(hours=hours), Decimal(worth))
    assert portfolio.peaks([day, hour], NOON) == {"day": Decimal(500), "hour": Decimal(100)}
    assert connection.execute("SELECT count(*) FROM portfolio").fetchone() == (3,)
