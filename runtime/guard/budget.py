"""Budget: what the windows of the policy's limits hold now, for people; a judgement reads the ledger by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ...policies.documents.duration import write_seconds
from ...policies.judgement.limits import used
from ...policies.worth import Unknown
from .state import GuardState


def budget(state: GuardState) -> list[dict[str, Any]]:
    """For each limit ``id``, ``counts``, ``unit``, ``window``, ``used`` and ``max`` as decimal texts.

    ``used`` is None where something in the window has no price; open reservations count. A limit that gives each
    recipient or asset a window of its own has one row for each that is in use, with ``for`` saying whose.
    """
    policy, book, at = state.bundle.policy, state.bundle.book, state.now()
    since = at - timedelta(seconds=policy.longest_window())
    spent = state.ledger.spent(state.account, now=at, since=since)
    rows = []
    for limit in policy.limits:
        for window, total in used(limit, spent, at, book, state.chain_id, state.account).items():
            row: dict[str, Any] = {
                "id": limit.id,
                "counts": limit.counts,
                "unit": "proposals" if limit.counts == "count" else limit.asset,
                "window": write_seconds(limit.window),
                "used": None if isinstance(total, Unknown) else f"{total:f}",
                "max": f"{limit.max:f}",
            }
            whose = {} if window is None else {"for": book.label_of(window, state.chain_id) or window}
            rows.append(row | whose)
    return rows
