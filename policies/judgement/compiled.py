"""A policy compiled: which rules an effect can match is looked up, so that rules that cannot match cost nothing.

For each kind of effect and each chain there is one table for each field that rules ask for (asset, counterparty ..):
from a value to the rules that such a value leaves, as the bits of one integer. The rules that an effect can match are
the bits that every table leaves; of those only the conditions that no table decides are asked. ``matching`` says what
a match is: ``CompiledMatcher`` is held to it by a property test over all conditions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..book.book import Book
from ..conditions import Condition, Decided, Field, Subject, SumCondition, Truth
from ..effect import Effect, Kind
from ..language.policy import Policy
from ..language.rules import Rule
from ..worth import Unknown
from .matching import Matcher, all_others

MOST_KEPT = 8
"""Books with which one policy is kept compiled: one in life, a few where policies are compared."""


class Spans(dict[str, tuple[int, int] | None]):
    """The base units of an asset with which a sum holds, of one effect alone; found when first asked for."""

    def __init__(self, condition: SumCondition, book: Book, chain_id: int) -> None:
        super().__init__()
        self._asked = (condition, book, chain_id)

    def __missing__(self, asset: str) -> tuple[int, int] | None:
        condition, book, chain_id = self._asked
        found = condition.span(asset, book, chain_id)
        if book.token(asset, chain_id) is not None:  # of strangers there are too many to keep
            self[asset] = found
        return found


class CompiledRule(NamedTuple):
    """A rule with what is left to ask: conditions of its own effect alone, then sums."""

    rule: Rule
    denies: bool
    others: tuple[Condition, ...]
    sums: tuple[tuple[SumCondition, Spans], ...]


class Table(NamedTuple):
    """By the value of one field: the rules that it leaves. ``other``: of any value that is not listed; ``account``:
    those that the account's own address leaves beside.
    """

    field: Field
    listed: dict[str, int]
    other: int
    account: int


class KindIndex:
    """The rules of one kind of effect on one chain."""

    __slots__ = ("_every", "_rules", "_tables")

    def __init__(self, rules: Sequence[Rule], kind: Kind, book: Book, chain_id: int) -> None:
        self._rules: list[CompiledRule] = []
        self._every = 0
        asked: dict[Field, list[tuple[int, frozenset[str], bool]]] = {}
        for position, rule in enumerate(rules):
            left, taken, possible = [], set(), True
            for condition in rule.when:
                found = condition.decided(kind, book, chain_id)
                if found is None or (not isinstance(found, bool) and found.field in taken):
                    left.append(condition)
                elif isinstance(found, bool):
                    possible = possible and found
                else:
                    taken.add(found.field)
                    asked.setdefault(found.field, []).append((1 << position, found.values, found.account))
            if possible:
                self._every |= 1 << position
            sums = tuple((item, Spans(item, book, chain_id)) for item in left if isinstance(item, SumCondition))
            others = tuple(item for item in left if not isinstance(item, SumCondition))
            self._rules.append(CompiledRule(rule, rule.decision == "deny", others, sums))
        self._tables = tuple(self._table(field, answers) for field, answers in asked.items())

    def _table(self, field: Field, answers: list[tuple[int, frozenset[str], bool]]) -> Table:
        other = self._every
        account = 0
        listed: dict[str, int] = {}
        for bit, values, own in answers:
            other &= ~bit
            account |= bit if own else 0
            for value in values:
                listed[value] = listed.get(value, 0) | bit
        return Table(field, {value: bits | other for value, bits in listed.items()}, other, account)

    def possible(self, effect: Effect, account: str) -> list[CompiledRule] | None:
        """The rules that the tables leave, in order; None where the effect lacks a field that a table needs."""
        bits = self._every
        fields = effect.__dict__
        for field, listed, other, own in self._tables:
            value = fields[field]
            if value is None:
                return None
            left = listed.get(value, other)
            bits &= left if value != account else left | own
        found = []
        while bits:
            lowest = bits & -bits
            found.append(self._rules[lowest.bit_length() - 1])
            bits ^= lowest
        return found


class Compiled:
    """One policy with one book. Indexes are made when an effect of their kind is first seen."""

    def __init__(self, policy: Policy, book: Book) -> None:
        self.policy = policy
        self.book = book
        self._indexes: dict[tuple[Kind, int], KindIndex] = {}
        self._decided: dict[tuple[int, Kind, int], Decided | bool | None] = {}
        self._limits: dict[int, str] = {}

    def decided(self, condition: Condition, kind: Kind, chain_id: int) -> Decided | bool | None:
        """What decides a condition of the policy, found once."""
        key = (id(condition), kind, chain_id)
        if key not in self._decided:
            self._decided[key] = condition.decided(kind, self.book, chain_id)
        return self._decided[key]

    def limit(self, condition: Condition) -> str:
        """What a condition of the policy asks for, worded once."""
        if id(condition) not in self._limits:
            self._limits[id(condition)] = condition.limit()
        return self._limits[id(condition)]

    def index(self, kind: Kind, chain_id: int) -> KindIndex:
        """The rules of this kind on a chain of the policy."""
        found = self._indexes.get((kind, chain_id))
        if found is None:
            found = KindIndex(self.policy.rules_for(kind), kind, self.book, chain_id)
            self._indexes[kind, chain_id] = found
        return found


def compiled(policy: Policy, book: Book) -> Compiled:
    """The policy compiled with this book: made once, and kept with the policy."""
    kept = policy.prepared
    found: Compiled | None = kept.get(id(book))
    if found is None or found.book is not book or found.policy is not policy:
        if len(kept) >= MOST_KEPT:
            kept.clear()
        found = kept[id(book)] = Compiled(policy, book)
    return found


class CompiledMatcher(Matcher):
    """Finds what Matcher finds, asking only what the tables leave open. Only for chains of the policy."""

    __slots__ = ("_compiled", "_possible")

    def __init__(self, made: Compiled, subjects: Sequence[Subject]) -> None:
        self._compiled = made
        self._policy = made.policy
        self._subjects = subjects
        self._matches = {}
        self._possible: list[list[CompiledRule] | None] = [
            made.index(subject.effect.kind, subject.proposal.chain_id).possible(
                subject.effect, subject.proposal.account
            )
            for subject in subjects
        ]

    def matches(self, index: int) -> list[tuple[Rule, Truth]]:
        """The rules that match the effect at ``index``, or may, in the order of the policy."""
        possible = self._possible[index]
        if possible is None:
            return super().matches(index)
        found: list[tuple[Rule, Truth]] = []
        subject = self._subjects[index]
        settled = subject.effect.settled_by is not None
        for left in possible:
            if settled and not left.denies:
                continue
            truth = self._truth(left, index, subject) if left.sums else all_others(left.others, subject)
            if truth is not False:
                found.append((left.rule, truth))
        return found

    def _truth(self, left: CompiledRule, index: int, subject: Subject) -> Truth:
        """Of a rule with sums: those of a proposal of one effect are what it measures, and tell soonest."""
        if len(self._subjects) > 1:
            return self.match(left.rule, index)
        asset, amount = subject.effect.asset, subject.effect.amount
        for condition, spans in left.sums:
            span = None if asset is None or amount is None else spans[asset]
            if span is not None and amount is not None:
                if not span[0] <= amount <= span[1]:
                    return False
                continue
            measured = condition.measure(subject)
            if isinstance(measured, Unknown):
                return self.match(left.rule, index)
            if not condition.holds(measured, measured, subject):
                return False
        return all_others(left.others, subject)

    def _judge(self, condition: Condition, subject: Subject) -> Truth:
        found = self._compiled.decided(condition, subject.effect.kind, subject.proposal.chain_id)
        if found is None or isinstance(found, bool):
            return condition.judge(subject) if found is None else found
        value = getattr(subject.effect, found.field)
        if value is None:
            return condition.judge(subject)
        return value in found.values or (found.account and value == subject.proposal.account)

    def _limit(self, condition: Condition) -> str:
        return self._compiled.limit(condition)

    def _members(self, rule: Rule) -> dict[int, Truth]:
        found: dict[int, Truth] = {}
        for index, subject in enumerate(self._subjects):
            possible = self._possible[index]
            if possible is None:
                truth = self._membership(rule, subject)
            else:
                left = next((item for item in possible if item.rule is rule), None)
                settled = subject.effect.settled_by is not None and rule.decision != "deny"
                truth = False if left is None or settled else all_others(left.others, subject)
            if truth is not False:
                found[index] = truth
        return found
