"""Conditions on how much: usd and amount, both held against sums; slippage_bps of one swap."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo

from ..book.book import Book
from ..documents.numbers import Number
from ..documents.yaml_document import Written
from ..effect import Kind
from ..kinds import WITHOUT_ASSET
from ..worth import EXACT, NOTHING, Unknown, in_usd, whole_units, written_usd
from .bounds import Bounds, write_number, write_ratio
from .condition import Condition, Subject, SumCondition, Truth


@dataclass(frozen=True)
class BoundedSum(SumCondition):
    """Base: a sum within bounds."""

    bounds: Bounds

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{max: 1000}``, with max, min, above or below."""
        return cls(Bounds.model_validate(value, context=info.context))

    def holds(self, least: Decimal, most: Decimal | None, subject: Subject) -> bool | None:
        """Whether a sum between ``least`` and ``most`` is within the bounds."""
        return self.bounds.holds(least, most)


class Usd(BoundedSum):
    """The worth in oracle USD, summed over all effects of the proposal that meet the rule's other conditions."""

    name: ClassVar[str] = "usd"
    how: ClassVar[str] = "{above: 1000, max: 20000}"
    per_asset: ClassVar[bool] = False

    def measure(self, subject: Subject) -> Decimal | Unknown:
        """USD of the effect's amount; a kind that moves nothing is worth nothing."""
        effect = subject.effect
        if effect.asset is None or effect.amount is None:
            return NOTHING if moves_nothing(subject) else subject.unknown("the amount")
        return in_usd(effect.asset, effect.amount, subject.book, subject.chain_id, subject.facts)

    def actual(self, subject: Subject) -> str:
        """USD of the effect."""
        measured = self.measure(subject)
        return measured.what if isinstance(measured, Unknown) else f"USD {written_usd(measured)}"

    def limit(self) -> str:
        """The bounds."""
        return f"USD {self.bounds.words()}"


class Amount(BoundedSum):
    """Whole units of the asset (``1000`` USDC), summed for each asset over the effects that meet the other
    conditions.
    """

    name: ClassVar[str] = "amount"
    how: ClassVar[str] = "{max: 1000}"
    per_asset: ClassVar[bool] = True

    def measure(self, subject: Subject) -> Decimal | Unknown:
        """Whole units of the effect's amount; a kind that moves nothing is nothing."""
        effect = subject.effect
        if effect.asset is None or effect.amount is None:
            return NOTHING if moves_nothing(subject) else subject.unknown("the amount")
        return whole_units(effect.asset, effect.amount, subject.book, subject.chain_id)

    def span(self, asset: str, book: Book, chain_id: int) -> tuple[int, int] | None:
        """The bounds in base units."""
        token = book.token(asset, chain_id)
        return None if token is None else self.bounds.base_units(token.decimals)

    def actual(self, subject: Subject) -> str:
        """The amount of the effect."""
        measured = self.measure(subject)
        if isinstance(measured, Unknown):
            return measured.what
        return f"{write_number(measured)} {subject.name(subject.effect.asset)}"

    def limit(self) -> str:
        """The bounds."""
        return self.bounds.words()


def moves_nothing(subject: Subject) -> bool:
    """Whether the effect is of a kind that moves nothing, and of nothing."""
    effect = subject.effect
    return effect.kind is Kind.REVOCATION or (
        effect.kind in WITHOUT_ASSET and effect.asset is None and effect.amount is None and not effect.unknown
    )


class _SlippageTerms(Written):
    max: Annotated[Number, Field(le=10000)]
    against: Literal["oracle"]


@dataclass(frozen=True)
class Slippage(Condition):
    """(sold - minimum bought) / sold of a swap, in oracle USD, in hundredths of a percent."""

    name: ClassVar[str] = "slippage_bps"
    how: ClassVar[str] = "{max: 50, against: oracle}"
    most: Decimal

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{max: 50, against: oracle}``."""
        return cls(_SlippageTerms.model_validate(value, context=info.context).max)

    def judge(self, subject: Subject) -> Truth:
        """Exact: (sold - bought) * 10000 <= max * sold. A swap that sells nothing known cannot be judged."""
        if subject.effect.kind is not Kind.SWAP:
            return False
        sold, bought = self._worth(subject)
        if isinstance(sold, Unknown):
            return sold
        if isinstance(bought, Unknown):
            return bought
        if sold == 0:
            return subject.unknown("what is sold")
        lost = EXACT.multiply(EXACT.subtract(sold, bought), Decimal(10000))
        return lost <= EXACT.multiply(self.most, sold)

    def actual(self, subject: Subject) -> str:
        """The slippage, rounded up to a hundredth of a basis point."""
        if subject.effect.kind is not Kind.SWAP:
            return "no swap"
        sold, bought = self._worth(subject)
        if isinstance(sold, Unknown):
            return sold.what
        if isinstance(bought, Unknown):
            return bought.what
        if sold == 0:
            return "nothing sold"
        bps = write_ratio(EXACT.multiply(EXACT.subtract(sold, bought), Decimal(10000)), sold)
        return f"{bps} bps: USD {written_usd(sold)} for at least USD {written_usd(bought)}"

    def limit(self) -> str:
        """The bound."""
        return f"at most {write_number(self.most)} bps under the oracle"

    @staticmethod
    def _worth(subject: Subject) -> tuple[Decimal | Unknown, Decimal | Unknown]:
        effect, book, chain_id, facts = subject.effect, subject.book, subject.chain_id, subject.facts
        sold: Decimal | Unknown = subject.unknown("what is sold")
        bought: Decimal | Unknown = subject.unknown("what is bought at least")
        if effect.asset is not None and effect.amount is not None:
            sold = in_usd(effect.asset, effect.amount, book, chain_id, facts)
        if effect.bought is not None and effect.bought_minimum is not None:
            bought = in_usd(effect.bought, effect.bought_minimum, book, chain_id, facts)
        return sold, bought
