"""Ending: a proposal is over before anything of it was signed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...wallets.journal import State

if TYPE_CHECKING:
    from .state import GuardState


def end_unsigned(state: GuardState, key: str, to: State, why: str, at: datetime) -> None:
    """Every intent of a key ends before anything was signed; its budget is free again. Inside a transaction."""
    for row in state.journal.intents(key):
        state.journal.move(row.intent, to, at, why=why)
        state.approvals.close(row.digest, str(to))
    state.ledger.release(key)
    kind = {State.EXPIRED: "expired", State.DROPPED: "dropped", State.WITHDRAWN: "withdrawn"}.get(to, "failed")
    stored = state.journal.proposal(key)
    run = stored.run if stored is not None else "guard"
    state.log.append(kind, run, {"key": key, "why": why})
