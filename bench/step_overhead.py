"""step_overhead: a step of the Run's graph without model and chain, beside a bare LangGraph graph of as many nodes.

The Run pays 10 USDC, read by the parser, built by the real tool, judged and confirmed by a guard that answers at once;
the bare graph's nodes return one number. Both write each step into SQLite before the next begins (durability ``sync``).
"""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypedDict

from harness import Contest, Figure

from treasurer.agent import Ports, begin
from treasurer.agent.context import ToolContext, handles_of, labels_of
from treasurer.agent.graph import build_graph
from treasurer.policies.book.book import Book
from treasurer.policies.proposal import Proposal
from treasurer.runtime.bot.creation import book_text
from treasurer.tools import Basis, Catalog, Token
from treasurer.tools.standard import STANDARD_TOOLS
from treasurer.wallets.chain import ChainClient, FeeQuote
from treasurer.wallets.registry import Registry, registry_of

CHAIN_ID = 11155111
GOAL = "send 10 usdc to alice"
ACCOUNT, OWNER = "0x" + "a1" * 20, "0x" + "0f" * 20
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


class GuardAtOnce:
    """Allows and confirms whatever it is asked."""

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        return _confirmed(proposal.intent_key)

    async def check(self, proposal: Proposal) -> dict[str, Any]:
        return _confirmed(proposal.intent_key)

    async def wait(self, key: str, seconds: float) -> dict[str, Any]:
        return _confirmed(key)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return {}


def _confirmed(key: str) -> dict[str, Any]:
    return {
        "key": key,
        "digest": "0x" + "d1" * 32,
        "verdict": "allow",
        "state": "confirmed",
        "why": "",
        "ended": True,
        "hashes": ["0x" + "b1" * 32],
        "rendered": ["send 10 usdc (USD 10.00) to alice"],
        "reasons": [{"rule": "pay-known-people", "message": "pay-known-people allows transfer"}],
    }


@dataclass(frozen=True)
class RichContext(ToolContext):
    """A step's context whose account always has enough, so that no tool asks a chain."""

    async def holding(self, token: Token, basis: Basis) -> int:
        return 10**30


@dataclass(frozen=True)
class ContextsAtOnce:
    """Contexts over a book, without a chain behind them."""

    book: Book
    registry: Registry

    async def context(self, run: str, step: int) -> RichContext:
        return RichContext(
            client=ChainClient(["http://127.0.0.1:1"], CHAIN_ID),  # never opened
            entries=self.book,
            registry=self.registry,
            account=ACCOUNT,
            bot="bench",
            run=run,
            step=step,
            now=NOW,
            quote=FeeQuote(10**9, 10**8),
            handles=handles_of(self.book, self.registry),
            book=labels_of(self.book, CHAIN_ID),
        )

    async def snapshot(self) -> dict[str, Any]:
        return {"block": 1, "balances": {"usdc": "50000", "native": "10"}, "prices": {"usdc": "1", "native": "2500"}}


class Bare(TypedDict):
    """The state of the bare graph."""

    step: int


@contextmanager
def contest() -> Iterator[Contest]:
    """Both graphs compiled, each over a database of its own in one folder; a run is a new thread of its database."""
    with TemporaryDirectory(prefix="treasurer-bench-") as folder, asyncio.Runner() as runner:
        opened = AsyncExitStack()
        ours, bare, nodes = runner.run(opened.enter_async_context(_compiled(Path(folder))))
        try:
            yield Contest(
                ours=lambda: runner.run(_step_ms(ours, _beginning(), nodes)),
                peer=lambda: runner.run(_step_ms(bare, {"step": 0}, nodes)),
            )
        finally:
            runner.run(opened.aclose())


def _beginning() -> dict[str, Any]:
    return {**begin("run", GOAL, origin="user", asked_by="bench")}


@asynccontextmanager
async def _compiled(folder: Path) -> AsyncIterator[tuple[Any, Any, int]]:
    registry = registry_of(CHAIN_ID)
    book = Book.read(book_text(registry, OWNER, devnet=True).encode())
    catalog = Catalog.of(STANDARD_TOOLS, handles_of(book, registry))
    ports = Ports(guard=GuardAtOnce(), contexts=ContextsAtOnce(book, registry), catalog=catalog, engine=None)
    async with _saver(folder / "ours.db") as for_ours, _saver(folder / "bare.db") as for_bare:
        ours = build_graph(ports).compile(checkpointer=for_ours)
        nodes = await _nodes_of_a_run(ours)
        yield ours, _bare_graph(nodes).compile(checkpointer=for_bare), nodes


@asynccontextmanager
async def _saver(path: Path) -> AsyncIterator[Any]:
    """The saver as the agent opens it."""
    import aiosqlite
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with aiosqlite.connect(path) as connection:
        saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=[]))
        await saver.setup()
        yield saver


async def _nodes_of_a_run(graph: Any) -> int:
    """How many nodes one Run goes through, after seeing that it pays."""
    config = {"configurable": {"thread_id": "counted"}}
    updates = [update async for update in graph.astream(_beginning(), config, stream_mode="updates")]
    state = (await graph.aget_state(config)).values
    if state["outcome"] != "finished":
        raise RuntimeError(f"the run does not pay: {state['outcome']}: {state['message']}")
    return len(updates)


def _bare_graph(nodes: int) -> Any:
    from langgraph.graph import END, START, StateGraph

    async def node(state: Bare) -> Bare:
        return {"step": state["step"] + 1}

    graph = StateGraph(Bare)
    names = [START, *(f"node-{number}" for number in range(nodes)), END]
    for name in names[1:-1]:
        graph.add_node(name, node)
    for before, after in itertools.pairwise(names):
        graph.add_edge(before, after)
    return graph


async def _step_ms(graph: Any, state: dict[str, Any], nodes: int) -> float:
    config = {"configurable": {"thread_id": uuid.uuid4().hex}}
    started = time.perf_counter()
    async for _ in graph.astream(state, config, stream_mode="custom", durability="sync"):
        pass
    return (time.perf_counter() - started) * 1e3 / nodes


FIGURE = Figure(unit="ms", pairs=200, seconds=40, contest=contest)
