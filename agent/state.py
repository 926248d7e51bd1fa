"""RunState: everything that a Run remembers between two nodes, as JSON primitives under 64 KiB, so that a checkpoint
holds it.
"""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Outcome = Literal["finished", "answered", "asked", "refused", "denied", "failed", "stuck", "cancelled", "waiting"]
"""How a Run stands or ended. ``denied``: the guard or people said no; ``failed``: nothing could be built or it
reverted.
"""
MAX_STATE_BYTES = 64 * 1024


class StepDone(TypedDict):
    """One step of a Run, over: the call, what the guard decided, and what became of it."""

    call: dict[str, Any]
    verdict: str
    state: str
    hashes: list[str]
    reasons: list[str]
    rendered: list[str]


class RunState(TypedDict, total=False):
    """``readings``: what the planner understood, in order; ``position``: the one being done; ``step``: proposals made
    so far.
    """

    run: str
    goal: str
    origin: str
    asked_by: str
    turns: list[dict[str, Any]]
    confirm: bool
    snapshot: dict[str, Any]
    readings: list[dict[str, Any]]
    position: int
    step: int
    rebuilt: bool
    model_calls: int
    proposal: dict[str, Any] | None
    judged: dict[str, Any] | None
    done: list[StepDone]
    outcome: Outcome | None
    message: str


def begin(
    run: str, goal: str, *, origin: str, asked_by: str, confirm: bool = False, turns: list[dict[str, Any]] | None = None
) -> RunState:
    """The state in which a Run starts."""
    return {
        "run": run,
        "goal": goal,
        "origin": origin,
        "asked_by": asked_by,
        "turns": turns or [],
        "confirm": confirm,
        "readings": [],
        "position": 0,
        "step": 0,
        "rebuilt": False,
        "model_calls": 0,
        "proposal": None,
        "judged": None,
        "done": [],
        "outcome": None,
        "message": "",
    }
