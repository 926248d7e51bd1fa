"""Halt: the kill switch. A file and the database each keep it on; an owner's order lifts one stop and no other."""

from __future__ import annotations

from ...policies.verdict import Verdict
from .state import GuardState


def halt(state: GuardState, by: str, reason: str) -> str:
    """Switch it on and return the CID of the Record that says so; on already, it stays as it was.

    Takes part in the caller's transaction where one is open. The file comes first: it holds when the database cannot
    be written, and the guard that starts next writes the Record (``notice``).
    """
    standing = state.memory.recall("stop")
    if standing:
        return standing
    if not state.folder.stop_file.exists():
        state.folder.stop_file.write_text(f"{reason}\n")
    if state.database.connection.in_transaction:
        return _written(state, by, reason)
    with state.database.transaction():
        record = _written(state, by, reason)
    state.log.checkpoint()
    return record


def stop_if_tripped(state: GuardState, verdict: Verdict) -> None:
    """A breaker that tripped stops the wallet (policy.md, ``then: stop``). Inside the transaction that records it."""
    breakers = {breaker.id for breaker in state.bundle.policy.breakers if breaker.then == "stop"}
    tripped = [reason for reason in verdict.reasons if reason.rule in breakers and "unknown" not in reason.actual]
    if tripped:
        halt(state, "guard", tripped[0].message)


def notice(state: GuardState) -> None:
    """Write the Record of a stop that was made by the file alone, while no guard could hear."""
    if state.stopped and not state.memory.recall("stop"):
        halt(state, "file", state.folder.stop_file.read_text()[:500].strip() or "no reason given")


def lift(state: GuardState, owner: str, signature: bytes) -> None:
    """Switch it off; the caller has checked the owner's order."""
    with state.database.transaction():
        state.log.append("resumed", "guard", {"by": owner, "signature": "0x" + signature.hex()})
        state.memory.remember("stop", "")
        state.conduct.start_anew()
    state.folder.stop_file.unlink(missing_ok=True)


def _written(state: GuardState, by: str, reason: str) -> str:
    record = state.log.append("stopped", "guard", {"by": by, "reason": reason})
    state.memory.remember("stop", record)
    return record
