"""The condition on how much of the portfolio one asset may be afterwards: concentration_after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationInfo

from ...wallets.values import UINT256_MAX
from ..documents.numbers import Number
from ..documents.yaml_document import Written, located
from ..effect import Effect, Kind
from ..facts import Simulated
from ..kinds import COMES_FROM_POOL, LEAVES, LETS_TAKE
from ..worth import EXACT, NOTHING, Unknown, in_usd
from .bounds import write_number
from .condition import Condition, Subject, Truth
from .names import token_fault


class _ConcentrationTerms(Written):
    asset: str
    max_pct: Annotated[Number, Field(gt=0, lt=100)]


@dataclass(frozen=True)
class ConcentrationAfter(Condition):
    """An asset's share of what the account holds afterwards, in percent of its worth in oracle USD.

    Balances of the coin and the book's tokens, with the movements that the simulation saw and with the worst that the
    calldata permits: whichever is worse. Lending positions are not among them.
    """

    name: ClassVar[str] = "concentration_after"
    how: ClassVar[str] = "{asset: weth, max_pct: 60}"
    asset: str
    max_pct: Decimal

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{asset: weth, max_pct: 60}``."""
        terms = _ConcentrationTerms.model_validate(value, context=info.context)
        fault = token_fault(terms.asset, info)
        if fault is not None:
            raise located([(("asset",), fault)])
        return cls(terms.asset, terms.max_pct)

    def judge(self, subject: Subject) -> Truth:
        """Exact: worth of the asset * 100 <= max_pct * worth of everything."""
        found = self._worst(subject)
        if isinstance(found, Unknown):
            return found
        held, total = found
        return EXACT.multiply(held, Decimal(100)) <= EXACT.multiply(self.max_pct, total)

    def actual(self, subject: Subject) -> str:
        """The share, to a hundredth of a percent."""
        found = self._worst(subject)
        if isinstance(found, Unknown):
            return found.what
        held, total = found
        return "nothing held" if not total else f"{write_number(round(100 * held / total, 2))} % {self.asset}"

    def limit(self) -> str:
        """The bound."""
        return f"at most {write_number(self.max_pct)} % {self.asset}"

    def _worst(self, subject: Subject) -> tuple[Decimal, Decimal] | Unknown:
        """Worth of the asset and of everything, where its share is the larger."""
        token = subject.book.token_by_label(self.asset, subject.chain_id)
        balances = subject.facts.balances
        if token is None or token.address not in balances:
            return Unknown(f"the balance of {self.asset}")
        least = _at_worst(subject, token.address)
        if isinstance(least, Unknown):
            return least
        worst = _worth(least, token.address, subject)
        simulation = subject.facts.simulation
        if isinstance(worst, Unknown) or simulation is None or not simulation.succeeded:
            return worst
        seen = _worth(_as_simulated(balances, simulation), token.address, subject)
        if isinstance(seen, Unknown):
            return seen
        return max(worst, seen, key=lambda found: found[0] / found[1] if found[1] else NOTHING)


def _at_worst(subject: Subject, asset: str) -> Mapping[str, int] | Unknown:
    """Balances afterwards where of ``asset`` as much as can be is there, and as little of everything else."""
    held = Counter(dict(subject.facts.balances))
    account = subject.proposal.account
    for effect in subject.effects:
        if effect.asset is None or effect.settled_by is not None or effect.kind is Kind.NFT_TRANSFER:
            continue
        leaves = effect.kind in LEAVES and not (effect.kind is Kind.TRANSFER and effect.counterparty == account)
        comes = effect.kind in COMES_FROM_POOL and effect.asset == asset and effect.counterparty in (None, account)
        if (leaves or comes) and (effect.amount is None or (comes and effect.amount == UINT256_MAX)):
            return subject.unknown("the amount")
        amount = effect.amount or 0
        if comes:
            held[asset] += amount
        elif _is_gone(effect, asset, leaves):
            held[effect.asset] = max(0, held[effect.asset] - amount)
        if effect.bought is not None and not comes and effect.counterparty in (None, account):
            held[effect.bought] += effect.bought_minimum or 0
    return held


def _is_gone(effect: Effect, asset: str, leaves: bool) -> bool:
    if effect.asset == asset:
        return leaves and effect.exact
    return leaves or effect.kind in LETS_TAKE


def _as_simulated(balances: Mapping[str, int], simulation: Simulated) -> Mapping[str, int]:
    held = Counter(dict(balances))
    for asset in balances:
        came, left = simulation.inflows.get(asset, 0), simulation.outflows.get(asset, 0)
        held[asset] = max(0, held[asset] + came - left)
    return held


def _worth(held: Mapping[str, int], asset: str, subject: Subject) -> tuple[Decimal, Decimal] | Unknown:
    total, share = NOTHING, NOTHING
    for one, base_units in held.items():
        worth = in_usd(one, base_units, subject.book, subject.chain_id, subject.facts) if base_units else NOTHING
        if isinstance(worth, Unknown):
            return worth
        total = EXACT.add(total, worth)
        share = worth if one == asset else share
    return share, total
