"""Outflow over a window: sequences of proposals at their times, through the windows of all limits.

Times fall on a grid of the greatest common divisor of all windows. That loses nothing: move each proposal down to the
grid after shifting all of them so that the last stands just below a grid point. Then a window ``(t - w, t]`` of the
moved ones lies within a window of the true ones, and the asked window keeps all that it held.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ...budget.windows import Windows
from ...conditions.amounts import Slippage, Usd
from ...conditions.bounds import write_number
from ...documents.duration import write_seconds
from ...effect import Kind
from ...facts import Spent
from ...kinds import ALLOWABLE, LETS_TAKE
from ...language.limits import Limit
from ...verdict import Decision
from ...worth import Unknown
from ..calldata import Numbers, build
from ..counting import holds_all, is_unpinned, per_base_unit, rows_of
from ..meaning import RuleOnShape
from ..shapes import Shape
from ..worlds import World
from .answers import Answer, Example
from .encoding import Encoding
from .queries import OutflowOver
from .search import TIMES, Found, Group, discretely_forbidden, grouped

MOST_SLOTS = 400
MOST_PROPOSALS = 400
MOST_CHANNELS_TRIED = 6
UNBOUNDED_USD = Fraction(10) ** 30


@dataclass(frozen=True)
class Channel:
    """One way out: shapes that a rule lets through.

    ``usd``: what a base unit counts as outflow at most; ``most``: USD of outflow in one proposal.
    """

    group: Group
    rule: RuleOnShape
    decision: Decision
    usd: Fraction
    most: Fraction

    @property
    def shape(self) -> Shape:
        """One of its shapes."""
        return self.group.shapes[0]


def prove_outflow(query: OutflowOver, world: World) -> Answer:
    """Whether more than so much can leave within the window."""
    channels, forbidden = _channels(query, world)
    if not channels:
        return Answer(query.words, "never", "nothing that counts as outflow is let through", tuple(forbidden))
    limits = [limit for limit in world.bundle.policy.limits if holds_all(limit) and limit.counts != "gas"]
    grid = math.gcd(query.window, *(limit.window for limit in limits))
    slots = query.window // grid
    if slots > MOST_SLOTS:
        why = f"the windows have no common length: {slots} steps of {write_seconds(grid)} are more than {MOST_SLOTS}"
        return Answer(query.words, "unknown", why)
    plan = _Plan(world, channels, limits, grid, slots)
    solver = plan.solver(Fraction(query.usd))
    if str(solver.check()) == "unsat":
        names = sorted({str(name).split("#")[0] for name in solver.unsat_core()} - {"asked"})
        most = plan.most()
        words = "" if most is None else f"at most USD {write_number(most)} within {write_seconds(query.window)}"
        return Answer(query.words, "never", words, tuple(names))
    found = Found()
    for attempt in _attempts(channels):
        part = _Plan(world, attempt, limits, grid, slots)
        chosen = part.solution(Fraction(query.usd))
        if chosen is None:
            continue
        for start in TIMES:
            examples = _confirmed(query, world, chosen, grid, start, found)
            if examples is not None:
                decision: Decision = "escalate" if any(e.verdict.decision == "escalate" for e in examples) else "allow"
                return Answer(query.words, "possible", "", (), decision, examples, found.tried)
    why = "the limits leave room for it, and no sequence was confirmed: something that nobody can bound forbids these"
    return Answer(query.words, "unknown", why, tried=found.tried)


def _attempts(channels: list[Channel]) -> list[list[Channel]]:
    """The widest channels alone, those that need nobody first, then all together."""
    by_width = sorted(channels, key=lambda item: (item.decision != "allow", -item.most))
    return [*([item] for item in by_width[:MOST_CHANNELS_TRIED]), by_width]


def _channels(query: OutflowOver, world: World) -> tuple[list[Channel], dict[str, None]]:
    found, forbidden = list[Channel](), dict[str, None]()
    decisions: tuple[Decision, ...] = ("allow",) if query.alone else ("allow", "escalate")
    for group in grouped(query, world):
        shape = group.shapes[0]
        if group.kind not in ALLOWABLE or is_unpinned(world, shape):
            continue
        each = _outflow_usd(world, shape)
        if each == 0:
            continue
        for decision in decisions:
            names = discretely_forbidden(group, decision)
            if names is not None:
                forbidden |= dict.fromkeys(names)
                continue
            for on in group.rules:
                if on.rule.decision != decision or on.failing:
                    continue
                most = _most(world, group, on, decision, each)
                if most is not None:
                    found.append(Channel(group, on, decision, each, most))
    return found, forbidden


def _outflow_usd(world: World, shape: Shape) -> Fraction:
    """USD of outflow of one base unit; where the judge has no price for it, as much as anybody can fear."""
    rows = [row for row in rows_of(world, shape) if row.counter == "outflow"]
    if any(row.usd is None for row in rows):
        return UNBOUNDED_USD
    return sum((Fraction(row.usd or 0) for row in rows), Fraction(0)) / (shape.effect.amount or 1)


def _loss(on: RuleOnShape, shape: Shape, world: World) -> Fraction:
    """The part of what is sold that counts as outflow, at most."""
    if shape.kind is not Kind.SWAP or shape.effect.counterparty != world.account:
        return Fraction(1)
    bounds = [Fraction(item.most) / 10_000 for item in on.rule.when if isinstance(item, Slippage)]
    return min([*bounds, Fraction(1)])


def _most(world: World, group: Group, on: RuleOnShape, decision: Decision, each: Fraction) -> Fraction | None:
    """USD of outflow of one proposal by this rule, at most; None where it lets nothing through."""
    import z3

    encoding = Encoding(world, group.shapes[0], exactly=False, whole=False)
    optimize = z3.Optimize()
    optimize.add(encoding.matches(on), z3.Not(encoding.denied(group.rules)))
    if decision == "allow":
        optimize.add(z3.Not(encoding.asks(group.rules)))
    optimize.add(encoding.variables.bounds)
    handle = optimize.maximize(encoding.variables.amount)
    if str(optimize.check()) != "sat":
        return None
    _, top, _ = optimize.upper_values(handle)
    return _fraction(top) * each * _loss(on, group.shapes[0], world)


class _Plan:
    """How much goes out by which channel in which slot, within all limits. Amounts are USD of outflow."""

    def __init__(self, world: World, channels: list[Channel], limits: list[Limit], grid: int, slots: int) -> None:
        import z3

        self._z3 = z3
        self._channels = channels
        self._grid = grid
        self._slots = slots
        self._out = [[z3.Real(f"out.{c}.{s}") for s in range(slots)] for c in range(len(channels))]
        self._count = [z3.Real(f"count.{s}") for s in range(slots)]
        self._total = z3.Sum([x for row in self._out for x in row])
        self._rules: list[tuple[str, Any]] = []
        self._bounds(world, limits)

    def _bounds(self, world: World, limits: list[Limit]) -> None:
        z3, slots = self._z3, range(self._slots)
        counting = any(limit.counts == "count" for limit in limits)
        for channel, row in zip(self._channels, self._out, strict=True):
            for slot in slots:
                bound = row[slot] >= 0
                if counting:
                    bound = z3.And(bound, row[slot] <= self._count[slot] * _real(z3, channel.most))
                self._rules.append((channel.rule.rule.id, bound))
        if counting:
            self._sums()
        for limit in limits:
            width = limit.window // self._grid
            most = _real(z3, Fraction(limit.max))
            parts = self._measures(world, limit)
            if not parts:
                continue
            for end in slots:
                within = range(max(0, end - width + 1), end + 1)
                if limit.counts == "count":
                    self._rules.append((limit.id, z3.Sum([self._count[slot] for slot in within]) <= most))
                else:
                    total = z3.Sum([each * row[slot] for each, row in parts for slot in within])
                    self._rules.append((limit.id, total <= most))

    def _sums(self) -> None:
        """A bound in USD on a rule's sum bounds all of its channels together, in each proposal."""
        rules = {channel.rule.rule.id: channel.rule.rule for channel in self._channels}
        for name, rule in rules.items():
            bounds = next((item.bounds for item in rule.when if isinstance(item, Usd)), None)
            top = None if bounds is None else bounds.top
            rows = [
                row
                for channel, row in zip(self._channels, self._out, strict=True)
                if channel.rule.rule.id == name and channel.group.kind not in LETS_TAKE
            ]
            if top is None or not rows:
                continue
            for slot in range(self._slots):
                most = self._count[slot] * _real(self._z3, Fraction(top))
                self._rules.append((name, self._z3.Sum([row[slot] for row in rows]) <= most))

    def _measures(self, world: World, limit: Limit) -> list[tuple[Any, list[Any]]]:
        """What a dollar of outflow by each channel adds to the limit at least."""
        found = []
        for channel, row in zip(self._channels, self._out, strict=True):
            each = per_base_unit(world, limit, channel.shape, (channel.rule.rule.id,))
            if isinstance(each, Unknown):
                self._rules.append((limit.id, self._z3.And([x == 0 for x in row])))
            elif each:
                loss = _loss(channel.rule, channel.shape, world)
                of_loss = limit.counts == "outflow" and limit.asset == "usd"
                scale = Fraction(each) / channel.usd / (Fraction(1) if of_loss else loss or Fraction(1))
                found.append((_real(self._z3, scale), row))
        return found

    def solver(self, usd: Fraction) -> Any:
        """A solver that asks for more than ``usd`` in all."""
        solver = self._z3.Solver()
        solver.set(unsat_core=True)
        for position, (name, formula) in enumerate(self._rules):
            solver.assert_and_track(formula, f"{name}#{position}")
        solver.assert_and_track(self._total > _real(self._z3, usd), "asked")
        return solver

    def most(self) -> Decimal | None:
        """USD that can leave at most within all slots; None where nothing bounds it."""
        optimize = self._z3.Optimize()
        optimize.add([formula for _, formula in self._rules])
        handle = optimize.maximize(self._total)
        if str(optimize.check()) != "sat":
            return None
        infinite, top, _ = optimize.upper_values(handle)
        return None if _fraction(infinite) else _decimal(_fraction(top))

    def solution(self, usd: Fraction) -> list[tuple[Channel, int, Fraction]] | None:
        """USD by channel and slot that come to a little more than ``usd``; None where that cannot be."""
        solver = self._z3.Solver()
        solver.add([formula for _, formula in self._rules])
        solver.add(self._total > _real(self._z3, usd))
        for more in (Fraction(101, 100), Fraction(1001, 1000), Fraction(1)):
            solver.push()
            solver.add(self._total >= _real(self._z3, usd * more + Fraction(1, 100)))
            solver.add(self._total <= _real(self._z3, usd * 2 + 100))
            model = solver.model() if str(solver.check()) == "sat" else None
            solver.pop()
            if model is not None:
                return [
                    (channel, slot, amount)
                    for channel, row in zip(self._channels, self._out, strict=True)
                    for slot, x in enumerate(row)
                    if (amount := _fraction(model.eval(x, model_completion=True))) > 0
                ]
        return None


