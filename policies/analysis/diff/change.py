"""Change: one difference between two policies or books, the dangerous ones first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ...proposal import Proposal
from ...verdict import Verdict
from ..prove.answers import Example
from ..worlds import World

Weight = Literal["danger", "opened", "changed", "closed"]
WEIGHTS: tuple[Weight, ...] = ("danger", "opened", "changed", "closed")


@dataclass(frozen=True)
class Sample:
    """A proposal that both policies were asked about."""

    proposal: Proposal
    at: datetime
    before: Verdict
    after: Verdict
    effects: str

    def to_json(self) -> dict[str, Any]:
        """As JSON: the line for ``policy check``, and both verdicts with their rules."""
        return {
            "proposal": line_of(self.proposal, self.at),
            "effects": self.effects,
            "before": {"verdict": self.before.decision, "rules": _rules(self.before)},
            "after": {"verdict": self.after.decision, "rules": _rules(self.after)},
        }


@dataclass(frozen=True)
class Change:
    """``weight``: danger (an address changed, somebody new), opened, changed, closed. ``what`` is a sentence."""

    weight: Weight
    what: str
    sample: Sample | None = None

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        sample = None if self.sample is None else self.sample.to_json()
        return {"weight": self.weight, "what": self.what, "example": sample}


def line_of(proposal: Proposal, at: datetime) -> dict[str, Any]:
    """The proposal as a line of ``policy check``."""
    return Example.written(proposal, at, 1)


def judged_by_both(before: World, after: World, proposal: Proposal, at: datetime) -> Sample:
    """What each of two policies says of one proposal."""
    first, _ = before.judge(proposal, at)
    second, facts = after.judge(proposal, at)
    return Sample(proposal, at, first, second, Example(proposal, at, second, facts).words(after))


def _rules(verdict: Verdict) -> list[str]:
    return list(dict.fromkeys(reason.rule for reason in verdict.reasons))
