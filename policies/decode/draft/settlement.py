"""Which approvals later effects of the same proposal bring to exactly zero, whatever happens (policy.md, "Verdict").

An exact input that uses all of an allowance does; a maximum input does only with a revocation after it. An approval
that is closed without use, or overwritten by another, was open to both spendings and settles nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...effect import UNLIMITED_BASE_UNITS


@dataclass(frozen=True)
class Allowance:
    """An allowance set to ``amount``; ``absolute`` where it does not depend on what it was (approve).

    ``keeper``: the contract that keeps it, where that is not the token itself (Permit2).
    """

    token: str
    spender: str
    amount: int | None
    absolute: bool
    keeper: str | None = None


@dataclass(frozen=True)
class Use:
    """Tokens of ours that a spender takes: ``amount``, or at most that where not ``exact``."""

    token: str
    spender: str
    amount: int
    exact: bool
    keeper: str | None = None


Movement = tuple[int, Allowance | Use]
"""The index of an effect, and what it does to an allowance."""


@dataclass(frozen=True)
class Uncertain(Allowance):
    """What a call that may have failed alone did to an allowance: it is what it was before, or something else."""


@dataclass
class _Open:
    approval: int
    remaining: int | None
    used_by: int | None = None


def settled_approvals(movements: Iterable[Movement]) -> dict[int, int]:
    """Index of the effect that used it, by index of each approval that ends at exactly zero."""
    settled: dict[int, int] = {}
    standing: dict[tuple[str, str, str | None], _Open] = {}
    for index, movement in movements:
        key = (movement.token, movement.spender, movement.keeper)
        if isinstance(movement, Use):
            state = standing.get(key)
            if state is None or movement.amount == 0:
                continue
            state.used_by = index
            if movement.exact and state.remaining is not None:
                state.remaining -= movement.amount  # below zero the call reverts, and never settles
            else:
                state.remaining = None
            if state.remaining == 0:
                settled[state.approval] = index
                del standing[key]
        elif isinstance(movement, Uncertain):
            continue  # had it changed the allowance, an exact use of the approval before it would revert
        elif movement.amount == 0 and movement.absolute:
            state = standing.pop(key, None)
            if state is not None and state.used_by is not None:
                settled[state.approval] = state.used_by
        else:
            bounded = movement.absolute and movement.amount is not None and movement.amount < UNLIMITED_BASE_UNITS
            standing[key] = _Open(index, movement.amount if bounded else None)
    return settled


def settled_for_certain(movements: list[Movement], start: int) -> dict[int, int]:
    """What the movements from ``start`` on, which happen together or not at all, settle among themselves.

    Replaces them by what the movements after them may build on: nothing of them is certain to have happened.
    """
    together = movements[start:]
    settled = settled_approvals(together)
    for position, (index, movement) in enumerate(together, start):
        if isinstance(movement, Use):
            movements[position] = (index, Use(movement.token, movement.spender, movement.amount, exact=False))
        elif index in settled or (movement.amount == 0 and movement.absolute) or isinstance(movement, Uncertain):
            movements[position] = (index, Uncertain(movement.token, movement.spender, None, absolute=False))
        else:
            movements[position] = (index, Allowance(movement.token, movement.spender, None, absolute=False))
    return settled
