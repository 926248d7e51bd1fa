"""Expect: what must hold after a step, or at the end; and what of it did not."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from ...policies.documents.yaml_document import Written
from ...policies.explain.reasons import names
from ...tools.slots import plain
from .report import State, StepReport

Verdict = Literal["allow", "escalate", "deny"]


class Bound(Written):
    """About a number, or between two."""

    about: Decimal | None = None
    within: Decimal | None = None
    min: Decimal | None = None
    max: Decimal | None = None

    @model_validator(mode="after")
    def _one_form(self) -> Bound:
        if (self.about is None) != (self.within is None):
            raise ValueError("about and within belong together")
        if self.about is None and self.min is None and self.max is None:
            raise ValueError("a bound has about and within, or min, or max")
        return self

    def holds(self, number: Decimal) -> bool:
        """Whether the number lies within."""
        if self.about is not None and self.within is not None and abs(number - self.about) > self.within:
            return False
        return not ((self.min is not None and number < self.min) or (self.max is not None and number > self.max))

    def __str__(self) -> str:
        parts = []
        if self.about is not None:
            parts.append(f"about {self.about} (within {self.within})")
        if self.min is not None:
            parts.append(f"at least {self.min}")
        if self.max is not None:
            parts.append(f"at most {self.max}")
        return ", ".join(parts)


class Weights(Written):
    """Percent of the worth of the named assets together, each within so many percentage points."""

    of: dict[str, Decimal]
    within: Decimal = Decimal(1)


class Expect(Written):
    """``balances``, ``changes`` since the step (or all) began: whole units by ``WHO ASSET``, as in ``alice usdc``.

    ``rules``: ids that the reasons must name. ``says``: words that the message must hold. ``budget``: used, by limit.
    """

    outcome: str | None = None
    verdicts: tuple[Verdict, ...] | None = None
    rules: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    read_by: Literal["parser", "model", "code", "script"] | None = None
    transactions: int | None = Field(default=None, ge=0)
    balances: dict[str, Decimal | Bound] = Field(default={})
    changes: dict[str, Decimal | Bound] = Field(default={})
    weights: Weights | None = None
    health_factor: Bound | None = None
    budget: dict[str, Decimal | Bound] = Field(default={})
    audit: Literal["verified"] | None = None

    def differences(self, did: StepReport, before: State, after: State) -> list[str]:
        """What is not as expected, in sentences; empty where all is."""
        found = [*self._of_the_step(did)]
        for key, wanted in self.balances.items():
            found += _differs(key, wanted, after.balance(key))
        for key, wanted in self.changes.items():
            found += _differs(f"the change of {key}", wanted, after.balance(key) - before.balance(key))
        if self.weights is not None:
            found += _weights(self.weights, after)
        if self.health_factor is not None:
            if after.health_factor is None:
                found.append("there is no debt, so no health factor")
            else:
                found += _differs("the health factor", self.health_factor, after.health_factor)
        for name, wanted in self.budget.items():
            if name not in after.budget:
                found.append(f"the policy has no limit {name}: it has {', '.join(after.budget)}")
            else:
                found += _differs(f"what is used of {name}", wanted, after.budget[name].used)
        return found

    def _of_the_step(self, did: StepReport) -> list[str]:
        found = []
        if self.outcome is not None and did.outcome != self.outcome:
            found.append(f"the outcome is {did.outcome or 'none'}, not {self.outcome}: {did.message}")
        if self.verdicts is not None and did.verdicts != list(self.verdicts):
            said = ", ".join(did.verdicts) or "none"
            found.append(f"the verdicts are {said}, not {', '.join(self.verdicts) or 'none'}: {did.why()}")
        for rule in self.rules:
            if not any(names(reason, rule) for reason in did.reasons):
                found.append(f"no reason names {rule}: {did.why()}")
        found += [f"the message lacks {words!r}: {did.message}" for words in self.says if words not in did.message]
        if self.read_by is not None and did.read_by != self.read_by:
            found.append(f"the request was read by {did.read_by or 'nobody'}, not {self.read_by}")
        if self.transactions is not None and len(did.hashes) != self.transactions:
            found.append(f"{len(did.hashes)} transactions, not {self.transactions}")
        return found


def _differs(what: str, wanted: Decimal | Bound, number: Decimal) -> list[str]:
    if isinstance(wanted, Bound):
        return [] if wanted.holds(number) else [f"{what} is {plain(number)}, not {wanted}"]
    return [] if number == wanted else [f"{what} is {plain(number)}, not {plain(wanted)}"]


def _weights(wanted: Weights, after: State) -> list[str]:
    worth = {asset: after.worth("treasury", asset) for asset in wanted.of}
    total = sum(worth.values(), Decimal(0))
    if not total:
        return ["the treasury holds nothing of the assets that are weighed"]
    found = []
    for asset, percent in wanted.of.items():
        actual = worth[asset] * 100 / total
        if abs(actual - percent) > wanted.within:
            found.append(f"{asset} makes up {actual:.2f} %, not {percent} % (within {wanted.within})")
    return found
