"""Between amounts and oracle USD: exact decimals, rounded once, to the side that each caller names."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext

from .handles import Token
from .slots import PRECISION

BPS = 10_000


def usd_of(token: Token, base_units: int, price: Decimal) -> Decimal:
    """What ``base_units`` are worth at ``price`` USD for one whole unit."""
    with localcontext(prec=PRECISION):
        return Decimal(base_units).scaleb(-token.decimals) * price


def units_for(token: Token, usd: Decimal, price: Decimal, *, up: bool) -> int:
    """Base units of ``token`` that are worth ``usd``, rounded up or down."""
    with localcontext(prec=PRECISION):
        exact = (usd / price).scaleb(token.decimals)
        return int(exact.to_integral_value(rounding=ROUND_CEILING if up else ROUND_FLOOR))


def dollars(usd: Decimal) -> str:
    """``12,500.00 USD``, for people."""
    return f"{usd:,.2f} USD"
