"""Slots: the types of arguments that a tool may take, how each is written, and how code resolves it.

An argument of a ToolCall is a short text (``alice``, ``250 usdc``, ``all weth``, ``30% weth``, ``60% weth, 40% usdc``,
``1.8``): what a person could read and a checkpoint can hold. `check` gives its canonical form, `resolve` the value that
the tool's function receives. No text holds an address, and no model writes one.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from enum import StrEnum

from ..wallets.values import UINT256_MAX
from .errors import InvalidArgument, Unresolvable
from .handles import Handles, Payee, Token, Venue

Asset = Token
"""Another name of the same slot, for tools that read better with it."""

_NUMBER = re.compile(r"(?:0|[1-9][0-9]*)(?:[.][0-9]+)?")
_SHARE = re.compile(r"((?:0|[1-9][0-9]*)(?:[.][0-9]+)?)%")
MAX_NUMBER_LENGTH = 60
"""Digits of the longest number that a request may hold."""
PRECISION = 200
"""Decimal digits that hold a number, 2^256 and their product exactly; the default of 28 would round."""


class Basis(StrEnum):
    """What ``all`` and shares are taken of. Write it beside the slot: ``Annotated[Amount, Basis.DEBT]``."""

    BALANCE = "balance"
    SUPPLIED = "supplied"
    DEBT = "debt"


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of an asset, in its smallest unit. ``everything``: all of it was meant, whatever it is by then."""

    token: Token
    base_units: int
    everything: bool = False

    @property
    def units(self) -> Decimal:
        """The same in whole units."""
        with localcontext(prec=PRECISION):
            return Decimal(self.base_units).scaleb(-self.token.decimals)

    def __str__(self) -> str:
        return f"{plain(self.units)} {self.token.label}"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something: above 0, at most 1."""

    fraction: Decimal


@dataclass(frozen=True, slots=True)
class TargetWeights:
    """The parts of a portfolio that each asset should make up; they sum to exactly 1."""

    weights: tuple[tuple[Token, Decimal], ...]


@dataclass(frozen=True, slots=True)
class HealthFactor:
    """Collateral at its liquidation threshold over debt, as Aave v3 defines it; a target lies above 1."""

    value: Decimal


Value = Payee | Token | Venue | Amount | Share | TargetWeights | HealthFactor
Holding = Callable[[Token, Basis], Awaitable[int]]
"""Base units of an asset that the account holds, has supplied, or owes."""

SLOTS: tuple[type, ...] = (Payee, Token, Venue, Amount, Share, TargetWeights, HealthFactor)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An Amount before the chain was asked: ``number`` whole units, or a ``share`` of what there is; one of the two."""

    token: str
    number: Decimal | None = None
    share: Decimal | None = None

    def __str__(self) -> str:
        if self.number is not None:
            return f"{plain(self.number)} {self.token}"
        assert self.share is not None
        return f"all {self.token}" if self.share == 1 else f"{percent(self.share)} {self.token}"


