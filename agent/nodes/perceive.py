"""perceive: what the account holds and what things cost, at one block; attested, because the agent read it itself."""

from __future__ import annotations

from typing import Any

from ..ports import Ports
from ..state import RunState


async def perceive(ports: Ports, state: RunState) -> dict[str, Any]:
    """Read the snapshot and write it into the log as the agent's own word."""
    snapshot = await ports.contexts.snapshot()
    await ports.guard.ask("attest", run=state["run"], kind="perceived", body=snapshot)
    return {"snapshot": snapshot}
