"""Demands on balances, counted once: a change that one effect's rule demands is not there for another's.

A swap that must bring 0.5 WETH and another that must bring 0.5 WETH bring 1 WETH, or one of them brought nothing.
Bounds that only permit (at most so much less) are held against the whole change by each rule, and never add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from ..conditions import Subject
from ..conditions.balance_change import BalanceChange, changed
from ..conditions.bounds import write_number
from ..language.rules import Rule
from ..verdict import Reason
from .valuation import EXACT, Unknown

DEMANDS_RULE = "balance-change"
MOST_COMBINATIONS = 512
_NOTHING = Decimal(0)
_Demand = frozenset[tuple[str, Decimal]]
"""Whole units by token: above zero must come, below zero must go."""


def unmet(chosen: Sequence[tuple[Subject, Sequence[Rule]]]) -> list[Reason]:
    """Reasons where no choice of one rule for each effect has its demands met together.

    ``chosen``: the effects that rules let through, each with those rules; an approval that another effect settles is
    not among them.
    """
    options = [{_demand(rule) for rule in rules} for _, rules in chosen]
    options = [found for found in options if found and frozenset() not in found]
    if len(options) < 2:
        return []  # each rule was held against the whole change already
    subject = chosen[0][0]
    sums: set[_Demand] = {frozenset()}
    for found in options:
        sums = {_add(one, other) for one in sums for other in found if _is_met(_add(one, other), subject)}
        if not sums or len(sums) > MOST_COMBINATIONS:
            return [_reason(options, subject)]
    return []


def _demand(rule: Rule) -> _Demand:
    conditions = (condition for condition in rule.when if isinstance(condition, BalanceChange))
    demands = []
    for label, change in (item for condition in conditions for item in condition.changes):
        if change.least is not None and change.least > 0:
            demands.append((label, change.least))
        elif change.most is not None and change.most < 0:
            demands.append((label, change.most))
    return frozenset(demands)


def _add(one: Iterable[tuple[str, Decimal]], other: Iterable[tuple[str, Decimal]]) -> _Demand:
    """Both together; what must come and what must go of one token are kept apart, so that neither hides the other."""
    total: dict[tuple[str, bool], Decimal] = {}
    for label, units in (*one, *other):
        key = (label, units > 0)
        total[key] = EXACT.add(total.get(key, _NOTHING), units)
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