def plain(number: Decimal) -> str:
    """A decimal without an exponent or trailing zeros."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


def percent(fraction: Decimal) -> str:
    """``0.3`` as ``30%``."""
    return plain(fraction * 100) + "%"


def parse_number(text: str) -> Decimal:
    """A positive decimal number without sign, exponent or separators. Raises InvalidArgument."""
    if len(text) > MAX_NUMBER_LENGTH or not _NUMBER.fullmatch(text) or not (number := Decimal(text)):
        raise InvalidArgument(f"a number above zero is expected, as in 250 or 0.5, not {text[:80]!r}")
    return number


def parse_share(text: str) -> Decimal:
    """A share from ``30%`` or ``all``, above 0 and at most 1. Raises InvalidArgument."""
    if text == "all":
        return Decimal(1)
    match = _SHARE.fullmatch(text) if len(text) <= MAX_NUMBER_LENGTH else None
    share = Decimal(match.group(1)) / 100 if match else Decimal(0)
    if not 0 < share <= 1:
        raise InvalidArgument(f"a share is a percentage above 0% and up to 100%, or all, not {text[:80]!r}")
    return share


def parse_quantity(text: str, handles: Handles) -> Quantity:
    """``250 usdc``, ``all usdc``, ``30% usdc``; ``250`` where the handles have a unit.

    Raises InvalidArgument or UnknownHandle.
    """
    how, _, asset = text.strip().partition(" ")
    if not asset:
        if handles.unit is None:
            raise InvalidArgument(f"{text!r} lacks its asset: write it as in 250 usdc")
        asset = handles.unit
    token = handles.token(asset.strip())
    if how == "all" or how.endswith("%"):
        return Quantity(token.label, share=parse_share(how))
    number = parse_number(how)
    to_base_units(number, token)
    return Quantity(token.label, number=number)


def to_base_units(number: Decimal, token: Token) -> int:
    """Whole units as base units, exact. Raises InvalidArgument where the asset has fewer decimals."""
    with localcontext(prec=PRECISION):
        exact = number.scaleb(token.decimals)
        base_units = int(exact.to_integral_value(rounding=ROUND_DOWN))
    if exact != base_units:
        raise InvalidArgument(f"{token.label} has {token.decimals} decimals: {plain(number)} cannot be paid exactly")
    if base_units > UINT256_MAX:
        raise InvalidArgument(f"{plain(number)} {token.label} is more than any token can hold")
    return base_units


def parse_weights(text: str, handles: Handles) -> tuple[tuple[str, Decimal], ...]:
    """``60% weth, 40% usdc`` as labels and fractions. Raises InvalidArgument unless they differ and sum to 100%."""
    weights: dict[str, Decimal] = {}
    for part in text.split(","):
        share, _, asset = part.strip().partition(" ")
        label = handles.token(asset.strip()).label
        if label in weights:
            raise InvalidArgument(f"{label} has two weights in {text!r}: give each asset one")
        weights[label] = parse_share(share)
    if sum(weights.values()) != 1:
        raise InvalidArgument(f"the weights {text!r} do not sum to 100%")
    return tuple(weights.items())


def check(slot: type, text: str, handles: Handles) -> str:
    """The canonical form of an argument. Raises InvalidArgument or UnknownHandle where it does not fit its slot."""
    text = text.strip()
    if slot is Payee:
        return handles.payee(text).label
    if slot is Token:
        return handles.token(text).label
    if slot is Venue:
        return handles.venue(text).label
    if slot is Amount:
        return str(parse_quantity(text, handles))
    if slot is Share:
        return percent(parse_share(text))
    if slot is TargetWeights:
        return ", ".join(f"{percent(weight)} {label}" for label, weight in parse_weights(text, handles))
    if slot is HealthFactor:
        value = parse_number(text)
        if value <= 1:
            raise InvalidArgument(f"a health factor to aim for lies above 1 (at 1 one is liquidated), not {text!r}")
        return plain(value)
    raise InvalidArgument(f"{slot.__name__} is no slot: use one of {', '.join(known.__name__ for known in SLOTS)}")


async def resolve(slot: type, text: str, handles: Handles, holding: Holding, basis: Basis = Basis.BALANCE) -> Value:
    """The value of an argument; ``holding`` is asked only for ``all`` and shares. Shares are rounded down.

    Raises InvalidArgument, UnknownHandle, or Unresolvable where there is nothing to take a share of.
    """
    text = check(slot, text, handles)
    if slot is Payee:
        return handles.payee(text)
    if slot is Token:
        return handles.token(text)
    if slot is Venue:
        return handles.venue(text)
    if slot is Share:
        return Share(parse_share(text))
    if slot is TargetWeights:
        return TargetWeights(tuple((handles.token(label), part) for label, part in parse_weights(text, handles)))
    if slot is HealthFactor:
        return HealthFactor(parse_number(text))
    return await _amount(parse_quantity(text, handles), handles, holding, basis)


async def _amount(quantity: Quantity, handles: Handles, holding: Holding, basis: Basis) -> Amount:
    token = handles.token(quantity.token)
    if quantity.number is not None:
        return Amount(token, to_base_units(quantity.number, token))
    assert quantity.share is not None
    held = await holding(token, basis)
    with localcontext(prec=PRECISION):
        part = int((held * quantity.share).to_integral_value(rounding=ROUND_DOWN))
    if part == 0:
        raise Unresolvable(f"{quantity} is nothing: the {basis} of {token.label} is {plain(Decimal(held))} base units")
    return Amount(token, part, everything=quantity.share == 1)
