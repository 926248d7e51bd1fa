"""Firing: one automation going off once; its Run's id follows from what fired it: twice is once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from ...inference import Priority
from ...wallets.values import hash_words
from ..bot.configuration import Schedule, Trigger


class Firing(BaseModel):
    """``kind`` becomes the Run's trigger; ``at`` is the scheduled time, or the block's."""

    model_config = ConfigDict(frozen=True)

    automation: str
    goal: str
    run: str
    kind: Literal["schedule", "health"]
    at: AwareDatetime

    @property
    def priority(self) -> Priority:
        """Defence goes before people, people before schedules."""
        return Priority.DEFENCE if self.kind == "health" else Priority.SCHEDULE


def scheduled(schedule: Schedule, at: datetime) -> Firing:
    """The firing of a schedule at its time: the Run's id is the hash of (automation, scheduled time)."""
    moment = at.astimezone(UTC)
    run = hash_words(schedule.id, moment.isoformat())
    return Firing(automation=schedule.id, goal=schedule.goal, run=run, kind="schedule", at=moment)


def triggered(trigger: Trigger, block_hash: str, at: datetime) -> Firing:
    """The firing of a trigger at a block: the Run's id is the hash of (automation, block hash, index)."""
    run = hash_words(trigger.id, block_hash.lower(), 0)
    return Firing(automation=trigger.id, goal=trigger.goal, run=run, kind="health", at=at.astimezone(UTC))
