"""Schedules: when each schedule of treasurer.toml goes off, and what a missed time means. Pure functions of moments."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from ..bot.configuration import Configuration, Schedule
from .errors import AutomationRefused
from .firing import Firing, scheduled

GRACE_SECONDS = 60.0
"""A firing that is at most this late is on time: cron counts in minutes, and a start takes seconds."""
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Times(Protocol):
    """The moments of one schedule."""

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The moments after ``moment``, in order."""
        ...

    def newest(self, until: datetime) -> datetime:
        """The last moment that is not after ``until``."""
        ...


class CronTimes:
    """Five fields of cron in a time zone; summer time as Debian's cron has it: a skipped hour runs at its end."""

    def __init__(self, line: str, zone: ZoneInfo) -> None:
        CronSim(line, datetime.now(zone))  # raises CronSimError for a line that is none
        self._line = line
        self._zone = zone

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The moments after ``moment``, in order."""
        for found in CronSim(self._line, moment.astimezone(self._zone)):
            yield found.astimezone(UTC)

    def newest(self, until: datetime) -> datetime:
        """The last moment that is not after ``until``."""
        just_after = (until + timedelta(minutes=1)).replace(second=0, microsecond=0)
        return next(CronSim(self._line, just_after.astimezone(self._zone), reverse=True)).astimezone(UTC)


class EveryTimes:
    """The multiples of a length of time, counted from the Unix epoch: every process finds the same ones."""

    def __init__(self, length: timedelta) -> None:
        self._length = length

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The moments after ``moment``, in order."""
        found = self.newest(moment)
        while True:
            found += self._length
            yield found

    def newest(self, until: datetime) -> datetime:
        """The last moment that is not after ``until``."""
        return _EPOCH + (until - _EPOCH) // self._length * self._length


def times_of(schedule: Schedule) -> Times:
    """When a schedule goes off. Raises AutomationRefused."""
    try:
        zone = ZoneInfo(schedule.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise AutomationRefused(
            schedule.id, f"there is no time zone {schedule.timezone!r}; write Europe/Zurich"
        ) from error
    if schedule.every is not None:
        found = re.fullmatch(r"([1-9][0-9]{0,8})([smhd])", schedule.every)
        if found is None:
            raise AutomationRefused(schedule.id, f"{schedule.every!r} is no length of time; write 30s, 15m, 4h or 1d")
        return EveryTimes(timedelta(**{_UNITS[found[2]]: int(found[1])}))
    line = schedule.cron or ""
    try:
        return CronTimes(line, zone)
    except CronSimError as error:
        raise AutomationRefused(schedule.id, f"{line!r} is no cron line ({error}); write 0 9 * * 1-5") from error


class Schedules:
    """All schedules of a configuration. Raises AutomationRefused for one whose time cannot be read."""

    def __init__(self, configuration: Configuration) -> None:
        self._times = {schedule.id: (schedule, times_of(schedule)) for schedule in configuration.schedule}

    @property
    def ids(self) -> list[str]:
        """The schedules, in the order of the file."""
        return list(self._times)

    def due(self, after: datetime, until: datetime) -> tuple[Firing, ...]:
        """Every firing after ``after`` and not after ``until``, the oldest first."""
        found = [self._between(schedule, times, after, until) for schedule, times in self._times.values()]
        return tuple(heapq.merge(*found, key=lambda firing: firing.at))

    def next(self, name: str, after: datetime) -> datetime | None:
        """When a schedule goes off next; None where its line names no day that comes."""
        return next(self._times[name][1].after(after), None)

    def decide(self, name: str, considered: datetime, now: datetime) -> tuple[Firing | None, bool]:
        """What to fire of the moments after ``considered``, and whether a moment was missed.

        The newest one fires when it is on time; late, it fires once where misfire is ``run``, never where ``skip``.
        """
        schedule, times = self._times[name]
        newest = times.newest(now)
        if newest <= considered:
            return None, False
        missed = now - newest > timedelta(seconds=GRACE_SECONDS)
        if missed and schedule.misfire == "skip":
            return None, True
        return scheduled(schedule, newest), missed

    @staticmethod
    def _between(schedule: Schedule, times: Times, after: datetime, until: datetime) -> Iterator[Firing]:
        for moment in takewhile(lambda found: found <= until, times.after(after)):
            yield scheduled(schedule, moment)
