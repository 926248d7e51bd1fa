"""What a policy lets through that another does not: searched with z3, shown by an example that both judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ....wallets.values import NATIVE
from ...effect import Kind
from ...kinds import ALLOWABLE
from ...verdict import Decision
from ...worth import written_usd
from ..calldata import Numbers, build
from ..counting import is_unpinned, per_base_unit
from ..meaning import RuleOnShape, on_shape
from ..prove.encoding import Encoding, Variables
from ..prove.search import MOST_SHAPES, TIMES, limit_formulas
from ..shapes import Shape, Shapes
from ..worlds import World
from .change import Change, Sample, Weight, judged_by_both

LARGEST_USD = 10**12
"""Worth more than this is worth anything."""
_RANK: dict[Decision, int] = {"deny": 0, "escalate": 1, "allow": 2}


@dataclass
class _Group:
    """Shapes that neither policy tells apart."""

    rules: tuple[tuple[RuleOnShape, ...], tuple[RuleOnShape, ...]]
    shapes: list[Shape] = field(default_factory=list)


def newly_possible(without: World, within: World, weight: Weight) -> Iterator[Change]:
    """What ``within`` lets through, at all or without people, that ``without`` does not. One change for each kind and
    rule.
    """
    for kind in Kind:
        if kind in ALLOWABLE and kind is not Kind.REVOCATION:
            yield from _of_kind(without, within, kind, weight)


def _of_kind(without: World, within: World, kind: Kind, weight: Weight) -> Iterator[Change]:
    found: dict[tuple[str, ...], tuple[list[Shape], Sample, str]] = {}
    for group in _groups(without, within, kind):
        for alone in (False, True):
            hit = _search(without, within, group, alone=alone)
            if hit is None:
                continue
            sample, band = hit
            passed = sample.after if weight != "closed" else sample.before
            rules = tuple(sorted({reason.rule for reason in passed.reasons}))
            step = f"{sample.before.decision} to {sample.after.decision}"
            shapes, _, _ = found.setdefault((*rules, step, band), ([], sample, band))
            shapes += group.shapes
            break
    for key, (shapes, sample, band) in found.items():
        yield Change(weight, _words(within, kind, shapes, key[-2], band), sample)


def _groups(without: World, within: World, kind: Kind) -> list[_Group]:
    groups: dict[tuple[object, ...], _Group] = {}
    policies = (without.bundle.policy, within.bundle.policy)
    for shape in Shapes(within, policies).of(kind):
        if is_unpinned(within, shape):
            continue
        first = _rules(without, shape)
        second = _rules(within, shape)
        limits = tuple(str(per_base_unit(within, limit, shape)) for limit in within.bundle.policy.limits)
        key = (tuple(on.key for on in first), tuple(on.key for on in second), limits, shape.effect.amount)
        groups.setdefault(key, _Group((first, second))).shapes.append(shape)
    return list(groups.values())


def _rules(world: World, shape: Shape) -> tuple[RuleOnShape, ...]:
    if shape.chain_id not in world.bundle.policy.chains:
        return ()
    return on_shape(world, world.bundle.policy.rules_for(shape.kind), shape)


def _search(without: World, within: World, group: _Group, *, alone: bool) -> tuple[Sample, str] | None:
    import z3

    if not any(on.rule.decision != "deny" and not on.failing for on in group.rules[1]):
        return None
    formulas, these = _difference(without, within, group, alone=alone, whole=True)
    solver = z3.Solver()
    solver.add(formulas)
    for with_deadline in (False, True):
        solver.push()
        solver.add(these.has_deadline == with_deadline)
        sample = _sampled(without, within, group, solver, these, with_deadline)
        solver.pop()
        if sample is not None:
            return sample, _band(group.shapes[0], *_difference(without, within, group, alone=alone, whole=False))
    return None


def _difference(
    without: World, within: World, group: _Group, *, alone: bool, whole: bool
) -> tuple[list[Any], Variables]:
    """That the one policy lets it through, and the other does not."""
    import z3

    shape, (first, second) = group.shapes[0], group.rules
    old = Encoding(without, shape, exactly=True, whole=whole, prefix="old.")
    new = Encoding(within, shape, exactly=True, whole=whole, prefix="new.")
    was = z3.And(old.passes(first, alone=alone), *(formula for _, formula in limit_formulas(without, shape, old)))
    now = z3.And(new.passes(second, alone=alone), *(formula for _, formula in limit_formulas(within, shape, new)))
    return [now, z3.Not(was), *old.variables.bounds, *new.variables.bounds], new.variables


def _sampled(
    without: World, within: World, group: _Group, solver: Any, these: Variables, with_deadline: bool
) -> Sample | None:
    for wish in ([these.sold == 1], [these.amount % 10**6 == 0], []):
        solver.push()
        solver.add(wish)
        model = solver.model() if str(solver.check()) == "sat" else None
        solver.pop()
        if model is None:
            continue
        numbers = Numbers(
            model.eval(these.amount, model_completion=True).as_long(),
            model.eval(these.minimum, model_completion=True).as_long(),
            model.eval(these.deadline, model_completion=True).as_long() if with_deadline else None,
        )
        for shape in group.shapes[:MOST_SHAPES]:
            for at in TIMES:
                proposal = build(within, shape, numbers, at)
                if proposal is None:
                    break
                sample = judged_by_both(without, within, proposal, at)
                if _RANK[sample.after.decision] > _RANK[sample.before.decision]:
                    return sample
    return None


def _band(shape: Shape, formulas: list[Any], these: Variables) -> str:
    """From which worth to which it differs, where the effect has one."""
    import z3

    if shape.effect.amount is None:
        return ""
    ends = []
    for goal in (-1, 1):
        optimize = z3.Optimize()
        optimize.add(formulas)
        optimize.add(these.sold <= LARGEST_USD)
        handle = optimize.maximize(goal * these.sold)
        if str(optimize.check()) != "sat":
            return ""
        ends.append(goal * _decimal(optimize.upper_values(handle)[1]))
    low, high = ends
    if high >= LARGEST_USD:
        return "of any worth" if low < 1 else f"worth USD {written_usd(low)} or more"
    return f"worth up to USD {written_usd(high)}" if low < 1 else f"worth USD {written_usd(low)} to {written_usd(high)}"


def _decimal(value: Any) -> Decimal:
    if hasattr(value, "numerator_as_long"):
        return round(Decimal(value.numerator_as_long()) / Decimal(value.denominator_as_long()), 6)
    return Decimal(value.as_long())


def _words(world: World, kind: Kind, shapes: list[Shape], step: str, band: str) -> str:
    book = world.bundle.book

    def name(address: str | None, chain_id: int) -> str:
        if address is None:
            return ""
        if address == world.account:
            return "ourselves"
        if address == world.stranger:
            return "a stranger"
        return address if address == NATIVE else book.label_of(address, chain_id) or address

    assets = sorted({name(shape.effect.asset, shape.chain_id) for shape in shapes} - {""})
    parties = sorted({name(shape.party, shape.chain_id) for shape in shapes} - {""})
    words = [kind.value, f"of {_few(assets)}" if assets else "", f"to {_few(parties)}" if parties else "", band]
    return f"{' '.join(word for word in words if word)}: {step}"


def _few(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:5])} and {len(names) - 5} others"
