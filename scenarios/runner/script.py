"""Scripted planning: calls that are taken whatever the request says, as a test wants them or an attacker would."""

from __future__ import annotations

from collections.abc import Sequence

from ...agent.planner import Command, ContextTurn, Limits, Request, Understood
from ...agent.planner import read as understand
from ...inference import Engine, Priority
from ...tools import Catalog, ToolCall


def scripted(calls: Sequence[ToolCall], catalog: Catalog) -> Understood:
    """The calls as the readings of a request. Raises ToolError for a call that no tool takes."""
    return Understood(readings=tuple(Command(call=catalog.checked(call), path="script") for call in calls))


class SwitchedPlanner:
    """treasurer's own planner, until it is given a script; it goes back to its own when the script is taken away."""

    def __init__(self) -> None:
        self.script: tuple[ToolCall, ...] = ()

    async def __call__(
        self,
        request: Request,
        catalog: Catalog,
        context_turns: Sequence[ContextTurn],
        engine: Engine | None,
        *,
        limits: Limits,
        priority: Priority,
    ) -> Understood:
        """The script's readings, or ours."""
        if self.script:
            return scripted(self.script, catalog)
        return await understand(request, catalog, context_turns, engine, limits=limits, priority=priority)
