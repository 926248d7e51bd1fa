"""Counting: what a shape adds to a limit for each base unit, as the judge's own counters find it."""

from __future__ import annotations

from decimal import Decimal

from ..effect import Kind
from ..facts import Spent
from ..judgement.limits import counted, used
from ..judgement.pins import unpinned
from ..language.limits import Limit
from ..worth import Unknown
from .shapes import Shape
from .worlds import AT, World

_ENCODED = frozenset({"id", "counts", "asset", "window", "max", "rule", "to"})


def holds_all(limit: Limit) -> bool:
    """Whether all that the limit counts shares one window; one for each recipient bounds no sum over recipients."""
    return all(getattr(limit, name, None) is None for name in type(limit).model_fields if name not in _ENCODED)


def rows_of(world: World, shape: Shape, rules: tuple[str, ...] = ()) -> tuple[Spent, ...]:
    """What the template counts when ``rules`` let it through; of a swap all that is sold, as if nothing came back."""
    effect = shape.effect
    if effect.kind is Kind.SWAP:
        effect = effect.model_copy(update={"bought_minimum": 0})
    proposal = world.proposal(shape.chain_id, AT)
    facts = world.standing(shape.chain_id)
    return counted((effect,), proposal, world.bundle.book, facts, (rules,))


def per_base_unit(world: World, limit: Limit, shape: Shape, rules: tuple[str, ...] = ()) -> Decimal | Unknown:
    """What one base unit of the shape's asset adds to the limit, in its unit; of a count, what one proposal adds."""
    rows = rows_of(world, shape, rules)
    most = Decimal(0)
    for total in used(limit, rows, AT, world.bundle.book, shape.chain_id, world.account).values():
        if isinstance(total, Unknown):
            return total
        most = max(most, total)
    return most if limit.counts == "count" else most / (shape.effect.amount or 1)


def is_unpinned(world: World, shape: Shape) -> bool:
    """Whether the judge denies the shape because the book pins no code at its target."""
    proposal = world.proposal(shape.chain_id, AT)
    return bool(unpinned((shape.effect,), proposal, world.bundle.book, world.standing(shape.chain_id)))