def _confirmed(
    query: OutflowOver,
    world: World,
    chosen: list[tuple[Channel, int, Fraction]],
    grid: int,
    start: datetime,
    found: Found,
) -> tuple[Example, ...] | None:
    """The sequence, each proposal judged in order by the engine with what its own windows hold; None if one fails."""
    windows, examples, out = Windows(world.bundle.policy), list[Example](), Decimal(0)
    for channel, slot, usd in sorted(chosen, key=lambda item: item[1]):
        at = start + timedelta(seconds=slot * grid)
        for amount in _split(world, channel, usd):
            numbers = Numbers(amount, *_minimum(world, channel, amount))
            example = _passed(world, channel, numbers, at, windows.spent(at), found)
            if example is None or len(examples) >= MOST_PROPOSALS:
                return None
            rows = example.verdict.spent
            windows.revoke(example.verdict.effects, example.proposal.chain_id, at)
            windows.add(rows, at)
            out += sum((row.usd or Decimal(0) for row in rows if row.counter == "outflow"), Decimal(0))
            examples.append(example)
    return tuple(examples) if out > query.usd else None


def _passed(
    world: World, channel: Channel, numbers: Numbers, at: datetime, spent: tuple[Spent, ...], found: Found
) -> Example | None:
    for shape in channel.group.shapes[:2]:
        proposal = build(world, shape, numbers, at)
        if proposal is None:
            continue
        found.tried += 1
        verdict, facts = world.judge(proposal, at, spent)
        if verdict.decision in ("allow", channel.decision):
            return Example(proposal, at, verdict, facts)
    return None


