"""Conditions on gas at its worst: gas_price_gwei, gas_limit, fee. They speak of the whole proposal."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Self

from pydantic import ValidationInfo

from ...wallets.values import NATIVE
from ..facts import Fees
from ..worth import EXACT, NOTHING, Unknown, in_usd, written_usd
from .bounds import Bounds, Worth, write_number
from .condition import Condition, Subject, Truth


def _fees(subject: Subject) -> Fees | Unknown | None:
    """None where nothing is sent: signed data costs no gas."""
    if not subject.proposal.calls:
        return None
    return Unknown("the gas of these calls") if subject.facts.fees is None else subject.facts.fees


@dataclass(frozen=True)
class _BoundedGas(Condition):
    """Base: a number of the fees is within bounds."""

    unit: ClassVar[str]
    bounds: Bounds

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{max: 50}``, with max, min, above or below."""
        return cls(Bounds.model_validate(value, context=info.context))

    @staticmethod
    @abstractmethod
    def number(fees: Fees) -> Decimal:
        """The number that is held."""

    def judge(self, subject: Subject) -> Truth:
        """Whether it is within the bounds; unknown where the fees are."""
        fees = _fees(subject)
        if isinstance(fees, Unknown):
            return fees
        found = NOTHING if fees is None else self.number(fees)
        return bool(self.bounds.holds(found, found))

    def actual(self, subject: Subject) -> str:
        """The number."""
        fees = _fees(subject)
        if isinstance(fees, Unknown):
            return fees.what
        return f"{write_number(NOTHING if fees is None else self.number(fees))} {self.unit}"

    def limit(self) -> str:
        """The bounds."""
        return self.bounds.words(self.unit)


class GasPrice(_BoundedGas):
    """The maximum fee per gas that will be signed, in gwei."""

    name: ClassVar[str] = "gas_price_gwei"
    how: ClassVar[str] = "{max: 50}"
    unit: ClassVar[str] = "gwei"

    @staticmethod
    def number(fees: Fees) -> Decimal:
        """Gwei of the maximum fee per gas."""
        return EXACT.scaleb(Decimal(fees.max_fee_per_gas), -9)


class GasLimit(_BoundedGas):
    """The gas limits of all transactions of the proposal together."""

    name: ClassVar[str] = "gas_limit"
    how: ClassVar[str] = "{max: 500000}"
    unit: ClassVar[str] = "gas"

    @staticmethod
    def number(fees: Fees) -> Decimal:
        """The gas limit."""
        return Decimal(fees.gas_limit)


@dataclass(frozen=True)
class Fee(Condition):
    """Gas limit times maximum fee per gas: the most that the proposal can cost, in native coin or USD."""

    name: ClassVar[str] = "fee"
    how: ClassVar[str] = "{max: 0.01} or {usd: {max: 20}}"
    worth: Worth

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """Bounds in native coin, or below ``usd``."""
        return cls(Worth.parse(value, info))

    def judge(self, subject: Subject) -> Truth:
        """Whether the worst cost is within the bounds; unknown where the fees or the coin's price are."""
        found = self._found(subject)
        return found if isinstance(found, Unknown) else self.worth.holds(found)

    def actual(self, subject: Subject) -> str:
        """The worst cost."""
        found = self._found(subject)
        if isinstance(found, Unknown):
            return found.what
        return f"USD {written_usd(found)}" if self.worth.in_usd else f"{write_number(found)} native"

    def limit(self) -> str:
        """The bounds."""
        return self.worth.words("native")

    def _found(self, subject: Subject) -> Decimal | Unknown:
        fees = _fees(subject)
        if fees is None or isinstance(fees, Unknown):
            return fees or NOTHING
        if self.worth.in_usd:
            return in_usd(NATIVE, fees.worst_wei, subject.book, subject.chain_id, subject.facts)
        return EXACT.scaleb(Decimal(fees.worst_wei), -18)
