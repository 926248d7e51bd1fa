"""submit: the Proposal goes to the guard; where the Run asks for it, somebody says yes first."""

from __future__ import annotations

from typing import Any

from langgraph.config import get_stream_writer

from ...policies.explain.reasons import reason_line
from ...policies.proposal import Proposal
from ..events import Judged, Proposed
from ..ports import Ports
from ..state import RunState


async def submit(ports: Ports, state: RunState) -> dict[str, Any]:
    """Submit the checkpointed Proposal; submitted again after a crash it gets its first answer."""
    write = get_stream_writer()
    proposal = Proposal.model_validate(state["proposal"])
    run, step, key = state["run"], state["step"], proposal.intent_key
    if state["confirm"] and ports.confirm is not None:
        preview = await ports.guard.check(proposal)
        denied = preview["verdict"] == "deny"
        write(
            Proposed(
                run=run, step=step, call=_call(state), purpose=proposal.purpose, key=key, verdict=preview["verdict"],
                rendered=tuple(preview["rendered"]), reasons=_messages(preview), confirm=not denied,
            )
        )  # fmt: skip
        if denied:  # nobody is asked, and what the guard would deny now must not go out when it would allow it later
            said = "; ".join(_messages(preview))
            return {"outcome": "denied", "message": f"nothing was submitted: {said}"}
        if not await ports.confirm(run, key):
            return {"outcome": "cancelled", "message": "not confirmed: nothing was submitted"}
    else:
        write(
            Proposed(run=run, step=step, call=_call(state), purpose=proposal.purpose, key=key, verdict="not judged yet")
        )
    answer = await ports.guard.submit(proposal)
    write(
        Judged(
            run=run, step=step, key=key, digest=answer["digest"], verdict=answer["verdict"],
            reasons=_messages(answer), rendered=tuple(answer["rendered"]),
        )
    )  # fmt: skip
    return {"judged": brief(answer)}


def brief(answer: dict[str, Any]) -> dict[str, Any]:
    """What a Run keeps of the guard's answer: small, and JSON primitives."""
    return {
        "key": answer["key"],
        "digest": answer["digest"],
        "verdict": answer["verdict"],
        "state": answer["state"],
        "why": answer["why"],
        "ended": answer["ended"],
        "hashes": answer["hashes"],
        "rendered": answer["rendered"][:12],
        "reasons": list(_messages(answer))[:6],
        "rules": sorted({reason["rule"] for reason in answer["reasons"]}),
    }


def _messages(answer: dict[str, Any]) -> tuple[str, ...]:
    return tuple(reason_line(reason) for reason in answer["reasons"])


def _call(state: RunState) -> str:
    call = state["readings"][state["position"]]["call"]
    return " ".join([call["tool"], *call["arguments"].values()])
