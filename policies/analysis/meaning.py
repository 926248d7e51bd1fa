"""Meaning: what is known of a condition before there are numbers: decided by the shape, a sum, a bound, or free.

A condition that says nothing of itself is *free*: it may hold or not, whatever the shape. So a new condition is sound
from the day it lands: nothing is proven by it, and what may pass is tried with the real engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..conditions import Condition, Subject
from ..conditions.amounts import Amount, Slippage, Usd
from ..effect import Kind
from ..language.rules import Rule
from ..worth import Unknown
from .shapes import Shape
from .worlds import AT, World

Known = Literal["holds", "fails", "unknown"]


@dataclass(frozen=True)
class Decided:
    """One condition of a rule on one shape. ``coefficient``: what one base unit adds to a sum."""

    condition: Condition
    known: Known | None = None
    coefficient: Decimal | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for shapes that this condition cannot tell apart."""
        return (self.condition.name, self.known, self.coefficient)


@dataclass(frozen=True)
class RuleOnShape:
    """A rule that speaks of the shape's kind, with what is decided of each of its conditions."""

    rule: Rule
    decided: tuple[Decided, ...]

    @property
    def fails(self) -> bool:
        """Whether some condition surely fails."""
        return any(item.known == "fails" for item in self.decided)

    @property
    def failing(self) -> tuple[str, ...]:
        """The conditions that surely fail, or that nobody can know."""
        return tuple(item.condition.name for item in self.decided if item.known in ("fails", "unknown"))

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for shapes that this rule cannot tell apart."""
        return (self.rule.id, "fails") if self.fails else (self.rule.id, *(item.key for item in self.decided))


def on_shape(world: World, rules: tuple[Rule, ...], shape: Shape) -> tuple[RuleOnShape, ...]:
    """The rules as they stand before the shape."""
    subject = subject_of(world, shape)
    return tuple(RuleOnShape(rule, tuple(_decide(item, subject) for item in rule.when)) for rule in rules)


def subject_of(world: World, shape: Shape) -> Subject:
    """The shape's template as conditions see it."""
    party = shape.party
    provenance = {party: shape.provenance} if party is not None else {}
    proposal = world.proposal(shape.chain_id, AT, provenance=provenance)
    facts = world.standing(shape.chain_id)
    return Subject(shape.effect, proposal, world.bundle.book, facts, (shape.effect,), 0)


def _decide(condition: Condition, subject: Subject) -> Decided:
    if condition.by_shape:
        truth = condition.judge(subject)
        return Decided(condition, "unknown" if isinstance(truth, Unknown) else "holds" if truth else "fails")
    if isinstance(condition, Usd | Amount):
        measured = condition.measure(subject)
        if isinstance(measured, Unknown):
            return Decided(condition, "unknown")
        return Decided(condition, coefficient=measured / (subject.effect.amount or 1))
    if isinstance(condition, Slippage) and subject.effect.kind is not Kind.SWAP:
        return Decided(condition, "fails")
    return Decided(condition)
