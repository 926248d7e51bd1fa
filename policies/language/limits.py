"""Limit: at most so much of a counter in any window."""

from __future__ import annotations

from typing import Self

from pydantic import ValidationInfo, model_validator

from ...wallets.hints import nearest
from ...wallets.values import NATIVE
from ..conditions.bounds import Number
from ..conditions.names import book_of
from ..facts import Counter
from .documents import Fault, Written, located
from .duration import Seconds
from .fields import Id


class Limit(Written):
    """At most ``max`` of a counter in any window ``(t - window, t]``: USD, or whole units of one token."""

    id: Id
    counts: Counter
    asset: str | None = None
    window: Seconds
    max: Number

    @model_validator(mode="after")
    def _possible(self, info: ValidationInfo) -> Self:
        faults: list[Fault] = []
        book = book_of(info)
        if self.counts == "count":
            if self.asset is not None:
                faults.append((("asset",), "count counts proposals, of no asset: leave asset out"))
            if self.max != self.max.to_integral_value():
                faults.append((("max",), "a number of proposals is whole"))
        elif self.asset is None:
            raise ValueError("asset is missing: usd, or a token of the book")
        elif self.counts == "gas" and self.asset not in ("usd", NATIVE):
            faults.append((("asset",), "gas is paid in native coin: count it in usd or native"))
        elif book is not None and self.asset not in ("usd", NATIVE) and self.asset not in book.labels("tokens"):
            known = {"usd", NATIVE, *book.labels("tokens")}
            faults.append((("asset",), f'the book has no token "{self.asset}"{nearest(self.asset, known)}'))
        if faults:
            raise located(faults)
        return self
