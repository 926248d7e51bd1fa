"""What amounts are worth: whole units and USD, exact. What has no decimals or no price is Unknown, never zero."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal, Inexact, InvalidOperation

from .book.book import Book
from .facts import Facts

EXACT = Context(prec=400, traps=[InvalidOperation, Inexact])
"""Wide enough for 2^256 base units at any price that can be written: nothing is ever rounded, a rounding would raise.
"""

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer where something cannot be known or priced; ``what`` names it, as in ``the price of dai``."""

    what: str


def whole_units(asset: str, base_units: int, book: Book, chain_id: int) -> Decimal | Unknown:
    """Base units as whole units of the asset; Unknown where the book does not tell its decimals."""
    token = book.token(asset, chain_id)
    if token is None:
        return Unknown(f"the decimals of {asset}, which is not among the book's tokens")
    return EXACT.scaleb(Decimal(base_units), -token.decimals)


def in_usd(asset: str, base_units: int, book: Book, chain_id: int, facts: Facts) -> Decimal | Unknown:
    """Base units in USD at the price of the facts; Unknown where there is no price above zero."""
    units = whole_units(asset, base_units, book, chain_id)
    if isinstance(units, Unknown):
        return units
    price = facts.prices.get(asset)
    if price is None or not price.usd.is_finite() or price.usd <= 0:
        why = facts.unpriced.get(asset)
        return Unknown(f"the price of {book.label_of(asset, chain_id) or asset}{f' ({why})' if why else ''}")
    return EXACT.multiply(units, price.usd)


def written_usd(value: Decimal) -> str:
    """USD for people: at least two decimals, rounded up to a millionth."""
    rounded = value.quantize(Decimal("0.000001"), rounding=ROUND_CEILING, context=Context(prec=400))
    whole, _, fraction = format(rounded, "f").partition(".")
    return f"{int(whole):,}.{fraction.rstrip('0').ljust(2, '0')}"
