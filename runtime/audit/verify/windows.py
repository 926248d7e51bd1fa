"""Windows: what each judgement said was spent before it, held against what the log itself says was reserved.

A reservation begins with the record that judged its intent key at submission, with what judging it again spends, and
ends when the records say of each of its calls that it will never be on the chain. One that is missing, or counted for
less, would have let a limit be passed unseen. A reservation that is still counted after its end errs on the safe side,
and is no fault.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ....policies.facts import Spent
from ..records import Turned
from .decisions import Decision, Decisions
from .exported import Entry, Exported
from .report import Report

_ENDED_UNSIGNED = ("withdrawn", "expired", "dropped", "failed")
"""Without a transaction's hash: with one it is on the chain, and failed there."""
_Row = tuple[Any, ...]


@dataclass
class _Reservation:
    """What one intent key counts. ``counts``: as judged at submission, then as judged at each clearance. The other
    sets hold intents: of all its calls, of those that were sent, are final, and will never be."""

    counts: list[Counter[_Row]]
    standing: frozenset[_Row]
    intents: frozenset[str]
    sent: set[str] = field(default_factory=set)
    final: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    settled: bool = False
    cleared_at: datetime | None = None


@dataclass
class _Ledger:
    """The reservations that the log has told of so far, by intent key."""

    open: dict[str, _Reservation] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    foreign: set[int] = field(default_factory=set)

    def read(self, entry: Entry, decision: Decision | None) -> None:
        """Take one record into account."""
        body = entry.body
        if entry.kind == "foreign_transaction":
            self.foreign.add(body.nonce)
        elif entry.kind == "refused":
            self._turned(self.digests.get(body.digest, ""), None, "withdrawn")
        elif decision is not None:
            if decision.verdict.decision != "deny":
                self._judged(entry, decision)
        elif isinstance(body, Turned):
            foreign = entry.kind == "replaced" and body.nonce in self.foreign
            if foreign or (entry.kind in _ENDED_UNSIGNED and body.hash is None):
                self._turned(body.key, body.intent, entry.kind)
        elif entry.kind in ("broadcast", "finalized"):
            self._turned(body.key, body.intent, entry.kind)

    def _judged(self, entry: Entry, decision: Decision) -> None:
        rows = decision.verdict.spent
        counts = Counter(_row(row) for row in rows)
        key = entry.body.key
        if entry.kind == "judged" and entry.body.stage == "submit":
            standing = frozenset(_row(row) for row in rows if row.standing)
            intents = frozenset(f"{key[2:14]}.{position}" for position in range(len(decision.proposal.calls)))
            self.open[key] = _Reservation([counts], standing, intents)
            self.digests[decision.digest] = key
        elif key in self.open:
            self.open[key].counts.append(counts)
            if entry.kind == "cleared" and self.open[key].cleared_at is None:
                self.open[key].cleared_at = decision.facts.at

    def _turned(self, key: str, intent: str | None, kind: str) -> None:
        """``intent`` was sent, is final, or will never be on the chain; None: all of its key."""
        reservation = self.open.get(key)
        if reservation is None:
            return
        meant = reservation.intents if intent is None else reservation.intents & {intent}
        if kind == "broadcast":
            reservation.sent |= meant
        elif kind == "finalized":
            reservation.final |= meant
        else:  # what was sent ends only by a transaction that took its nonce
            reservation.ended |= meant if kind == "replaced" else meant - reservation.sent
        if reservation.intents == reservation.final | reservation.ended:
            reservation.settled = bool(reservation.final)
            if not reservation.settled:
                del self.open[key]


def check_windows(log: Exported, decisions: Decisions, report: Report) -> None:
    """Report on what each judgement counted as spent."""
    ledger = _Ledger()
    faults: list[str] = []
    ended: set[str] = set()
    for entry in log.entries:
        decision = decisions.by_seq.get(entry.seq)
        if decision is not None:
            faults += _compare(entry, decision, ledger, ended)
        before = set(ledger.open)
        ledger.read(entry, decision)
        ended |= before - set(ledger.open)
    report.conclude(
        "windows", faults, f"{len(decisions.by_seq)} judgements counted what the log's earlier records had reserved"
    )


def _compare(entry: Entry, decision: Decision, ledger: _Ledger, ended: set[str]) -> list[str]:
    said: dict[str, Counter[_Row]] = {}
    still_open: set[str] = set()
    for row in decision.facts.spent:
        said.setdefault(row.intent, Counter())[_row(row)] += 1
        if row.at is None:
            still_open.add(row.intent)
    faults = []
    for intent, reservation in list(ledger.open.items()):
        if intent == entry.body.key:
            continue
        rows = said.pop(intent, None)
        if rows is None:
            if _past(decision, reservation):
                del ledger.open[intent]
                ended.add(intent)
            else:
                faults.append(f"record {entry.seq} left out what intent {intent} had reserved")
        elif _past(decision, reservation) and all(_is_dealing(row) for row in rows):
            continue  # of what no window reaches only the first dealing with somebody is still told
        elif not any(_covers(rows, counts, reservation) for counts in reservation.counts):
            faults.append(f"record {entry.seq} counts less for intent {intent} than the log says")
        elif not reservation.settled and intent not in still_open:
            faults.append(f"record {entry.seq} counts intent {intent} as settled, and it was not final")
    unknown = set(said) - ended - {entry.body.key}
    if unknown and not ledger.foreign:
        faults.append(f"record {entry.seq} counts intent {sorted(unknown)[0]}, which no earlier record reserved")
    return faults


def _covers(rows: Counter[_Row], counts: Counter[_Row], reservation: _Reservation) -> bool:
    """Everything that counts is among the rows; a standing allowance may be used up or revoked once it was settled."""
    return all(row in reservation.standing and reservation.settled for row in counts - rows)


def _past(decision: Decision, reservation: _Reservation) -> bool:
    """Whether a settled reservation may have left the policy's longest window."""
    longest = decision.bundle.policy.longest_window()
    cleared = reservation.cleared_at
    return reservation.settled and cleared is not None and cleared + timedelta(seconds=longest) <= decision.facts.at


def _is_dealing(row: _Row) -> bool:
    return row[0] == "count" and row[4] is not None


def _row(spent: Spent) -> _Row:
    """What must agree; the time of settlement is the chain's, and not in the log."""
    return (spent.counter, spent.asset, spent.base_units, spent.usd, spent.recipient, spent.rules, spent.standing)
