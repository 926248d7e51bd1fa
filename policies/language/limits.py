"""Limit: at most so much of a counter in any window."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from ...wallets.hints import nearest
from ...wallets.values import NATIVE
from ..conditions.names import Addresses, book_of
from ..documents.duration import Seconds
from ..documents.numbers import Number
from ..documents.yaml_document import Fault, Written, located
from ..facts import Counter
from .fields import Id, one_or_more


def read_recipients(value: Any, info: ValidationInfo) -> Addresses:
    """Those whom a limit counts alone. Raises ValueError."""
    return Addresses.parse(value, info)


class Limit(Written):
    """At most ``max`` of a counter in any window ``(t - window, t]``: USD, or whole units of one token.

    ``per``: each recipient, or each asset, has a window of its own. ``rule``: only what these rules let through.
    ``to``: only what goes to these addresses.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: Id
    counts: Counter
    asset: str | None = None
    window: Seconds
    max: Number
    per: Literal["recipient", "asset"] | None = None
    rule: Annotated[tuple[str, ...], BeforeValidator(one_or_more), Field(min_length=1)] | None = None
    to: Annotated[Addresses, BeforeValidator(read_recipients)] | None = None

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
        if self.counts == "gas" and (self.per is not None or self.to is not None):
            faults.append((("per" if self.per else "to",), "gas goes to nobody: leave per and to out"))
        elif self.per == "asset" and self.asset != "usd":
            faults.append((("per",), "per: asset gives each asset a window of its own, in usd: write asset: usd"))
        if faults:
            raise located(faults)
        return self
