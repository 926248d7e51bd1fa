"""answer: reads find the facts, code renders them; the model, where there is one and a person asks, puts words around
them.
"""

from __future__ import annotations

from typing import Any

from langgraph.config import get_stream_writer

from ...inference import Priority
from ...tools import Fact, ToolCall, ToolError
from ...wallets.errors import RpcRefused
from ..events import TextDelta
from ..planner import ContextTurn, plain_answer, write_answer
from ..ports import Ports
from ..state import RunState


async def answer(ports: Ports, state: RunState) -> dict[str, Any]:
    """Answer the present reading and go on to the next one."""
    reading = state["readings"][state["position"]]
    try:
        facts = await _facts(ports, state, [ToolCall.model_validate(call) for call in reading["about"]])
    except (ToolError, RpcRefused) as error:  # a chain that does not answer says nothing: the Run waits for it
        return {"outcome": "failed", "message": str(error)}
    write = get_stream_writer()
    said = ""
    if facts or ports.engine is None or ports.priority is not Priority.CHAT:
        said = plain_answer(facts)
        write(TextDelta(run=state["run"], text=said))
    else:
        turns = [ContextTurn.model_validate(turn) for turn in state["turns"]]
        async for piece in write_answer(state["goal"], facts, ports.engine, turns, limits=ports.limits):
            said += piece
            write(TextDelta(run=state["run"], text=piece))
    position = state["position"] + 1
    update: dict[str, Any] = {"position": position, "message": said}
    if position >= len(state["readings"]):
        update["outcome"] = "answered"
    return update


async def _facts(ports: Ports, state: RunState, calls: list[ToolCall]) -> list[Fact]:
    """The facts of each read. Reads at the same block say the same: each is made once."""
    context = await ports.contexts.context(state["run"], state["step"])
    facts: list[Fact] = []
    for call in dict.fromkeys(calls):
        facts += await ports.catalog.tool(call.tool).run(context, call)
    return facts
