"""A condition on allowances as their own class: allowance_after, what somebody may take once this is done."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ..effect import UNLIMITED_BASE_UNITS, Kind
from ..kinds import SETS_ALLOWANCE, WITHOUT_END
from ..worth import NOTHING, Unknown, in_usd, whole_units, written_usd
from .bounds import Worth, write_number
from .condition import Condition, Subject, Truth

_BEYOND = Decimal("Infinity")


@dataclass(frozen=True)
class AllowanceAfter(Condition):
    """What the spender may take in all once the approval or permit is done. Unlimited is more than any bound."""

    name: ClassVar[str] = "allowance_after"
    how: ClassVar[str] = "{max: 1000} or {usd: {max: 1000}}"
    worth: Worth

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Bounds in whole units, or below ``usd``."""
        return cls(Worth.parse(value, info))

    def judge(self, subject: Subject) -> Truth:
        """Whether the resulting allowance is within the bounds; what allows nobody anything fails."""
        found = self._found(subject)
        return found if isinstance(found, Unknown) else found is not None and self.worth.holds(found)

    def actual(self, subject: Subject) -> str:
        """The resulting allowance."""
        found = self._found(subject)
        if found is None:
            return "no allowance"
        if isinstance(found, Unknown):
            return found.what
        if not found.is_finite():
            return "unlimited"
        return f"USD {written_usd(found)}" if self.worth.in_usd else write_number(found)

    def limit(self) -> str:
        """The bounds."""
        return self.worth.words("in all")

    def _found(self, subject: Subject) -> Decimal | Unknown | None:
        effect, book, facts = subject.effect, subject.book, subject.facts
        if effect.kind in WITHOUT_END:
            return _BEYOND
        if effect.kind not in SETS_ALLOWANCE or effect.is_of_votes:
            return None
        if effect.kind is Kind.REVOCATION:
            return NOTHING
        if effect.asset is None or effect.amount is None:
            return subject.unknown("the resulting allowance")
        supply = facts.total_supplies.get(effect.asset)
        if effect.amount >= UNLIMITED_BASE_UNITS or (supply is not None and effect.amount > supply):
            return _BEYOND
        if self.worth.in_usd:
            return in_usd(effect.asset, effect.amount, book, subject.chain_id, facts)
        return whole_units(effect.asset, effect.amount, book, subject.chain_id)
