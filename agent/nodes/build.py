"""build: the tool of the present reading turns its call into a complete Proposal, which is checkpointed before it is
sent.
"""

from __future__ import annotations

from typing import Any

from ...policies.proposal import Proposal
from ...tools import ToolCall, ToolError
from ...wallets.errors import RpcRefused
from ..ports import Ports
from ..state import RunState


async def build(ports: Ports, state: RunState) -> dict[str, Any]:
    """Run the tool. Where it cannot build anything the Run ends ``failed``, and nothing was proposed."""
    if state["step"] >= ports.limits.proposals:
        return {"outcome": "stuck", "message": f"{ports.limits.proposals} proposals are all that one run may make"}
    call = ToolCall.model_validate(state["readings"][state["position"]]["call"])
    try:
        context = await ports.contexts.context(state["run"], state["step"])
        built = await ports.catalog.tool(call.tool).run(context, call)
    except (ToolError, RpcRefused) as error:  # a chain that does not answer says nothing: the Run waits for it
        return {"outcome": "failed", "message": f"{call.tool}: {error}"}
    if built is None:
        return {"proposal": None, "judged": None}
    if not isinstance(built, Proposal):
        return {"outcome": "failed", "message": f"{call.tool} returned no Proposal"}
    proposal = built.model_copy(update={"asked_by": state["asked_by"]})
    return {"proposal": proposal.to_json(), "step": state["step"] + 1}
