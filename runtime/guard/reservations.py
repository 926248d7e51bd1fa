"""Reservations: at the guard's start the ledger must still hold what the log says was reserved.

A ledger that lost a row lets a limit be passed unseen. The audit's verifier holds each judgement against the log
(audit/verify/windows.py); here the ledger itself is held against it, before anything is judged on it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...policies.facts import Facts, Spent
from ...policies.judgement.judge import judge
from ...policies.proposal import Proposal
from ..audit import DamagedLog

if TYPE_CHECKING:
    from .state import GuardState

_ENDED = frozenset({"withdrawn", "expired", "dropped", "failed"})
_Row = tuple[Any, ...]


@dataclass
class _Reserved:
    """What the log says of one intent key: the record that reserved it, and what became of its calls."""

    record: int
    calls: int
    ended: set[str] = field(default_factory=set)
    final: set[str] = field(default_factory=set)
    newest: str = ""

    def counts(self, since: datetime) -> bool:
        """Whether it is open, or was settled so late that a window may reach there."""
        if len(self.ended | self.final) < self.calls:
            return True
        return bool(self.final) and datetime.fromisoformat(self.newest) > since


def check_reservations(state: GuardState) -> None:
    """Raise DamagedLog, naming the record, where the ledger misses a row that the log says is open or in a window."""
    rows: dict[str, Counter[_Row]] = defaultdict(Counter)
    for spent in state.ledger.spent(state.account, now=state.now()):
        rows[spent.intent][_row(spent)] += 1
    since = state.now() - timedelta(seconds=state.bundle.policy.longest_window())
    for key, reserved in _read(state).items():
        if not reserved.counts(since):
            continue
        missing = _expected(state, reserved) - rows[key]
        if missing or not rows[key]:
            what = f" ({next(iter(missing))[0]})" if missing else ""
            raise DamagedLog(f"the ledger has lost what record {reserved.record} reserved{what}")


def _read(state: GuardState) -> dict[str, _Reserved]:
    found: dict[str, _Reserved] = {}
    for record in state.log.records():
        if record.kind not in _ENDED and record.kind not in ("judged", "replaced", "finalized"):
            continue
        body = record.value()["body"]
        if record.kind == "judged":
            if body["stage"] == "submit" and body["verdict"]["decision"] != "deny":
                found[body["key"]] = _Reserved(record.seq, len(body["proposal"]["calls"]))
            continue
        reserved = found.get(body["key"])
        if reserved is None or (record.kind in _ENDED and body.get("hash") is not None):
            continue
        intent = body.get("intent")
        names = _names(body["key"], reserved.calls) if intent is None else {intent}
        (reserved.final if record.kind == "finalized" else reserved.ended).update(names)
        reserved.newest = record.time
    return found


def _names(key: str, calls: int) -> set[str]:
    return {f"{key[2:14]}.{position}" for position in range(calls)}


def _expected(state: GuardState, reserved: _Reserved) -> Counter[_Row]:
    """The rows that stay as they were reserved; an allowance is used up or revoked, and its row changes with it.

    Empty where another version counted, or under another book: then it is enough that anything is left.
    """
    body = state.log.record(reserved.record).value()["body"]
    plain = state.log.facts(state.log.record(reserved.record)) or {}
    if body["policy"] != state.policy_link or plain.get("engine") != state.engine:
        return Counter()
    facts, proposal = Facts.model_validate(plain), Proposal.model_validate(body["proposal"])
    again = judge(state.bundle.policy, state.bundle.book, proposal, facts)
    return Counter(_row(row) for row in again.spent if not row.standing)


def _row(spent: Spent) -> _Row:
    return (spent.counter, spent.asset, spent.base_units, spent.usd, spent.recipient, spent.rules)
