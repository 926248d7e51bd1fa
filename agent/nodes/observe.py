"""observe: what became of the step; the next reading, one rebuilt proposal, or the end of the Run."""

from __future__ import annotations

from typing import Any

from ..ports import Ports
from ..state import RunState, StepDone

_STALE = frozenset({"simulation"})
"""Reasons that a fresh quote can mend: the chain moved between building and judging."""


async def observe(ports: Ports, state: RunState) -> dict[str, Any]:
    """Write the step down and decide how the Run goes on. A deny is final: nothing is shrunk, split or rerouted."""
    judged = state["judged"]
    reading = state["readings"][state["position"]]
    if judged is None:
        return _onward(state, [*state["done"]])
    done = [
        *state["done"],
        StepDone(
            call=reading["call"],
            verdict=judged["verdict"],
            state=judged["state"],
            hashes=judged["hashes"],
            reasons=judged["reasons"],
            rendered=judged["rendered"],
        ),
    ]
    if judged["state"] == "confirmed":
        return _onward(state, done)
    if not state["rebuilt"] and _stale(judged) and state["step"] < ports.limits.proposals:
        return {"done": done, "rebuilt": True, "proposal": None, "judged": None}
    # What the guard decided explains a deny; what happened since explains everything else.
    said = "; ".join(judged["reasons"]) if judged["verdict"] == "deny" else judged["why"]
    denied = judged["verdict"] == "deny" or judged["state"] in ("refused", "expired", "withdrawn")
    outcome = "denied" if denied else "failed"
    return {
        "done": done,
        "outcome": outcome,
        "message": f"{reading['call']['tool']}: {judged['state']}: {said}",
    }


def _stale(judged: dict[str, Any]) -> bool:
    if judged["verdict"] == "deny":
        return bool(judged["rules"]) and set(judged["rules"]) <= _STALE
    return judged["state"] == "refused" and "simulation" in judged["why"]


def _onward(state: RunState, done: list[StepDone]) -> dict[str, Any]:
    position = state["position"] + 1
    update: dict[str, Any] = {"done": done, "position": position, "proposal": None, "judged": None, "rebuilt": False}
    if position >= len(state["readings"]):
        said = [line for step in done for line in step["rendered"]]
        update |= {"outcome": "finished", "message": "done: " + "; ".join(said) if said else "nothing had to be done"}
    return update
