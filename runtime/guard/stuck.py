"""Stuck: what is on its way and has not moved for longer than a person expects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ...wallets.journal import IN_FLIGHT
from .state import GuardState

STUCK_SECONDS = 60
"""Five blocks of the slowest public chain: until then nobody wonders."""


def stuck(state: GuardState) -> list[dict[str, Any]]:
    """``intent``, ``state``, ``hash`` (None before it is signed) and ``seconds`` of each intent in flight that has been
    in its state for longer than STUCK_SECONDS, by the guard's clock.
    """
    now = state.now()
    rows = state.journal.unmoved(IN_FLIGHT, now - timedelta(seconds=STUCK_SECONDS))
    return [
        {"intent": row.intent, "state": row.state, "hash": row.hash, "seconds": int((now - since).total_seconds())}
        for row, since in rows
    ]
