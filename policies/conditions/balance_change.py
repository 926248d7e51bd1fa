"""The condition on what the account has more or less of afterwards: balance_change."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, ValidationError, ValidationInfo, model_validator

from ..documents.yaml_document import Fault, Written, located, nested
from ..worth import Unknown, whole_units
from .bounds import write_number
from .condition import Condition, Subject, Truth
from .names import token_fault


def _signed(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"a number is expected, as in 0.5 or -1000, not {value!r}")
    return Decimal(value)


class _ChangeTerms(Written):
    min: Annotated[Decimal, BeforeValidator(_signed)] | None = None
    max: Annotated[Decimal, BeforeValidator(_signed)] | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.min is None and self.max is None:
            raise ValueError("give min, max, or both, in whole units: -1000 is a thousand less")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("no change lies within these bounds")
        return self


@dataclass(frozen=True)
class Change:
    """Bounds in whole units on the change of one asset's balance; None where there is no bound."""

    least: Decimal | None
    most: Decimal | None

    def holds(self, change: Decimal) -> bool:
        """Whether a change lies within."""
        return (self.least is None or change >= self.least) and (self.most is None or change <= self.most)


@dataclass(frozen=True)
class BalanceChange(Condition):
    """The simulated net change of the account's balances, in whole units, without gas.

    What one effect demands cannot also be what another demands: ``judgement.demands`` adds them up.
    """

    name: ClassVar[str] = "balance_change"
    how: ClassVar[str] = "{weth: {min: 0.5}, usdc: {min: -1300}}"
    changes: tuple[tuple[str, Change], ...]

    @property
    def demands(self) -> frozenset[tuple[str, Decimal]]:
        """Token and whole units of each change that must come (above zero) or go (below); bounds that only permit
        demand nothing.
        """
        least = [(label, change.least) for label, change in self.changes if change.least is not None]
        most = [(label, change.most) for label, change in self.changes if change.most is not None]
        comes = [(label, units) for label, units in least if units > 0]
        return frozenset([*comes, *((label, units) for label, units in most if units < 0)])

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Bounds by token label. Faults are located."""
        if not isinstance(value, dict) or not value:
            raise ValueError("balance_change maps tokens to bounds")
        faults: list[Fault] = []
        changes = []
        for label, written in value.items():
            fault = token_fault(label, info)
            if fault is not None:
                faults.append(((label,), fault))
                continue
            try:
                terms = _ChangeTerms.model_validate(written, context=info.context)
            except ValidationError as error:
                faults += nested(error, (label,))
                continue
            changes.append((label, Change(terms.min, terms.max)))
        if faults:
            raise located(faults)
        return cls(tuple(changes))

    def judge(self, subject: Subject) -> Truth:
        """False where any change is out of its bounds; Unknown without a simulation that tells."""
        found = [(change, changed(label, subject)) for label, change in self.changes]
        if any(not isinstance(by, Unknown) and not change.holds(by) for change, by in found):
            return False
        return next((by for _, by in found if isinstance(by, Unknown)), True)

    def actual(self, subject: Subject) -> str:
        """The changes."""
        found = [(label, changed(label, subject)) for label, _ in self.changes]
        return ", ".join(by.what if isinstance(by, Unknown) else f"{_plus(by)} {label}" for label, by in found)

    def limit(self) -> str:
        """The bounds."""
        parts = []
        for label, change in self.changes:
            words = [] if change.least is None else [f"at least {_plus(change.least)}"]
            words += [] if change.most is None else [f"at most {_plus(change.most)}"]
            parts.append(f"{' and '.join(words)} {label}")
        return ", ".join(parts)


def changed(label: str, subject: Subject) -> Decimal | Unknown:
    """The simulated net change of a token's balance in whole units."""
    simulation = subject.facts.simulation
    token = subject.book.token_by_label(label, subject.chain_id)
    if simulation is None or not simulation.succeeded or token is None:
        return Unknown(f"the change of the balance of {label}")
    came, left = simulation.inflows.get(token.address, 0), simulation.outflows.get(token.address, 0)
    units = whole_units(token.address, abs(came - left), subject.book, subject.chain_id)
    if isinstance(units, Unknown):
        return units
    return units if came >= left else -units


def _plus(number: Decimal) -> str:
    return f"+{write_number(number)}" if number > 0 else write_number(number)
