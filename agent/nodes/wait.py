"""wait and pause: ask the guard how the proposal stands; where people must approve, the Run rests in its checkpoint.

What a resume brings is ignored (a stale one can be redelivered): after every pause the guard is asked again.
"""

from __future__ import annotations

from typing import Any

from langgraph.config import get_stream_writer
from langgraph.types import interrupt

from ..events import Included, Waiting
from ..ports import Ports
from ..state import RunState
from .submit import brief

LONG_POLL_SECONDS = 30.0
"""One request to the guard; it answers at once when the proposal has ended."""


async def wait(ports: Ports, state: RunState) -> dict[str, Any]:
    """Return when the proposal has ended, or at once where it waits for people."""
    judged = state["judged"] or {}
    write = get_stream_writer()
    while True:
        answer = await ports.guard.wait(judged["key"], 0)
        if not answer["ended"] and answer["verdict"] == "escalate" and answer["state"] == "reserved":
            write(Waiting(run=state["run"], step=state["step"], key=judged["key"], digest=judged["digest"]))
            return {"judged": brief(answer)}
        if not answer["ended"]:
            answer = await ports.guard.wait(judged["key"], LONG_POLL_SECONDS)
        if answer["ended"]:
            if answer["state"] == "confirmed":
                hashes = tuple(answer["hashes"])
                write(
                    Included(run=state["run"], step=state["step"], key=judged["key"], hashes=hashes, state="confirmed")
                )
            return {"judged": brief(answer)}


def pause(state: RunState) -> dict[str, Any]:
    """Rest until somebody resumes the Run; the value that it is resumed with means nothing."""
    interrupt({"digest": (state["judged"] or {}).get("digest")})
    return {}
