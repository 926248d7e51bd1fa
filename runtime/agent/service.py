"""AgentService: the agent process's answers. Whoever asks here is a person: the origin of Runs is ``user``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ...agent import Ended, Judged
from ...wallets.errors import TreasurerError
from ..automation import Automations
from ..processes.ipc import IpcError
from .agent import Agent
from .feed import Confirmations
from .requests import (
    ConfirmRequest,
    CountRequest,
    EventsRequest,
    Nothing,
    Request,
    RunRequest,
    StartRequest,
)
from .work import CHAT, Order, Work

Method = Callable[[Any], Awaitable[dict[str, Any]]]


class UnknownRun(TreasurerError):
    """No Run has that id."""

    exit_status = 2


class AgentService:
    """One method a request; the table says which parameters each takes."""

    def __init__(
        self, agent: Agent, work: Work, confirmations: Confirmations, automations: Automations | None = None
    ) -> None:
        self._agent = agent
        self._work = work
        self._confirmations = confirmations
        self._automations = automations
        self._methods: dict[str, tuple[type[Request], Method]] = {
            "run_start": (StartRequest, self.run_start),
            "run_events": (EventsRequest, self.run_events),
            "confirm": (ConfirmRequest, self.confirm),
            "cancel": (RunRequest, self.cancel),
            "runs": (CountRequest, self.runs),
            "status": (Nothing, self.status),
        }

    async def handle(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one request. Raises TreasurerError for a refusal, ValidationError for malformed parameters."""
        if method not in self._methods:
            raise IpcError(f"the agent has no method {method}")
        model, answer = self._methods[method]
        return await answer(model.model_validate(params))

    async def run_start(self, request: StartRequest) -> dict[str, Any]:
        """Begin a Run of a person's, or join the one of the same id."""
        trigger = CHAT if request.confirm else request.trigger
        turns = tuple(turn.model_dump() for turn in request.turns)
        self._work.start(
            Order(request.run, request.goal, "user", trigger, request.asked_by, confirm=request.confirm, turns=turns)
        )
        return {"run": request.run}

    async def run_events(self, request: EventsRequest) -> dict[str, Any]:
        """Events of a Run; of one that ended in an earlier process, its end."""
        feed = self._work.feed(request.run)
        if feed is not None:
            return await feed.after(request.since, request.seconds)
        row = self._agent.runs.find(request.run)
        if row is None or row.ended_at is None:
            raise UnknownRun(f"no run {request.run} is known here")
        end = Ended(run=row.run, outcome=row.state, message=row.message)
        return {"events": [end.model_dump(mode="json")][request.since :], "over": True, "stalled": ""}

    async def confirm(self, request: ConfirmRequest) -> dict[str, Any]:
        """The person's yes or no to a proposal; ``taken`` is False where nothing waits for it any more."""
        return {"taken": self._confirmations.answer(request.run, request.key, request.yes)}

    async def cancel(self, request: RunRequest) -> dict[str, Any]:
        """Take back what a Run has open: ``not_confirmed``, ``withdrawn``, ``too_late``, or ``nothing_open``."""
        if self._confirmations.refuse(request.run):
            return {"result": "not_confirmed"}
        feed, row = self._work.feed(request.run), self._agent.runs.find(request.run)
        judged = [event for event in (feed.events if feed is not None else []) if isinstance(event, Judged)]
        key = judged[-1].key if judged else row.waits_for if row is not None else None
        if row is None or row.ended_at is not None or key is None:
            return {"result": "nothing_open"}
        return await self._agent.guard.ask("withdraw", key=key)

    async def runs(self, request: CountRequest) -> dict[str, Any]:
        """The newest Runs, newest first."""
        return {"rows": [row.model_dump(mode="json") for row in self._agent.runs.recent(request.count)]}

    async def status(self, _: Nothing) -> dict[str, Any]:
        """What is in flight, and the automations with what each was read as."""
        automations = self._automations.describe() if self._automations is not None else []
        return {"in_flight": self._work.in_flight, "automations": automations}
