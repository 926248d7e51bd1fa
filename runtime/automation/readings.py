"""Readings: what each automation's goal is understood as, found once at set-up and shown to the operator."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from ...agent.planner import Command, Request
from ...agent.planner import read as understand
from ...inference import Engine, Priority
from ...policies.proposal import Provenance
from ...tools import Catalog
from ..bot.configuration import Schedule, Trigger
from .errors import AutomationRefused


class UnderstoodAs(BaseModel):
    """The calls that a goal means, in order, and who read it: the parser, or the model."""

    model_config = ConfigDict(frozen=True)

    calls: tuple[str, ...]
    path: str


async def read_goal(automation: Schedule | Trigger, catalog: Catalog, engine: Engine | None) -> UnderstoodAs:
    """Read the goal as its Run will. Raises AutomationRefused unless every part of it is a plain order."""
    request = Request(text=automation.goal, origin=Provenance.OPERATOR)
    understood = await understand(request, catalog, (), engine, priority=Priority.SCHEDULE)
    commands = [reading for reading in understood.readings if isinstance(reading, Command)]
    if len(commands) == len(understood.readings):
        by_model = any(command.path == "model" for command in commands)
        return UnderstoodAs(
            calls=tuple(str(command.call) for command in commands), path="model" if by_model else "parser"
        )
    other = next(reading for reading in understood.readings if not isinstance(reading, Command))
    if other.kind == "ask":
        raise AutomationRefused(automation.id, f"its goal {automation.goal!r} leaves a question open: {other.question}")
    if other.kind == "refuse":
        raise AutomationRefused(automation.id, f"its goal {automation.goal!r} is refused: {other.reason}")
    raise AutomationRefused(automation.id, f"its goal {automation.goal!r} is a question, and nobody reads the answer")
