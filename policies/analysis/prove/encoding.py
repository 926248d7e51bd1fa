"""Encoding: one effect of a shape before the rules of a policy, as z3 formulas over its numbers.

Sums are over all effects of a proposal that meet a rule's other conditions, so a sum is at least what this effect (and
its ``copies``) adds: with ``exactly`` it is just that, otherwise anything from there up, which covers every proposal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ....wallets.values import UINT256_MAX
from ...conditions import Condition
from ...conditions.amounts import BoundedSum, Slippage
from ...conditions.bounds import Bounds
from ...conditions.circumstances import Deadline, HealthFactorAfter
from ...effect import Kind
from ..meaning import Decided, RuleOnShape
from ..shapes import Shape
from ..worlds import World


@dataclass
class Variables:
    """The numbers of one effect. ``sold`` and ``back`` are USD; ``deadline`` is in seconds from now."""

    amount: Any
    minimum: Any
    health: Any
    has_deadline: Any
    deadline: Any
    sold: Any
    back: Any
    free: dict[str, Any] = field(default_factory=dict)
    bounds: list[Any] = field(default_factory=list)


class Encoding:
    """One shape before some rules."""

    def __init__(
        self, world: World, shape: Shape, *, exactly: bool, copies: int = 1, whole: bool = True, prefix: str = ""
    ) -> None:
        import z3

        self._z3 = z3
        self._world = world
        self._shape = shape
        self._exactly = exactly
        self._copies = copies
        self._prefix = prefix
        self._whole = whole
        self.variables = self._variables()

    def _variables(self) -> Variables:
        z3, effect = self._z3, self._shape.effect
        kind = z3.Int if self._whole else z3.Real
        amount, minimum = kind("amount"), kind("minimum")
        deadline, has_deadline = z3.Int("deadline"), z3.Bool("has_deadline")
        sold = self.real(amount) * self._usd(effect.asset)
        back = self.real(minimum) * self._usd(effect.bought)
        bounds = [amount >= 1, amount <= UINT256_MAX, minimum >= 0, minimum <= UINT256_MAX]
        bounds += [deadline >= 0, deadline <= 2**40]
        if effect.amount is None or effect.amount == 0:
            bounds.append(amount == 1)
        if effect.kind is not Kind.SWAP:
            bounds.append(minimum == 0)
        health = z3.Real("health")
        return Variables(amount, minimum, health, has_deadline, deadline, sold, back, bounds=[*bounds, health >= 0])

    def real(self, number: Any) -> Any:
        """A number of the encoding as a real one."""
        return self._z3.ToReal(number) if self._whole else number

    def _usd(self, asset: str | None) -> Any:
        token = None if asset is None else self._world.bundle.book.token(asset, self._shape.chain_id)
        price = Fraction(0) if token is None else Fraction(self._world.price(token)) / 10**token.decimals
        return self._z3.RealVal(str(price))

    def matches(self, on: RuleOnShape) -> Any:
        """That the rule matches."""
        return self._z3.And([self.condition(on, position) for position in range(len(on.decided))])

    def may_match(self, on: RuleOnShape) -> Any:
        """That a deny or escalate rule matches, or that nothing of it fails and something is not known."""
        parts = [self.condition(on, position) for position, item in enumerate(on.decided) if item.known != "unknown"]
        return self._z3.And(parts)

    def condition(self, on: RuleOnShape, position: int) -> Any:
        """That one condition of the rule holds."""
        item = on.decided[position]
        if item.known is not None:
            return self._z3.BoolVal(item.known == "holds")
        name = f"{self._prefix}{on.rule.id}.{item.condition.name}"
        return self._number(item, item.condition, name)

    def _number(self, item: Decided, condition: Condition, name: str) -> Any:
        z3, these = self._z3, self.variables
        if isinstance(condition, BoundedSum) and item.coefficient is not None:
            own = self.real(these.amount) * self._copies * z3.RealVal(str(Fraction(item.coefficient)))
            total = own
            if not self._exactly:
                total = z3.Real(f"{name}.sum")
                these.bounds.append(total >= own)
            return self._within(condition.bounds, total)
        if isinstance(condition, Slippage):
            return (these.sold - these.back) * 10_000 <= self._real(condition.most) * these.sold
        if isinstance(condition, Deadline):
            return z3.And(these.has_deadline, these.deadline <= condition.seconds)
        if isinstance(condition, HealthFactorAfter):
            return these.health >= self._real(condition.least)
        return these.free.setdefault(name, z3.Bool(name))

    def _within(self, bounds: Bounds, total: Any) -> Any:
        parts = []
        for side in bounds.sides:
            above, below = (total, self._real(side.bound)) if side.low else (self._real(side.bound), total)
            parts.append(above >= below if side.inclusive else above > below)
        return self._z3.And(parts)

    def _real(self, number: Decimal) -> Any:
        return self._z3.RealVal(str(Fraction(number)))

    def allowed(self, rules: Sequence[RuleOnShape]) -> Any:
        """That the rules say allow."""
        return self._z3.And(
            self.any_matches(rules, "allow"), self._z3.Not(self.denied(rules)), self._z3.Not(self.asks(rules))
        )

    def escalated(self, rules: Sequence[RuleOnShape]) -> Any:
        """That the rules say escalate."""
        return self._z3.And(self.any_matches(rules, "escalate"), self._z3.Not(self.denied(rules)))

    def passes(self, rules: Sequence[RuleOnShape], *, alone: bool) -> Any:
        """That the rules let it through: without people, or at all."""
        allowed = self.allowed(rules)
        return allowed if alone else self._z3.Or(allowed, self.escalated(rules))

    def any_matches(self, rules: Sequence[RuleOnShape], decision: str) -> Any:
        """That some rule of that decision matches."""
        return self._z3.Or([self.matches(on) for on in rules if on.rule.decision == decision])

    def asks(self, rules: Sequence[RuleOnShape]) -> Any:
        """That some escalate rule matches, or may."""
        return self._z3.Or([self.may_match(on) for on in rules if on.rule.decision == "escalate"])

    def denied(self, rules: Sequence[RuleOnShape]) -> Any:
        """That some deny rule matches, or some deny or escalate rule is left without an answer."""
        parts = [self.may_match(on) for on in rules if on.rule.decision == "deny"]
        parts += [
            self.may_match(on)
            for on in rules
            if on.rule.decision == "escalate" and any(item.known == "unknown" for item in on.decided)
        ]
        return self._z3.Or(parts)
