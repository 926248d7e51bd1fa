"""A condition on the clock and the calendar: time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationInfo

from ...wallets.hints import nearest
from ..documents.yaml_document import Fault, located, unknown_key
from .condition import Condition, Subject, Truth

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = ("days", "from", "to", "timezone", "except")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_MIDNIGHT = time(0)
_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Time(Condition):
    """Days and hours on the clocks of a place, without the dates that are excepted.

    It is the instant of judgement, as those clocks show it: an hour that they show twice in autumn is within both
    times, one that they leave out in spring never comes. ``from`` is included and ``to`` is not; where ``to`` is
    before ``from`` the hours run past midnight, and belong to the day on which they began.
    """

    name: ClassVar[str] = "time"
    how: ClassVar[str] = '{days: [mon-fri], from: "09:00", to: "17:00", timezone: Europe/Zurich}'
    zone: ZoneInfo
    days: frozenset[int]
    start: time
    end: time
    excepted: tuple[tuple[date, date], ...]

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """A mapping of days, from, to, timezone and except. Faults are located."""
        del info
        if not isinstance(value, dict):
            raise ValueError(f"time is a mapping, not {value!r}")
        faults: list[Fault] = [((key,), unknown_key(key, _KEYS)) for key in value if key not in _KEYS]
        found: dict[str, Any] = {}
        for key, read in (
            ("timezone", _zone),
            ("days", _days),
            ("from", _clock),
            ("to", _clock),
            ("except", _ranges),
        ):
            try:
                found[key] = read(value[key]) if key in value else None
            except ValueError as error:
                faults.append(((key,), str(error)))
        if "timezone" not in value:
            faults.append(((), '"timezone" is missing here: whose clocks? as in UTC or Europe/Zurich'))
        if ("from" in value) != ("to" in value):
            faults.append(((), "from and to belong together: give both or none"))
        if found.get("from") is not None and found.get("from") == found.get("to"):
            faults.append((("to",), "from and to are one time: leave both out for the whole day"))
        if not faults and not set(value) & {"days", "from", "except"}:
            faults.append(((), "give at least one of days, from and to, except"))
        if faults:
            raise located(faults)
        return cls(
            found["timezone"],
            found["days"] or frozenset(range(7)),
            found["from"] or _MIDNIGHT,
            found["to"] or _MIDNIGHT,
            found["except"] or (),
        )

    def judge(self, subject: Subject) -> Truth:
        """Whether the instant of judgement is within these times."""
        local = subject.facts.at.astimezone(self.zone)
        today, clock = local.date(), local.time()
        if any(first <= today <= last for first, last in self.excepted):
            return False
        if self.start < self.end:
            return today.weekday() in self.days and self.start <= clock < self.end
        if clock >= self.start:
            return today.weekday() in self.days
        return clock < self.end and (today - _A_DAY).weekday() in self.days

    def actual(self, subject: Subject) -> str:
        """The local time."""
        local = subject.facts.at.astimezone(self.zone)
        return f"{_DAYS[local.weekday()]} {_written(local)} in {self.zone.key}"

    def limit(self) -> str:
        """The times."""
        days = "" if len(self.days) == 7 else f"{', '.join(_DAYS[day] for day in sorted(self.days))} "
        hours = "" if self.start == self.end == _MIDNIGHT else f"from {self.start:%H:%M} to {self.end:%H:%M} "
        dates = ", ".join(str(first) if first == last else f"{first}..{last}" for first, last in self.excepted)
        return f"{days}{hours}in {self.zone.key}{f' except {dates}' if dates else ''}"


def _written(local: datetime) -> str:
    return local.strftime("%Y-%m-%d %H:%M")


def _zone(value: Any) -> ZoneInfo:
    if not isinstance(value, str) or not value:
        raise ValueError(f"a time zone is a name as in Europe/Zurich, not {value!r}")
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        from zoneinfo import available_timezones

        raise ValueError(f'there is no time zone "{value}"{nearest(value, available_timezones())}') from error


def _days(value: Any) -> frozenset[int]:
    found: set[int] = set()
    for item in value if isinstance(value, list) else [value]:
        words = item.split("-") if isinstance(item, str) else []
        if len(words) not in (1, 2) or any(word not in _DAYS for word in words):
            raise ValueError(f"a day is one of {', '.join(_DAYS)}, or a span of them as in mon-fri, not {item!r}")
        first, last = _DAYS.index(words[0]), _DAYS.index(words[-1])
        found.update(day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    if not found:
        raise ValueError("an empty list of days matches nothing: name at least one")
    return frozenset(found)


def _clock(value: Any) -> time:
    match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f'a time of day is hours and minutes in quotes, as in "09:00", not {value!r}')
    return time(int(match[1]), int(match[2]))


def _ranges(value: Any) -> tuple[tuple[date, date], ...]:
    return tuple(_range(item) for item in (value if isinstance(value, list) else [value]))


def _range(value: Any) -> tuple[date, date]:
    first, dots, last = value.partition("..") if isinstance(value, str) else ("", "", "")
    try:
        found = date.fromisoformat(first), date.fromisoformat(last if dots else first)
    except ValueError as error:
        raise ValueError(f"a date is as in 2026-12-25 or 2026-12-24..2027-01-02, not {value!r}") from error
    if found[1] < found[0]:
        raise ValueError(f"{value} ends before it begins")
    return found
