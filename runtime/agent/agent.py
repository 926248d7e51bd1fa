"""Agent: a bot's folder opened for planning: runs of the graph, their events, and the guard behind them.

async with Agent.open("acme", tools=[donate]) as agent:
    async for event in agent.stream("donate 5 usdc to alice"):
        print(event)
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from ...agent import Ended, Ports, RunState, begin
from ...agent.events import Included, Judged, Proposed, TextDelta, Waiting
from ...agent.planner import read as understand
from ...agent.ports import Planner
from ...inference import Engine, Priority
from ...tools import Catalog, Context, Tool
from ...wallets.errors import TreasurerError
from ..bot.folder import BotFolder, find_bot
from ..guard import GuardClient, open_guard
from ..processes.lifetime import only_one
from .model import engine_of
from .passing import passes
from .requests import check_words
from .runs import RunRow, Runs
from .world import BotContexts, open_contexts

if TYPE_CHECKING:
    from langgraph.graph import StateGraph

AnyEvent = TextDelta | Proposed | Judged | Waiting | Included | Ended
Confirm = Callable[[str, str], Awaitable[bool]]
WAIT_SECONDS = 30.0


class RunResult(BaseModel):
    """What came of a Run. ``outcome`` is ``waiting`` where people have yet to answer."""

    model_config = ConfigDict(frozen=True)

    run: str
    outcome: str
    message: str
    verdicts: list[str] = []
    hashes: list[str] = []
    digests: list[str] = []
    reasons: list[str] = []
    rendered: list[str] = []


class Agent:
    """One bot's planner at work. Make it with ``Agent.open``."""

    def __init__(
        self, folder: BotFolder, guard: GuardClient, contexts: BotContexts, runs: Runs, ports: Ports, checkpointer: Any
    ) -> None:
        self.folder = folder
        self.guard = guard
        self.runs = runs
        self._contexts = contexts
        self._ports = ports
        self._checkpointer = checkpointer

    @classmethod
    @contextlib.asynccontextmanager
    async def open(
        cls,
        folder: str | Path | BotFolder | None = None,
        *,
        tools: Sequence[Tool] = (),
        engine: Engine | None = None,
        model: bool = True,
        planner: Planner = understand,
        confirm: Confirm | None = None,
    ) -> AsyncIterator[Agent]:
        """Open a bot: its guard and signer are joined or started; ``tools`` are offered beside treasurer's own.

        ``engine`` replaces the configured model; without ``model`` and engine only plain commands are understood.
        ``planner`` replaces treasurer's own: the guard judges what comes of it just the same.
        Raises AlreadyRunning while another process holds the bot's runs.
        """
        bot = folder if isinstance(folder, BotFolder) else find_bot(None if folder is None else Path(folder))
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(only_one(bot.sockets / "agent.lock"))
            guard = await stack.enter_async_context(open_guard(bot, signer=True))
            contexts = await stack.enter_async_context(open_contexts(bot, guard))
            if engine is None and model:
                engine = engine_of(contexts.configuration.model)
                if engine is not None:
                    stack.push_async_callback(engine.aclose)
            catalog = Catalog.of([*contexts.tools(), *tools], contexts.handles)
            ports = Ports(
                guard=guard, contexts=contexts, catalog=catalog, engine=engine, planner=planner, confirm=confirm
            )
            runs = Runs(bot.checkpoints)
            stack.callback(runs.close)
            checkpointer = await stack.enter_async_context(_checkpointer(bot.checkpoints))
            yield cls(bot, guard, contexts, runs, ports, checkpointer)

    async def context(self, run: str, step: int = 0) -> Context:
        """What a tool's function receives in that step of a Run: to build a Proposal by hand. Raises ChainError."""
        return await self._contexts.context(run, step)

    def graph(self, *, priority: Priority = Priority.CHAT) -> StateGraph[RunState, None, RunState, RunState]:
        """The uncompiled graph of a Run: add nodes, compile, run. Safety sits behind the guard."""
        from ...agent.graph import build_graph

        return build_graph(replace(self._ports, priority=priority))

    async def stream(
        self,
        goal: str,
        *,
        run: str | None = None,
        origin: str = "user",
        trigger: str = "api",
        asked_by: str = "",
        confirm: bool = False,
        turns: Sequence[dict[str, str]] = (),
        priority: Priority = Priority.CHAT,
        registered: bool = False,
    ) -> AsyncIterator[AnyEvent]:
        """The events of a Run, to its end or to the point where it waits for people.

        ``run``: the Run's id; the same id is the same Run, taken up where it was left. ``origin`` is ``user`` for a
        person's words and ``operator`` for the configuration's. A person's words are registered with the guard here,
        by the program that the person runs, unless another one has ``registered`` them. Raises NotRunning where the
        guard ended meanwhile and ChainError where the chain does not answer: the Run is unfinished then, and taken up
        under the same id.
        """
        check_words(goal)
        name = run or uuid.uuid4().hex
        known = self.runs.find(name)
        if known is None:
            if origin == "user" and not registered:
                await register(self.guard, name, goal, trigger=trigger, asked_by=asked_by)
            else:
                await self.guard.ask("open_run", run=name, trigger=trigger, asked_by=asked_by)
        row = self.runs.begin(
            name, goal, origin=origin, trigger=trigger, asked_by=asked_by, turns=[dict(turn) for turn in turns]
        )
        if row.ended_at is not None:
            yield Ended(run=name, outcome=row.state, message=row.message)
            return
        async for event in self._advance(row, confirm=confirm, priority=priority):
            yield event

    async def run(self, goal: str, **options: Any) -> RunResult:
        """Stream a Run and gather what came of it."""
        gathered = Gathered()
        async for event in self.stream(goal, **options):
            gathered.add(event)
        return gathered.result()

    async def until_answered(self, row: RunRow) -> None:
        """Return when people have answered about what a waiting Run waits for."""
        while row.waits_for is not None and not (await self.guard.wait(row.waits_for, WAIT_SECONDS))["ended"]:
            continue

    async def _advance(self, row: RunRow, *, confirm: bool, priority: Priority) -> AsyncIterator[AnyEvent]:
        from langgraph.types import Command

        from ...agent.graph import RECURSION_LIMIT

        compiled = self.graph(priority=priority).compile(checkpointer=self._checkpointer)
        config: Any = {"configurable": {"thread_id": row.run}, "recursion_limit": RECURSION_LIMIT}
        before = await compiled.aget_state(config)
        self.runs.go_on(row.run)
        payload: Any = None
        if not before.values:
            payload = begin(
                row.run, row.goal, origin=row.origin, asked_by=row.asked_by, confirm=confirm, turns=list(row.turns)
            )
        elif before.interrupts:
            payload = Command(resume=True)
        # Killed between the last node and writing it down. Only the outcome tells: a node whose writes have landed is
        # not in ``next`` any more, though its checkpoint is still to come.
        over = before.values.get("outcome") is not None and not before.next
        try:
            if not over:
                events: AsyncIterator[Any] = compiled.astream(payload, config, stream_mode="custom", durability="sync")
                async for event in events:
                    yield event
        except TreasurerError as error:
            values = (await compiled.aget_state(config)).values
            if passes(error) or values.get("proposal") is not None:
                raise  # it goes on when the other side answers; and the guard may have the proposal already
            yield await self._end(row.run, "failed", str(error))
            return
        after = await compiled.aget_state(config)
        if after.next:
            self.runs.wait(row.run, str((after.values["judged"] or {}).get("key")))
            return
        yield await self._end(row.run, str(after.values["outcome"]), str(after.values["message"]))

    async def _end(self, run: str, outcome: str, message: str) -> Ended:
        """Write the end down, then delete the thread: what a Run did stands in the log, not in its checkpoints."""
        self.runs.end(run, outcome, message)
        await self._checkpointer.adelete_thread(run)
        return Ended(run=run, outcome=outcome, message=message)


