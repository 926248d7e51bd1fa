"""Rendering: the events of a Run as lines for a person, in the same words in chat and in `treasurer run`."""

from __future__ import annotations

from typing import Any

from ...agent import Ended, Included, Judged, Proposed, TextDelta, Waiting
from ...policies.explain.reasons import reason_line
from ..agent.agent import AnyEvent
from ..commands.terminal import printable

SHORT_DIGEST = 10
"""Characters of a digest that a person types: 0x and eight digits."""
NOTE_CHARACTERS = 80
"""Of words that anybody may have written: enough to tell one proposal from another."""


def told(event: AnyEvent) -> list[str]:
    """The lines of one event; none for a TextDelta, which is written as it comes."""
    match event:
        case TextDelta():
            return []
        case Proposed():
            return _proposed(event)
        case Judged():
            lines = [f"guard: {event.verdict}", *(f"  {line}" for line in event.rendered)]
            return [*lines, *(f"  {reason}" for reason in event.reasons)]
        case Waiting():
            return [f"waits for people's approval: {event.digest}"]
        case Included():
            return [f"{event.state}: transaction {hashed}" for hashed in event.hashes]
        case Ended():
            return [f"{event.outcome}: {event.message}" if event.outcome != "answered" else ""]


def _proposed(event: Proposed) -> list[str]:
    head = f"step {event.step}: {event.purpose or event.call}"
    if not event.confirm and event.verdict != "deny":
        return [head]
    preview = [f"guard, asked before: {event.verdict}", *(f"  {line}" for line in event.rendered)]
    return [head, *preview, *(f"  {reason}" for reason in event.reasons)]


def approval(row: dict[str, Any]) -> list[str]:
    """A waiting proposal by the guard's own words: what it does, why it waits, and for whom."""
    reasons = [f"  {reason_line(reason)}" for reason in row["reasons"]]
    return [f"guard: {row['verdict']}", *(f"  {line}" for line in row["rendered"]), *reasons, *approvers(row)]


def headline(row: dict[str, Any]) -> list[str]:
    """What waits, by what the guard found that it does; the proposer's own words are a note, and said to be theirs."""
    said = " ".join(printable(row["purpose"]).replace('"', "'").split())
    note = f'  the agent calls it: "{said[:NOTE_CHARACTERS]}{"..." if len(said) > NOTE_CHARACTERS else ""}"'
    effects = row["rendered"] or ["no effect was found"]
    more = f" (and {len(effects) - 1} more)" if len(effects) > 1 else ""
    return [f"{row['digest'][:SHORT_DIGEST]}  {effects[0]}{more}", *([note] if said else [])]


def approvers(row: dict[str, Any]) -> list[str]:
    """Who must approve a waiting proposal, who has, and until when they can."""
    have = ", ".join(row["approved_by"]) or "nobody yet"
    needs = [f"needs {needed['quorum']} of {', '.join(needed['of'])}" for needed in row["approvals"]]
    return [f"{'; '.join(needs)}; approved by {have}; it waits until {row['expires_at']}"]
