"""diff: all changes from one policy and book to another, the dangerous ones first. Identical ones have none."""

from __future__ import annotations

from collections.abc import Iterator

from ...language.bundle import PolicyBundle
from ..worlds import World
from .change import WEIGHTS, Change, Sample
from .documents import book_changes, policy_changes
from .possible import newly_possible


def diff(before: PolicyBundle, after: PolicyBundle) -> tuple[Change, ...]:
    """What differs. Examples are judged by the real engine under both policies."""
    if before.cid == after.cid:
        return ()
    found = [*book_changes(before.book, after.book), *policy_changes(before.policy, after.policy)]
    old, new = World(before), World(after)
    found += newly_possible(old, new, "opened")
    found += _turned(newly_possible(new, old, "closed"))
    return tuple(sorted(found, key=lambda change: WEIGHTS.index(change.weight)))


def _turned(changes: Iterator[Change]) -> Iterator[Change]:
    """What was searched from the new policy to the old one, told from the old one to the new."""
    for change in changes:
        sample, words = change.sample, change.what
        if sample is not None:
            step = f"{sample.before.decision} to {sample.after.decision}"
            words = words.removesuffix(step) + f"{sample.after.decision} to {sample.before.decision}"
            sample = Sample(sample.proposal, sample.at, sample.after, sample.before, sample.effects)
        yield Change(change.weight, words, sample)