def _split(world: World, channel: Channel, usd: Fraction) -> list[int]:
    """Amounts in base units, each within what one proposal may move and no two alike, that make so many USD."""
    pieces = min(max(1, math.ceil(usd / channel.most)), MOST_PROPOSALS + 1)
    loss = _loss(channel.rule, channel.shape, world)
    whole = int(usd / pieces / channel.usd / loss)
    return [max(1, whole - position) for position in range(pieces)]


def _minimum(world: World, channel: Channel, amount: int) -> tuple[int]:
    """The least that a swap may bring back so that its loss is what the rule leaves it, in base units."""
    effect, book = channel.shape.effect, world.bundle.book
    if channel.shape.kind is not Kind.SWAP or effect.bought is None:
        return (0,)
    token = book.token(effect.bought, channel.shape.chain_id)
    assert token is not None
    worth = amount * channel.usd * (1 - _loss(channel.rule, channel.shape, world))
    return (math.ceil(worth / Fraction(world.price(token)) * 10**token.decimals),)


def _real(z3: Any, number: Fraction) -> Any:
    return z3.RealVal(str(number))


def _fraction(value: Any) -> Fraction:
    if hasattr(value, "numerator_as_long"):
        return Fraction(value.numerator_as_long(), value.denominator_as_long())
    return Fraction(value.as_long())


def _decimal(found: Fraction) -> Decimal:
    return round(Decimal(found.numerator) / Decimal(found.denominator), 2)
