"""Search: shapes in groups that the policy cannot tell apart, solved, built, and confirmed by the real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from ...effect import Effect, Kind
from ...kinds import ALLOWABLE
from ...verdict import Decision
from ...worth import Unknown
from ..calldata import Numbers, build
from ..counting import is_unpinned, per_base_unit
from ..meaning import RuleOnShape, on_shape
from ..shapes import Shape, Shapes
from ..worlds import AT, World
from .answers import Answer, Example
from .encoding import Encoding
from .queries import Query, is_asked

MOST_ROUNDS = 3
MOST_SHAPES = 6
MOST_COPIES = 3
TIMES = tuple(AT + timedelta(hours=hours) for hours in (0, 12, 76, 40 * 24))
"""A Wednesday morning, its night, a Saturday, and a time more than a month later."""
_Asked = Callable[[Effect, Shape], bool]


@dataclass
class Group:
    """Shapes that no rule, limit or pin tells apart."""

    kind: Kind
    rules: tuple[RuleOnShape, ...]
    shapes: list[Shape] = field(default_factory=list)


@dataclass
class Found:
    """What the search came upon."""

    example: Example | None = None
    forbidden: dict[str, None] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    tried: int = 0


def prove_effect(query: Query, world: World) -> Answer:
    """Whether some effect of some proposal can be what is asked."""
    found = Found()
    groups = list(grouped(query, world))
    for kind in query.kinds:
        if kind not in ALLOWABLE:
            naming = [rule.id for rule in world.bundle.policy.rules_for(kind) if rule.decision == "deny"]
            found.forbidden |= dict.fromkeys([*naming, f"no rule can let {kind.value} through"])
    decisions: tuple[Decision, ...] = ("allow",) if query.alone else ("allow", "escalate")
    for decision in decisions:
        for group in groups:
            _search(query, world, group, decision, found)
            if found.example is not None:
                example = found.example
                return Answer(
                    query.words, "possible", decision=example.verdict.decision, examples=(example,), tried=found.tried
                )
    if found.open:
        why = "something that nobody can bound may let it through, and no example was confirmed: " + found.open[0]
        return Answer(query.words, "unknown", why=why, tried=found.tried)
    if not groups and not found.forbidden:
        found.forbidden["the book has nothing that it could be done with"] = None
    return Answer(query.words, "never", forbidden_by=tuple(found.forbidden), tried=found.tried)


def grouped(query: Query, world: World) -> Iterator[Group]:
    """The shapes that can be what is asked, in groups."""
    policy, shapes = world.bundle.policy, Shapes(world)
    for kind in query.kinds:
        rules, groups = policy.rules_for(kind), dict[tuple[object, ...], Group]()
        for shape in shapes.of(kind):
            if not query.speaks_of(shape, world):
                continue
            on = on_shape(world, rules, shape)
            limits = tuple(str(per_base_unit(world, limit, shape)) for limit in policy.limits)
            key = (tuple(item.key for item in on), limits, is_unpinned(world, shape), shape.effect.amount)
            groups.setdefault(key, Group(kind, on)).shapes.append(shape)
        yield from groups.values()


def _search(query: Query, world: World, group: Group, decision: Decision, found: Found) -> None:
    if is_unpinned(world, group.shapes[0]):
        found.forbidden["code-hash"] = None
        return
    names = discretely_forbidden(group, decision)
    if names is None:
        names = _solve(query, world, group, decision, found)
    found.forbidden |= dict.fromkeys(names)


def discretely_forbidden(group: Group, decision: Decision) -> list[str] | None:
    """What forbids every shape of the group whatever the numbers; None where numbers decide."""
    sure = [
        on for on in group.rules if on.rule.decision == "deny" and all(item.known == "holds" for item in on.decided)
    ]
    if sure:
        return [on.rule.id for on in sure]
    chances = [on for on in group.rules if on.rule.decision == decision]
    if any(not on.failing for on in chances):
        return None
    if decision == "allow" and not chances:
        return ["no-rule"]
    return [f"{on.rule.id}.{name}" for on in chances for name in on.failing] or ["no-rule"]


def _solve(query: Query, world: World, group: Group, decision: Decision, found: Found) -> list[str]:
    """Names of what forbids it, or nothing: then ``found`` has an example, or says what is open."""
    shape = group.shapes[0]
    encoding = Encoding(world, shape, exactly=False)
    solver = _tracked(query, world, group, decision, encoding)
    if str(solver.check()) == "unsat":
        return sorted({str(name).split("#")[0] for name in solver.unsat_core()} - {"asked"})
    for copies in range(1, MOST_COPIES + 1):
        for with_deadline in (False, True):
            if _confirmed(query, world, group, decision, found, copies, with_deadline):
                return []
    found.open.append(f"{group.kind.value} by {', '.join(on.rule.id for on in group.rules if not on.fails)}")
    return []


def _tracked(query: Query, world: World, group: Group, decision: Decision, encoding: Encoding) -> Any:
    """A solver in which each rule and limit has its name."""
    import z3

    solver = z3.Solver()
    solver.set(unsat_core=True)
    solver.set("core.minimize", True)
    lets = [on for on in group.rules if on.rule.decision == decision and not on.failing]
    solver.assert_and_track(z3.Or([encoding.matches(on) for on in lets]), ", ".join(on.rule.id for on in lets))
    for position, on in enumerate(group.rules):
        decides = on.rule.decision
        asks = decides == "escalate" and (decision == "allow" or any(item.known == "unknown" for item in on.decided))
        if decides == "deny" or asks:
            solver.assert_and_track(z3.Not(encoding.may_match(on)), f"{on.rule.id}#{position}")
    for name, formula in limit_formulas(world, group.shapes[0], encoding):
        solver.assert_and_track(formula, name)
    solver.assert_and_track(z3.And(asked_formulas(query, encoding)), "asked")
    solver.add(encoding.variables.bounds)
    return solver


def asked_formulas(query: Query, encoding: Encoding) -> list[Any]:
    """What the numbers must be for the effect to be what was asked."""
    import z3

    these, parts = encoding.variables, [z3.BoolVal(True)]
    if query.above_usd is not None:
        parts.append(these.sold > z3.RealVal(str(Fraction(query.above_usd))))
    if query.above_bps is not None:
        lost = (these.sold - these.back) * 10_000
        parts += [lost > z3.RealVal(str(Fraction(query.above_bps))) * these.sold, these.sold > 0]
    return parts


def limit_formulas(world: World, shape: Shape, encoding: Encoding) -> Iterator[tuple[str, Any]]:
    """What each limit leaves to one proposal when nothing was spent. Of a limit that bounds a part, nothing is said."""
    import z3

    these = encoding.variables
    for limit in world.bundle.policy.limits:
        if limit.rule is not None:
            continue
        each = per_base_unit(world, limit, shape)
        if isinstance(each, Unknown):
            yield limit.id, z3.BoolVal(False)
            continue
        most = z3.RealVal(str(Fraction(limit.max)))
        if limit.counts == "count":
            yield limit.id, z3.RealVal(str(Fraction(each))) <= most
        elif limit.counts == "outflow" and limit.asset == "usd" and shape.kind is Kind.SWAP and each:
            back = these.back if shape.effect.counterparty == world.account else z3.RealVal(0)
            yield limit.id, these.sold - back <= most
        elif each:
            yield limit.id, encoding.real(these.amount) * z3.RealVal(str(Fraction(each))) <= most


def _confirmed(  # noqa: PLR0917 - what is asked, of what, and how
    query: Query, world: World, group: Group, decision: Decision, found: Found, copies: int, with_deadline: bool
) -> bool:
    """Whether the engine lets through what the solver found; else it is told so, and asked again."""
    import z3

    encoding = Encoding(world, group.shapes[0], exactly=True, copies=copies)
    solver = _tracked(query, world, group, decision, encoding)
    these = encoding.variables
    solver.add(these.has_deadline == with_deadline)
    for _ in range(MOST_ROUNDS):
        model = _nicest(solver, these)
        if model is None:
            return False
        numbers = Numbers(
            amount=model.eval(these.amount, model_completion=True).as_long(),
            minimum=model.eval(these.minimum, model_completion=True).as_long(),
            deadline_seconds=model.eval(these.deadline, model_completion=True).as_long() if with_deadline else None,
            copies=copies,
        )
        example = confirm(world, group.shapes, numbers, decision, found, query)
        if example is not None:
            found.example = example
            return True
        solver.add(z3.Or(these.amount != numbers.amount, these.minimum != numbers.minimum))
    return False


def _nicest(solver: Any, these: Any) -> Any:
    """A model with an amount that people can read, where there is one."""
    for wish in ([these.sold == 1], [these.amount == 10**6], [these.amount % 10**6 == 0], []):
        solver.push()
        solver.add(wish)
        model = solver.model() if str(solver.check()) == "sat" else None
        solver.pop()
        if model is not None:
            return model
    return None


def confirm(
    world: World, shapes: list[Shape], numbers: Numbers, decision: Decision, found: Found, query: Query
) -> Example | None:
    """The first of the shapes that the engine decides so, and in which it finds the effect that was asked for."""
    some = shapes[:: max(1, len(shapes) // MOST_SHAPES)][:MOST_SHAPES]
    for shape in some:
        for at in TIMES:
            proposal = build(world, shape, numbers, at)
            if proposal is None:
                break
            found.tried += 1
            verdict, facts = world.judge(proposal, at)
            asked: _Asked = is_asked(query, world, shape.chain_id)
            if verdict.decision == decision and any(asked(effect, shape) for effect in verdict.effects):
                return Example(proposal, at, verdict, facts)
    return None
