"""Demands on balances, counted once: a change that one effect's rule demands is not there for another's.

A swap that must bring 0.5 WETH and another that must bring 0.5 WETH bring 1 WETH, or one of them brought nothing.
Bounds that only permit (at most so much less) are held against the whole change by each rule, and never add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..conditions import Subject
from ..conditions.balance_change import changed
from ..conditions.bounds import write_number
from ..language.policy import Policy
from ..verdict import Reason
from ..worth import EXACT, NOTHING, Unknown

DEMANDS_RULE = "balance-change"
MOST_COMBINATIONS = 512
_Demand = frozenset[tuple[str, Decimal]]
"""Whole units by token: above zero must come, below zero must go."""


def unmet(policy: Policy, subjects: Sequence[Subject], rules: Sequence[Sequence[str]]) -> list[Reason]:
    """Reasons where no choice of one rule for each effect has its demands met together.

    ``rules``: ids of the rules that let each of ``subjects`` through. An approval that another effect settles demands
    nothing of its own.
    """
    demands = policy.balance_demands
    if not demands:
        return []
    options: list[set[_Demand]] = []
    for subject, ids in zip(subjects, rules, strict=True):
        if subject.effect.settled_by is None and ids and all(one in demands for one in ids):
            options.append({demands[one] for one in ids})
    if len(options) < 2:
        return []  # each rule was held against the whole change already
    sums: set[_Demand] = {frozenset()}
    for found in options:
        added = {_add(one, other) for one in sums for other in found}
        sums = {demand for demand in added if _is_met(demand, subjects[0])}
        if not sums or len(sums) > MOST_COMBINATIONS:
            return [_reason(options, subjects[0])]
    return []


def _add(one: Iterable[tuple[str, Decimal]], other: Iterable[tuple[str, Decimal]]) -> _Demand:
    """Both together; what must come and what must go of one token are kept apart, so that neither hides the other."""
    total: dict[tuple[str, bool], Decimal] = {}
    for label, units in (*one, *other):
        key = (label, units > 0)
        total[key] = EXACT.add(total.get(key, NOTHING), units)
    return frozenset((label, units) for (label, _), units in total.items())


def _is_met(demand: _Demand, subject: Subject) -> bool:
    for label, units in demand:
        change = changed(label, subject)
        if isinstance(change, Unknown) or (change < units if units > 0 else change > units):
            return False
    return True


def _reason(options: Sequence[set[_Demand]], subject: Subject) -> Reason:
    least = [min(found, key=lambda demand: (len(demand), sorted(demand))) for found in options]
    total: _Demand = frozenset()
    for demand in least:
        total = _add(total, demand)
    wanted = ", ".join(f"{write_number(units)} {label}" for label, units in sorted(total))
    found = []
    for label in sorted({label for label, _ in total}):
        change = changed(label, subject)
        found.append(change.what if isinstance(change, Unknown) else f"{write_number(change)} {label}")
    actual = ", ".join(found)
    return Reason(
        rule=DEMANDS_RULE,
        condition="balance_change",
        actual=actual,
        limit=wanted,
        message=f"{len(options)} effects together demand a change of {wanted}, and it is {actual}: each counts once",
    )
