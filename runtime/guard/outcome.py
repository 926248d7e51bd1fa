"""Outcome: how a proposal stands, as whoever asked is told."""

from __future__ import annotations

from typing import Any

from ...wallets.journal import ENDED, SUCCEEDED, IntentRow, State, StoredProposal
from .approvals import ApprovalRefused
from .state import GuardState


def stored_under(state: GuardState, key: str) -> StoredProposal:
    """What was proposed under a key. Raises ApprovalRefused."""
    stored = state.journal.proposal(key)
    if stored is None:
        raise ApprovalRefused(f"nothing was proposed under {key}", next_command="treasurer wallet journal")
    return stored


def outcome(state: GuardState, stored: StoredProposal) -> dict[str, Any]:
    """The first answer to a proposal, and how its intents stand now."""
    rows = state.journal.intents(stored.key)
    unfinished = [row for row in rows if row.state not in SUCCEEDED]
    failed = next((row for row in rows if row.state in ENDED and row in unfinished), None)
    current = failed or (unfinished[0] if unfinished else rows[-1] if rows else None)
    final = failed is not None or not unfinished
    return {
        **stored.answer,
        "key": stored.key,
        "run": stored.run,
        "intent": rows[0].intent if rows else None,
        "state": _state_shown(rows, current),
        "why": "" if current is None else current.why,
        "hash": current.hash if current is not None else None,
        "hashes": [row.hash for row in rows if row.hash],
        "intents": [row.model_dump(mode="json", include={"intent", "state", "nonce", "hash", "why"}) for row in rows],
        "ended": final,
    }


def _state_shown(rows: list[IntentRow], current: IntentRow | None) -> str:
    """One word for a whole proposal; finality is the journal's business, not the asker's."""
    if current is None:
        return "denied"
    if all(row.state in SUCCEEDED for row in rows):
        return str(State.CONFIRMED)
    return str(State.FAILED if current.state is State.REVERTED else current.state)
