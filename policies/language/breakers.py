"""Breaker: what denies everything, or stops the wallet, and when."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from ..book.entries import TokenEntry
from ..conditions.names import book_of, token_fault
from ..documents.duration import Seconds
from ..documents.numbers import Number
from ..documents.yaml_document import Fault, Written, located
from .fields import Id


class PortfolioDrop(Written):
    """The portfolio's worth fell by ``drop_pct`` percent or more from its highest within ``window``."""

    drop_pct: Annotated[Number, Field(gt=0, le=100)]
    window: Seconds


class DenialsInRow(Written):
    """So many proposals in a row, or more, were denied."""

    count: Annotated[int, Field(ge=2, strict=True)]


class Drift(Written):
    """What happened differed from what was simulated by more than this, in hundredths of a percent."""

    above: Number


class OracleGap(Written):
    """The feed of a token, or of any that has a ``pool`` in the book, is further than this from its pool's price."""

    above: Number
    asset: str | None = None

    @model_validator(mode="after")
    def _has_pool(self, info: ValidationInfo) -> Self:
        book = book_of(info)
        if book is None:
            return self
        faults: list[Fault] = []
        pooled = {
            entry.label for entry in book.sections.get("tokens", ()) if isinstance(entry, TokenEntry) and entry.pool
        }
        unheard = None if self.asset is None else token_fault(self.asset, info)
        if unheard is not None:
            faults.append((("asset",), unheard))
        elif self.asset is not None and self.asset not in pooled:
            faults.append((("asset",), f"{self.asset} has no pool in the book to hold its feed against: give it one"))
        elif not pooled:
            faults.append(((), "no token of the book has a pool to hold its feed against: give it one"))
        if faults:
            raise located(faults)
        return self


class BreakerWhen(Written):
    """What trips a breaker: one thing."""

    portfolio_usd: PortfolioDrop | None = None
    denials_in_row: DenialsInRow | None = None
    drift_bps: Drift | None = None
    oracle_gap_bps: OracleGap | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a breaker looks at one of portfolio_usd, denials_in_row, drift_bps, oracle_gap_bps")
        return self


class Breaker(Written):
    """Denies everything once tripped, but for the defence of the account; with ``stop`` the wallet stops as well."""

    id: Id
    when: BreakerWhen
    then: Literal["stop", "deny"]

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if self.when.denials_in_row is not None and self.then == "deny":
            words = "denials only make the row longer, so this would never end: write then: stop, and a person resumes"
            raise located([(("then",), words)])
        return self
