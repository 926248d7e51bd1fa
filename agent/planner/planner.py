"""The planner: one request read into typed calls, by the parser where it is plain, else by route and fill.

Whatever is not certain is asked back. Code decides what may be chosen (`coverage.py`); the model only chooses.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from ...inference import Engine, Priority, Sample, Session, Turn
from ...policies.proposal import Provenance
from ...tools import Catalog, Tool, ToolCall
from ...tools.handles import Token
from ...tools.tool import Topic
from . import questions
from .clauses import split
from .coverage import Covered, covered
from .fill import fill
from .forms import grammar
from .limits import Limits, OutOfCalls, Spent
from .parser import parse
from .prompts import NONE, fill_prefix, route_prefix
from .provenance import ground
from .reading import Answer, Ask, Command, ContextTurn, Reading, Refuse, Request, Understood
from .request import Kind, Word, read_words
from .route import Routed, asks, doubt, may_act, route

TRUSTED = frozenset({Provenance.OPERATOR, Provenance.USER})


async def read(
    request: Request,
    catalog: Catalog,
    context_turns: Sequence[ContextTurn] = (),
    engine: Engine | None = None,
    *,
    limits: Limits | None = None,
    priority: Priority = Priority.CHAT,
) -> Understood:
    """Read a request: its Commands and Answers in order, or one Ask or Refuse for the whole of it.

    Without an engine only plain commands are read, the rest is asked back. ``context_turns`` are never shown to the
    model when it chooses what to do: a turn could only lead it astray, and nothing of a call may come from there.
    Raises InferenceError where the model fails; nothing was decided then.
    """
    limits = limits or Limits()
    if request.origin not in TRUSTED:
        return Understood(readings=(Refuse(reason=questions.UNTRUSTED, path="code"),))
    if len(request.text) > limits.request_characters:
        return _ask(questions.TOO_LONG)
    words, closed = read_words(request.text, catalog.handles)
    if not closed:
        return _ask(questions.UNCLOSED)
    clauses = split(words, request.text, grammar(catalog).verbs.keys())
    if not clauses:
        return _ask(questions.EMPTY)
    if len(clauses) > limits.steps_of_a_plan:
        return _ask(questions.TOO_MANY)
    reader = _Reader(catalog, request.origin, engine, Spent(limits.model_calls), priority)
    readings: list[Reading] = []
    for clause in clauses:
        reading = await reader.clause(clause)
        if isinstance(reading, Ask | Refuse):
            # Half of what was asked is not what was asked.
            readings = [reading]
            break
        readings.append(reading)
    return Understood(readings=tuple(readings), model_calls=reader.spent.model_calls, samples=tuple(reader.samples))


def _ask(question: str) -> Understood:
    return Understood(readings=(Ask(question=question, path="code"),))


class _Reader:
    """Reads the clauses of one request, counting the model's calls and keeping its samples."""

    def __init__(
        self, catalog: Catalog, origin: Provenance, engine: Engine | None, spent: Spent, priority: Priority
    ) -> None:
        self.catalog = catalog
        self.origin = origin
        self.engine = engine
        self.spent = spent
        self.priority = priority
        self.samples: list[Sample] = []

    async def clause(self, words: Sequence[Word]) -> Reading:
        unreadable = questions.unreadable(words, asking=not may_act(words))
        if unreadable is not None:
            return Ask(question=unreadable, path="code")
        parsed = parse(words, self.catalog)
        if len(parsed) == 1:
            call = parsed[0].call
            if self.catalog.tool(call.tool).effect == "read":
                return Answer(about=(call,), path="parser")
            tool = self.catalog.tool(call.tool)
            grounds = ground(tool, call, parsed[0].spans, self.origin)
            return Command(call=call, grounds=grounds, path="parser")
        if parsed:
            return Ask(question=questions.ambiguous(), readings=tuple(p.call for p in parsed[:2]), path="parser")
        doubted = doubt(words)
        if doubted is not None and not asks(words):
            return Ask(question=questions.doubtful(doubted), path="code")
        if self.engine is None:
            return Ask(question=questions.NO_MODEL, path="code")
        try:
            return await self._modelled(words, self.engine)
        except OutOfCalls:
            return Ask(question=questions.TOO_HARD, path="code")

    async def _modelled(self, words: Sequence[Word], engine: Engine) -> Reading:
        text = _spoken(words)
        async with self._session(engine, route_prefix(self.catalog)) as session:
            routed = await route(session, text, words, self.catalog, self.spent)
        coverable = may_act(words) and bool(covered(words, self._proposing(), self.catalog))
        if routed.topic == "refuse" and not coverable:
            return Refuse(reason=questions.AGAINST_RULES, margin=routed.margin, path="model")
        if routed.topic == "answer":
            return await self._answer(words, text, routed, engine)
        if routed.topic in ("ask", "refuse") or not may_act(words):
            return self._open(words, routed)
        tools = self.catalog.under(_topic(routed.topic))
        readings = covered(words, tools, self.catalog)
        if not readings:
            elsewhere = covered(words, self._proposing(), self.catalog)[:2]
            question = questions.missing(_likeliest(tools, words, self.catalog), words)
            return Ask(question=question, readings=_calls(elsewhere), margin=routed.margin, path="model")
        if len(readings) == 1:
            return self._command(readings[0], routed.margin)
        async with self._session(engine, fill_prefix(_topic(routed.topic), self.catalog)) as session:
            filled = await fill(session, text, readings, self.spent)
        if filled.reading is None:
            question = questions.ambiguous()
            return Ask(question=question, readings=filled.ranked, margin=filled.margin, path="model")
        margins = [margin for margin in (routed.margin, filled.margin) if margin is not None]
        return self._command(filled.reading, min(margins, default=None))

    def _command(self, reading: Covered, margin: float | None) -> Command:
        tool = self.catalog.tool(reading.call.tool)
        grounds = ground(tool, reading.call, reading.spans, self.origin)
        return Command(call=reading.call, grounds=grounds, margin=margin, path="model")

    def _open(self, words: Sequence[Word], routed: Routed) -> Ask:
        """Ask, with the readings that the clause could have."""
        readings = covered(words, self._proposing(), self.catalog)[:2]
        return Ask(question=questions.UNCLEAR, readings=_calls(readings), margin=routed.margin, path="model")

    async def _answer(self, words: Sequence[Word], text: str, routed: Routed, engine: Engine) -> Answer:
        """Which reads the answer needs; each asset that is mentioned gets one where the read takes an asset."""
        reads = self.catalog.under("answer")
        about: tuple[ToolCall, ...] = ()
        if reads:
            self.spent.call()
            async with self._session(engine, fill_prefix("answer", self.catalog)) as session:
                await session.append("user", text)
                await session.append("assistant", "tool: ")
                choice = await session.choose([*(tool.name for tool in reads), NONE])
            if choice.text != NONE:
                about = _about(self.catalog.tool(choice.text), words)
        return Answer(about=about, margin=routed.margin, path="model")

    def _proposing(self) -> tuple[Tool, ...]:
        return tuple(tool for tool in self.catalog.tools.values() if tool.effect == "propose")

    @contextlib.asynccontextmanager
    async def _session(self, engine: Engine, prefix: Sequence[Turn]):  # type: ignore[no-untyped-def]
        session: Session = await engine.open_session(prefix, priority=self.priority)
        try:
            yield session
            self.samples.append(session.sample())
        finally:
            await session.aclose()


