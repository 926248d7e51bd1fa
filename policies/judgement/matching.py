"""Matching: whether a rule matches an effect, in three values, with sums over all effects that meet its other
conditions.

This is the meaning, every condition of every rule asked in turn; ``compiled`` finds the same, sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..conditions import Condition, Subject, SumCondition, Truth
from ..language.policy import Policy
from ..language.rules import Rule
from ..worth import EXACT, NOTHING, Unknown


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A condition that does not hold, or of which it is not known: what was found, against what it asks for."""

    condition: str
    actual: str
    limit: str
    unknown: bool


class Matcher:
    """Holds the rules of a policy against the effects of one proposal. ``subjects`` are those effects, in order."""

    __slots__ = ("_matches", "_policy", "_subjects")

    def __init__(self, policy: Policy, subjects: Sequence[Subject]) -> None:
        self._policy = policy
        self._subjects = subjects
        self._matches: dict[str, dict[int, Truth]] = {}

    def matches(self, index: int) -> list[tuple[Rule, Truth]]:
        """The rules that match the effect at ``index``, or may, in the order of the policy."""
        rules = self._policy.rules_for(self._subjects[index].effect.kind)
        found = [(rule, self.match(rule, index)) for rule in rules]
        return [(rule, truth) for rule, truth in found if truth is not False]

    def match(self, rule: Rule, index: int) -> Truth:
        """Whether the rule matches the effect at ``index``: Unknown where nothing fails but something is not known."""
        known = self._matches.get(rule.id)
        if known is None:
            known = self._matches[rule.id] = self._match_all(rule)
        return known.get(index, False)

    def shortfalls(self, rule: Rule, index: int) -> list[Shortfall]:
        """Every condition of the rule that does not hold for the effect at ``index``, for people to read."""
        subject, found = self._subjects[index], []
        for condition in rule.when:
            truth, actual = self._judge(condition, subject), None
            if truth is True and len(self._subjects) > 1 and isinstance(condition, SumCondition):
                truth, actual = self._in_sum(rule, condition, index)
            if isinstance(truth, Unknown):
                found.append(
                    Shortfall(condition.name, f"{truth.what} is unknown", self._limit(condition), unknown=True)
                )
            elif not truth:
                told = condition.actual(subject) if actual is None else actual
                found.append(Shortfall(condition.name, told, self._limit(condition), unknown=False))
        return found

    def _judge(self, condition: Condition, subject: Subject) -> Truth:
        return condition.judge(subject)

    def _limit(self, condition: Condition) -> str:
        return condition.limit()

    def _match_all(self, rule: Rule) -> dict[int, Truth]:
        members = self._members(rule)
        for condition in rule.when:
            if isinstance(condition, SumCondition):
                sums = _Sums(condition, self._subjects, members)
                members = {index: _both(truth, sums.judge(index)) for index, truth in members.items()}
        return members

    def _members(self, rule: Rule) -> dict[int, Truth]:
        """Effects of the rule's kinds that meet its other conditions, or may. A settled approval adds nothing to a
        sum.
        """
        found: dict[int, Truth] = {}
        for index, subject in enumerate(self._subjects):
            truth = self._membership(rule, subject)
            if truth is not False:
                found[index] = truth
        return found

    @staticmethod
    def _membership(rule: Rule, subject: Subject) -> Truth:
        effect = subject.effect
        if effect.kind not in rule.kinds or (effect.settled_by is not None and rule.decision != "deny"):
            return False
        return all_others(rule.when, subject)

    def _in_sum(self, rule: Rule, condition: SumCondition, index: int) -> tuple[Truth, str]:
        members = self._members(rule)
        members.setdefault(index, True)
        sums = _Sums(condition, self._subjects, members)
        return sums.judge(index), sums.words(index)


def all_others(conditions: Sequence[Condition], subject: Subject) -> Truth:
    """Whether those of the conditions that are no sums hold."""
    truth: Truth = True
    for condition in conditions:
        if not isinstance(condition, SumCondition):
            truth = _both(truth, condition.judge(subject))
            if truth is False:
                return False
    return truth


def _both(one: Truth, other: Truth) -> Truth:
    """Kleene's conjunction; of two unknowns the names of both."""
    if one is False or other is False:
        return False
    if one is True:
        return other
    if other is True or one == other:
        return one
    assert isinstance(one, Unknown)
    assert isinstance(other, Unknown)
    return Unknown(f"{one.what}; {other.what}")


class _Sums:
    """One sum condition over the members of a rule: what they surely move, what they may, and what is not known of
    it.
    """

    def __init__(self, condition: SumCondition, subjects: Sequence[Subject], members: dict[int, Truth]) -> None:
        self._condition = condition
        self._subjects = subjects
        self._measured = {index: condition.measure(subjects[index]) for index in members}
        self._sure: dict[str | None, Decimal] = {}
        self._possible: dict[str | None, Decimal] = {}
        self._unknown: dict[str | None, str] = {}
        self._maybe = {index for index, truth in members.items() if truth is not True}
        for index, measured in self._measured.items():
            key = self._key(index)
            if isinstance(measured, Unknown):
                self._unknown.setdefault(key, measured.what)
                continue
            self._possible[key] = EXACT.add(self._possible.get(key, NOTHING), measured)
            if index not in self._maybe:
                self._sure[key] = EXACT.add(self._sure.get(key, NOTHING), measured)

    def judge(self, index: int) -> Truth:
        """Whether the sum that the effect at ``index`` is part of is within the bounds."""
        key, own = self._key(index), self._measured[index]
        least = self._sure.get(key, NOTHING)
        if index in self._maybe and not isinstance(own, Unknown):
            least = EXACT.add(least, own)
        most = None if key in self._unknown else self._possible.get(key, NOTHING)
        holds = self._condition.holds(least, most, self._subjects[index])
        return Unknown(self._unknown.get(key, "what else belongs to the sum")) if holds is None else holds

    def words(self, index: int) -> str:
        """The sum, as a reason shows it."""
        count = sum(self._key(other) == self._key(index) for other in self._measured)
        own = self._condition.actual(self._subjects[index])
        return own if count == 1 else f"{self._possible.get(self._key(index), NOTHING):f} in {count} effects together"

    def _key(self, index: int) -> str | None:
        return self._subjects[index].effect.asset if self._condition.per_asset else None
