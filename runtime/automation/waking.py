"""ScheduleTrigger: an APScheduler trigger over our own times, so that cron means one thing everywhere.

(APScheduler counts days of the week from Monday, and joins day and weekday by "and": cron does neither.)
"""

from __future__ import annotations

from datetime import datetime

from apscheduler.triggers.base import BaseTrigger

from .schedules import Schedules


class ScheduleTrigger(BaseTrigger):  # type: ignore[misc]  # apscheduler ships no types
    """Wakes one schedule at each of its moments."""

    def __init__(self, schedules: Schedules, name: str) -> None:
        self._schedules = schedules
        self._name = name

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next moment after now; the moments before it were decided about when it last woke."""
        return self._schedules.next(self._name, max(now, previous_fire_time or now))
