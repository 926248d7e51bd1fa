"""A condition on how much of what is there may leave: share_of_balance."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from ..kinds import TAKES_OF_BALANCE
from ..worth import EXACT, NOTHING, Unknown
from .amounts import BoundedSum, moves_nothing
from .bounds import write_ratio
from .condition import Subject

_HUNDRED = Decimal(100)


class ShareOfBalance(BoundedSum):
    """Percent of the account's balance of an asset before the proposal, summed over the effects that take of it."""

    name: ClassVar[str] = "share_of_balance"
    how: ClassVar[str] = "{max: 25}"
    per_asset: ClassVar[bool] = True

    def measure(self, subject: Subject) -> Decimal | Unknown:
        """A hundred times the base units that leave; unknown without the balance that they leave."""
        effect = subject.effect
        if effect.asset is None or effect.amount is None:
            return NOTHING if moves_nothing(subject) else subject.unknown("the amount")
        if effect.kind not in TAKES_OF_BALANCE:
            return Unknown(f"what a {effect.kind} takes of the balance")
        if effect.asset not in subject.facts.balances:
            return Unknown(f"the balance of {subject.name(effect.asset)}")
        return EXACT.multiply(Decimal(effect.amount), _HUNDRED)

    def holds(self, least: Decimal, most: Decimal | None, subject: Subject) -> bool | None:
        """The bounds are percent of the balance."""
        asset = subject.effect.asset
        balance = None if asset is None else subject.facts.balances.get(asset)
        return self.bounds.holds(least, most, None if balance is None else Decimal(balance))

    def actual(self, subject: Subject) -> str:
        """Percent, rounded up to a hundredth."""
        measured = self.measure(subject)
        if isinstance(measured, Unknown):
            return measured.what
        asset = subject.effect.asset
        balance = 0 if asset is None else subject.facts.balances.get(asset, 0)
        if not measured or not balance:
            return "nothing" if not measured else f"more than the balance of {subject.name(asset)}, which is 0"
        return f"{write_ratio(measured, Decimal(balance))} % of the balance of {subject.name(asset)}"

    def limit(self) -> str:
        """The bounds."""
        return f"{self.bounds.words()} % of the balance"
