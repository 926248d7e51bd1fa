"""The prices that the world is born with, and the arithmetic between a price and a pool. Integers throughout."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

FEED_DECIMALS = 8
HEARTBEAT_SECONDS = 86_400

OPENING_USD: Mapping[str, int] = {"usdc": 1, "dai": 1, "weth": 2_500, "wbtc": 60_000}
"""Whole US dollars for one whole token."""


def sqrt_price_x96(usd0: int, decimals0: int, usd1: int, decimals1: int) -> int:
    """Uniswap v3's sqrt(base units of token1 for one of token0) * 2^96, rounded down; the two prices in one unit."""
    return isqrt(usd0 * 10**decimals1 * 2**192 // (usd1 * 10**decimals0))


def base_units_for(usd: int, price: int, decimals: int) -> int:
    """How many base units are worth `usd` at `price`, both in one unit."""
    amount: int = usd * 10**decimals // price
    return amount


def v2_input(reserve_in: int, reserve_out: int, worth_in: int, worth_out: int) -> int:
    """Base units to sell to a Uniswap v2 pair until its reserves stand in the ratio of the worths; at most 0 if none.

    worth: of one base unit, both in one unit. The pair keeps 0.3 % of what comes in, so the amount a solves
    (in + a) (in + 0.997 a) = in * out * worth_out / worth_in.
    """
    wanted_square = reserve_in * reserve_out * worth_out // worth_in
    discriminant = (1_997 * reserve_in) ** 2 - 4 * 997 * 1_000 * (reserve_in**2 - wanted_square)
    return (isqrt(max(discriminant, 0)) - 1_997 * reserve_in) // (2 * 997)
