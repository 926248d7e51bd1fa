"""Fill: one call among those that cover a clause.

Code fills what is the same in all of them; the model chooses the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...inference import Choice, Role, Session
from ...tools import ToolCall
from .coverage import Covered
from .limits import Spent
from .prompts import MISSING, NONE

TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Filled:
    """The reading chosen, None where the model found something missing.

    ``ranked``: at most two calls, the likeliest first, by the closest choice on the way; ``margin``: of that choice,
    None where nothing had to be chosen.
    """

    reading: Covered | None
    ranked: tuple[ToolCall, ...]
    margin: float | None


async def fill(session: Session, text: str, readings: Sequence[Covered], spent: Spent) -> Filled:
    """Choose one of at least two readings, over `prompts.fill_prefix`: the tool first, then each argument in turn.

    Raises OutOfCalls, and what the session raises.
    """
    await session.append("user", text)
    left = list(readings)
    role: Role | None = "assistant"
    pending, margin, other = "", None, None
    fields = [TOOL]
    while fields:
        field = fields.pop(0)
        values = list(dict.fromkeys(_value(reading, field) for reading in left))
        if len(values) == 1:
            pending += f"{field}: {values[0]}\n"
        else:
            await session.append(role, f"{pending}{field}: ")
            role, pending = None, ""
            offered = values if field == TOOL else [*values, MISSING]
            spent.call()
            choice = await session.choose(offered)
            second = _runner_up(choice, offered, left, field)
            if choice.text == MISSING:
                return Filled(None, _ranked(choice, offered, left, field), choice.margin)
            if choice.margin is not None and (margin is None or choice.margin < margin):
                margin, other = choice.margin, second
            left = [reading for reading in left if _value(reading, field) == choice.text]
        if field == TOOL:
            fields = list(dict.fromkeys(name for reading in left for name in reading.call.arguments))
    chosen = left[0]
    return Filled(chosen, (chosen.call, other) if other is not None else (chosen.call,), margin)


def _value(reading: Covered, field: str) -> str:
    return reading.call.tool if field == TOOL else reading.call.arguments.get(field, NONE)


def _ranked(choice: Choice, offered: Sequence[str], left: Sequence[Covered], field: str) -> tuple[ToolCall, ...]:
    """The first reading of each of the two best values."""
    best = [offered[index] for index in choice.ranking if offered[index] != MISSING][:2]
    return tuple(next(r.call for r in left if _value(r, field) == value) for value in best)


def _runner_up(choice: Choice, offered: Sequence[str], left: Sequence[Covered], field: str) -> ToolCall | None:
    others = [call for call in _ranked(choice, offered, left, field) if _named(call, field) != choice.text]
    return others[0] if others else None


def _named(call: ToolCall, field: str) -> str:
    return call.tool if field == TOOL else call.arguments.get(field, NONE)
