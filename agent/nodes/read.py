"""read: the request becomes typed calls (route, fill and check of the planner), or a question, or a refusal."""

from __future__ import annotations

import json
from typing import Any

from ...policies.proposal import Provenance
from ..planner import ContextTurn, Request, Understood
from ..ports import Ports
from ..state import RunState

MAX_ATTESTED_BYTES = 48 * 1024
"""What a planned record may hold of samples; the guard refuses bodies above 64 KiB."""


async def read(ports: Ports, state: RunState) -> dict[str, Any]:
    """Understand the goal once, and attest how: the readings, and the model's samples to re-run them by."""
    request = Request(text=state["goal"], origin=Provenance(state["origin"]))
    turns = [ContextTurn.model_validate(turn) for turn in state["turns"]]
    understood = await ports.planner(
        request, ports.catalog, turns, ports.engine, limits=ports.limits, priority=ports.priority
    )
    await ports.guard.ask("attest", run=state["run"], kind="planned", body=planned_body(state["goal"], understood))
    update: dict[str, Any] = {
        "readings": [reading.model_dump(mode="json") for reading in understood.readings],
        "model_calls": understood.model_calls,
    }
    first = understood.readings[0]
    if first.kind == "ask":
        choices = "".join(f"\n  {number}. {call}" for number, call in enumerate(first.readings, 1))
        update |= {"outcome": "asked", "message": first.question + choices}
    elif first.kind == "refuse":
        update |= {"outcome": "refused", "message": first.reason}
    return update


def planned_body(goal: str, understood: Understood) -> dict[str, Any]:
    """The body of a ``planned`` record. Logits are texts (dag-cbor of ours holds no floats); samples over the bound are
    counted.
    """
    body: dict[str, Any] = {
        "goal": goal,
        "readings": [_plain(reading.model_dump(mode="json")) for reading in understood.readings],
        "model_calls": understood.model_calls,
        "samples": [],
    }
    for number, sample in enumerate(understood.samples):
        plain = _plain(sample.model_dump(mode="json"))
        if len(json.dumps(body)) + len(json.dumps(plain)) > MAX_ATTESTED_BYTES:
            body["samples_left_out"] = len(understood.samples) - number
            break
        body["samples"].append(plain)
    return body


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