async def register(guard: GuardClient, run: str, words: str, *, trigger: str, asked_by: str) -> None:
    """Open a person's Run with the guard and register the words that it is for: once, and no others under its id."""
    opened = await guard.ask("open_run", run=run, trigger=trigger, asked_by=asked_by)
    heard = [] if opened["first"] else (await guard.ask("audit_log", run=run, kind="said", limit=1))["rows"]
    if not heard:  # the guard may have died between the two
        await guard.ask("said", run=run, person=asked_by, words=words)


class Gathered:
    """Gathers the events of one Run into its result."""

    def __init__(self) -> None:
        self._events: list[AnyEvent] = []

    def add(self, event: AnyEvent) -> None:
        """One more event."""
        self._events.append(event)

    def result(self) -> RunResult:
        """What came of it, as far as it went."""
        judged = [event for event in self._events if isinstance(event, Judged)]
        ended = next((event for event in self._events if isinstance(event, Ended)), None)
        return RunResult(
            run=self._events[-1].run if self._events else "",
            outcome=ended.outcome if ended is not None else "waiting",
            message=ended.message if ended is not None else "people must approve",
            verdicts=[event.verdict for event in judged],
            hashes=[hashed for event in self._events if isinstance(event, Included) for hashed in event.hashes],
            digests=[event.digest for event in judged],
            reasons=[reason for event in judged for reason in event.reasons],
            rendered=[line for event in judged for line in event.rendered],
        )


@contextlib.asynccontextmanager
async def _checkpointer(path: Path) -> AsyncIterator[Any]:
    """The SQLite saver over agent.db; it admits no class from a checkpoint but JSON primitives."""
    import aiosqlite
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with aiosqlite.connect(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=[]))
        await saver.setup()
        yield saver