def _calls(readings: Sequence[Covered]) -> tuple[ToolCall, ...]:
    return tuple(reading.call for reading in readings)


def _topic(name: str) -> Topic:
    topics: dict[str, Topic] = {
        "pay": "pay",
        "swap": "swap",
        "rebalance": "rebalance",
        "lend": "lend",
        "answer": "answer",
        "other": "other",
    }
    return topics[name]


def _spoken(words: Sequence[Word]) -> str:
    """A clause as the model reads it: what was in quotes is gone."""
    text = ""
    for word in words:
        text += word.text if word.kind is Kind.MARK or word.text == "'s" or not text else f" {word.text}"
    return text


def _likeliest(tools: Sequence[Tool], words: Sequence[Word], catalog: Catalog) -> list[Tool]:
    """The tools that a verb of the clause names, before the others."""
    verbs = grammar(catalog).verbs
    named = {name for word in words for name in verbs.get(word.text, ())}
    return sorted(tools, key=lambda tool: tool.name not in named)


def _about(tool: Tool, words: Sequence[Word]) -> tuple[ToolCall, ...]:
    assets = list(dict.fromkeys(word.label for word in words if word.kind is Kind.ASSET))
    slot = next((parameter for parameter in tool.parameters if parameter.slot is Token), None)
    if slot is not None and assets:
        return tuple(ToolCall(tool=tool.name, arguments={slot.name: asset}) for asset in assets)
    if any(parameter.required for parameter in tool.parameters):
        return ()
    return (ToolCall(tool=tool.name),)
