"""When schedules go off: cron as cron is, lengths of time from the epoch, and what a missed moment means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.runtime.automation import Schedules
from treasurer.runtime.automation.errors import AutomationRefused
from treasurer.runtime.automation.schedules import GRACE_SECONDS, EveryTimes
from treasurer.runtime.bot.configuration import Configuration
from treasurer.wallets.values import hash_words

ADDRESS = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
GOAL = "send 1 usdc to alice"


def _schedules(*written: dict[str, Any]) -> Schedules:
    rows = [{"id": f"s{number}", "goal": GOAL, **row} for number, row in enumerate(written)]
    return Schedules(
        Configuration.model_validate(
            {
                "version": 1,
                "name": "acme",
                "chain": {"id": 31337, "rpc": ["http://127.0.0.1:8545"]},
                "wallet": {"address": ADDRESS},
                "schedule": rows,
            }
        )
    )


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_weekdays_are_monday_to_friday_in_the_schedules_own_zone() -> None:
    schedules = _schedules({"cron": "0 9 * * 1-5", "timezone": "Europe/Zurich"})
    fired = schedules.due(_at("2026-11-20T00:00"), _at("2026-11-25T00:00"))  # a Friday, to a Wednesday
    assert [firing.at for firing in fired] == [_at(f"2026-11-{day}T08:00") for day in (20, 23, 24)]


def test_day_of_month_or_weekday() -> None:
    fired = _schedules({"cron": "0 0 13 * 5"}).due(_at("2026-11-01T01:00"), _at("2026-11-30T00:00"))
    assert [firing.at.day for firing in fired] == [6, 13, 20, 27]
    fired = _schedules({"cron": "0 0 13 * 1"}).due(_at("2026-11-01T01:00"), _at("2026-11-30T00:00"))
    assert [firing.at.day for firing in fired] == [2, 9, 13, 16, 23, 30]


def test_summer_time_neither_skips_a_day_nor_doubles_one() -> None:
    daily = _schedules({"cron": "30 2 * * *", "timezone": "Europe/Zurich"})
    for start in ("2026-03-28T12:00", "2026-10-24T12:00"):
        fired = daily.due(_at(start), _at(start) + timedelta(days=3))
        assert len(fired) == 3
        assert len({firing.run for firing in fired}) == 3


def test_due_is_open_at_its_beginning_closed_at_its_end_and_in_order() -> None:
    schedules = _schedules({"every": "1h"}, {"cron": "30 * * * *"})
    fired = schedules.due(_at("2026-11-23T10:00"), _at("2026-11-23T12:00"))
    assert [(firing.automation, firing.at.strftime("%H:%M")) for firing in fired] == [
        ("s1", "10:30"),
        ("s0", "11:00"),
        ("s1", "11:30"),
        ("s0", "12:00"),
    ]
    assert schedules.due(_at("2026-11-23T10:00"), _at("2026-11-23T10:00")) == ()


def test_a_runs_id_is_the_hash_of_automation_and_scheduled_time() -> None:
    zurich = _schedules({"cron": "0 9 * * *", "timezone": "Europe/Zurich"})
    utc = _schedules({"cron": "0 8 * * *"})
    window = (_at("2026-11-23T00:00"), _at("2026-11-23T23:00"))
    assert zurich.due(*window)[0].run == utc.due(*window)[0].run == hash_words("s0", "2026-11-23T08:00:00+00:00")


@given(
    seconds=st.integers(1, 10**6),
    moment=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_every_process_finds_the_same_multiples(seconds: int, moment: datetime) -> None:
    times = EveryTimes(timedelta(seconds=seconds))
    newest, following = times.newest(moment), next(times.after(moment))
    assert newest <= moment < following
    assert following - newest == timedelta(seconds=seconds)
    assert newest.timestamp() % seconds == 0


@given(minutes=st.integers(0, 60 * 24 * 370), seconds=st.integers(0, 59))
def test_the_newest_moment_of_cron_is_the_last_one_that_due_finds(minutes: int, seconds: int) -> None:
    schedules = _schedules({"cron": "*/17 3-9 * * 1-5", "timezone": "America/New_York", "misfire": "run"})
    now = _at("2026-01-01T00:00") + timedelta(minutes=minutes, seconds=seconds)
    fired = schedules.due(now - timedelta(days=5), now)
    firing, _ = schedules.decide("s0", now - timedelta(days=5), now)
    assert firing == fired[-1]


@pytest.mark.parametrize(
    ("misfire", "late", "fires", "missed"),
    [
        ("skip", 0, True, False),
        ("skip", GRACE_SECONDS, True, False),
        ("skip", GRACE_SECONDS + 1, False, True),
        ("run", GRACE_SECONDS + 1, True, True),
        ("run", 0, True, False),
    ],
)
def test_a_moment_that_is_late_is_skipped_or_run(misfire: str, late: float, fires: bool, missed: bool) -> None:
    schedules = _schedules({"cron": "0 9 * * *", "misfire": misfire})
    at = _at("2026-11-23T09:00")
    firing, said = schedules.decide("s0", at - timedelta(hours=1), at + timedelta(seconds=late))
    assert (firing is not None, said) == (fires, missed)
    assert firing is None or firing.at == at


def test_days_that_were_missed_run_once_and_a_moment_is_decided_once() -> None:
    schedules = _schedules({"cron": "0 9 * * *", "misfire": "run"})
    now = _at("2026-11-23T18:00")
    firing, missed = schedules.decide("s0", now - timedelta(days=9), now)
    assert firing is not None
    assert (firing.at, missed) == (_at("2026-11-23T09:00"), True)
    assert schedules.decide("s0", now, now + timedelta(hours=1)) == (None, False)


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"cron": "0 25 * * *"}, "cron line"),
        ({"cron": "every day"}, "cron line"),
        ({"every": "15 minutes"}, "length of time"),
        ({"every": "0m"}, "length of time"),
        ({"cron": "0 9 * * *", "timezone": "Mars/Olympus"}, "time zone"),
        ({"cron": "0 9 * * *", "timezone": "../etc/passwd"}, "time zone"),
    ],
)
def test_a_time_that_is_none_is_refused_with_an_example(written: dict[str, Any], named: str) -> None:
    with pytest.raises(AutomationRefused, match=named) as refused:
        _schedules(written)
    assert refused.value.exit_status == 2
    assert "write" in str(refused.value)
    assert "s0" in str(refused.value)


def test_a_line_that_names_no_day_has_no_next_moment() -> None:
    with pytest.raises(AutomationRefused):
        _schedules({"cron": "0 0 30 2 *"})
