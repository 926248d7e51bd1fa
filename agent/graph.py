"""graph: the LangGraph graph of a Run, uncompiled, so that users add nodes of their own; safety sits behind
guard.submit.

perceive -> read -> build -> submit -> wait -> observe -> build ..
                 -> answer ..           <-> pause
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import RetryPolicy

from ..wallets.errors import ChainError
from . import nodes
from .ports import Ports
from .state import RunState

RECURSION_LIMIT = 100
"""LangGraph's own bound on steps; the Run's limits (planner.Limits) end it long before."""
_ASK_THE_CHAIN_AGAIN = RetryPolicy(max_attempts=3, retry_on=ChainError)


def build_graph(ports: Ports) -> StateGraph[RunState, None, RunState, RunState]:
    """The graph over ``ports``. Compile it with a checkpointer; ``thread_id`` is the Run's id."""
    graph: StateGraph[RunState, None, RunState, RunState] = StateGraph(RunState)
    for name in ("perceive", "read", "build", "submit", "wait", "observe", "answer"):
        node: Callable[..., Awaitable[dict[str, Any]]] = getattr(nodes, name)
        retry = _ASK_THE_CHAIN_AGAIN if name in ("perceive", "observe") else None
        graph.add_node(name, partial(node, ports), retry_policy=retry)
    graph.add_node("pause", nodes.pause)
    graph.add_edge(START, "perceive")
    graph.add_edge("perceive", "read")
    graph.add_conditional_edges("read", next_reading, ["build", "answer", END])
    graph.add_conditional_edges("build", after_build, ["submit", "observe", END])
    graph.add_conditional_edges("submit", after_submit, ["wait", END])
    graph.add_conditional_edges("wait", after_wait, ["pause", "observe"])
    graph.add_edge("pause", "wait")
    graph.add_conditional_edges("observe", next_reading, ["build", "answer", END])
    graph.add_conditional_edges("answer", next_reading, ["build", "answer", END])
    return graph


def next_reading(state: RunState) -> str:
    """Where the reading at ``position`` is done, or the end."""
    if state["outcome"] is not None:
        return END
    return "answer" if state["readings"][state["position"]]["kind"] == "answer" else "build"


def after_build(state: RunState) -> str:
    """A tool that found nothing to do needs no guard."""
    if state["outcome"] is not None:
        return END
    return "submit" if state["proposal"] is not None else "observe"


def after_submit(state: RunState) -> str:
    """Unless the person said no, the guard has an answer to wait for."""
    return END if state["outcome"] is not None else "wait"


def after_wait(state: RunState) -> str:
    """Ended, or resting until people have answered."""
    return "observe" if (state["judged"] or {}).get("ended") else "pause"
