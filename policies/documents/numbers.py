"""Numbers as people write them: zero or more, with or without a fraction, exact."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator


def parse_number(value: Any) -> Decimal:
    """A number of zero or more. Raises ValueError for text, booleans and negative numbers."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"a number is expected, as in 1000, not {value!r}")
    number = Decimal(value)
    if number < 0:
        raise ValueError("a number of zero or more is expected")
    return number


Number = Annotated[Decimal, BeforeValidator(parse_number)]
"""A number of zero or more, exact."""
