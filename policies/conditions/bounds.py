"""Bounds: ``max`` and ``min`` include the bound, ``above`` and ``below`` exclude it. Exact, in Decimal."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from functools import cached_property
from typing import Any, NamedTuple, Self

from pydantic import ValidationError, ValidationInfo, model_validator

from ..documents.numbers import Number
from ..documents.yaml_document import Written, located, nested
from ..worth import EXACT

_WITHOUT_END = 1 << 512
"""Base units: more than all effects of a proposal can have together."""


_WORDS = {(True, False): "above", (True, True): "at least", (False, True): "at most", (False, False): "below"}


class Side(NamedTuple):
    """One bound: numbers within are above it where ``low``, else below it; ``inclusive``: it is within itself."""

    bound: Decimal
    low: bool
    inclusive: bool


class Bounds(Written):
    """At least one of ``max``, ``min``, ``above``, ``below``, such that some number lies within them."""

    max: Number | None = None
    min: Number | None = None
    above: Number | None = None
    below: Number | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        given = [bound for bound in (self.max, self.min, self.above, self.below) if bound is not None]
        if not given:
            raise ValueError("give at least one of max, min, above, below")
        if self.max is not None and self.below is not None:
            raise ValueError("max and below say the same thing twice: give one")
        if self.min is not None and self.above is not None:
            raise ValueError("min and above say the same thing twice: give one")
        top, bottom = self.top, self.min if self.min is not None else self.above
        strict = self.below is not None or self.above is not None
        if (top is not None and bottom is not None and (bottom >= top if strict else bottom > top)) or self.below == 0:
            raise ValueError("no number lies within these bounds")
        return self

    @property
    def top(self) -> Decimal | None:
        """The number that none within is above; None where there is none."""
        return self.max if self.max is not None else self.below

    @cached_property
    def sides(self) -> tuple[Side, ...]:
        """The bounds that are given, the lower ones first."""
        return tuple(
            Side(bound, low=low, inclusive=inclusive)
            for bound, low, inclusive in (
                (self.above, True, False),
                (self.min, True, True),
                (self.max, False, True),
                (self.below, False, False),
            )
            if bound is not None
        )

    def holds(self, least: Decimal, most: Decimal | None, whole: Decimal | None = None) -> bool | None:
        """Whether a number between ``least`` and ``most`` (None: unbounded) is within: None where it may be or not.

        With ``whole`` the bounds are parts of it, one meaning all of it.
        """
        if least is most and whole is None:
            return self.has(least)
        sure = True
        for bound, low_side, inclusive in self.sides:
            if whole is not None:
                bound = EXACT.multiply(bound, whole)  # noqa: PLW2901 - the same bound, in the number's unit
            if low_side:
                outside = most is not None and (most < bound if inclusive else most <= bound)
                inside = least >= bound if inclusive else least > bound
            else:
                outside = least > bound if inclusive else least >= bound
                inside = most is not None and (most <= bound if inclusive else most < bound)
            if outside:
                return False
            sure = sure and inside
        return True if sure else None

    def has(self, number: Decimal) -> bool:
        """Whether a number that is known is within."""
        return (
            (self.max is None or number <= self.max)
            and (self.below is None or number < self.below)
            and (self.min is None or number >= self.min)
            and (self.above is None or number > self.above)
        )

    def base_units(self, decimals: int) -> tuple[int, int]:
        """The least and the most base units that are within, of a token with so many decimals."""
        least, most = 0, _WITHOUT_END
        for bound, low_side, inclusive in self.sides:
            exact = EXACT.scaleb(bound, decimals)
            whole = int(exact)  # rounded down
            if low_side:
                least = whole if inclusive and whole == exact else whole + 1
            else:
                most = whole if inclusive or whole != exact else whole - 1
        return least, most

    def words(self, unit: str = "") -> str:
        """``above 1000, at most 20000 USD``."""
        parts = [f"{_WORDS[side.low, side.inclusive]} {write_number(side.bound)}" for side in self.sides]
        return ", ".join(parts) + (f" {unit}" if unit else "")


def write_number(number: Decimal) -> str:
    """The number in plain digits, without an exponent or needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


@dataclass(frozen=True, slots=True)
class Worth:
    """Bounds in whole units, or in USD where they stand below ``usd``."""

    bounds: Bounds
    in_usd: bool

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{max: 1000}`` or ``{usd: {max: 1000}}``."""
        if isinstance(value, dict) and "usd" in value:
            if len(value) > 1:
                raise ValueError("units and usd cannot be bounded at once: write two rules, or one of them")
            try:
                return cls(Bounds.model_validate(value["usd"], context=info.context), in_usd=True)
            except ValidationError as error:
                raise located(nested(error, ("usd",))) from error
        return cls(Bounds.model_validate(value, context=info.context), in_usd=False)

    def holds(self, worth: Decimal) -> bool:
        """Whether a worth that is known is within the bounds."""
        return bool(self.bounds.holds(worth, worth))

    def words(self, unit: str) -> str:
        """``USD at most 1000``, or ``at most 1000`` of the unit."""
        return f"USD {self.bounds.words()}" if self.in_usd else self.bounds.words(unit)


_UP = Context(prec=400, rounding=ROUND_CEILING)


def write_ratio(part: Decimal, whole: Decimal) -> str:
    """``part / whole`` for people, rounded up to a hundredth, whatever their sizes. ``whole`` is not zero."""
    return write_number(_UP.quantize(_UP.divide(part, whole), Decimal("0.01")))
