"""Uniswap v3 as tools read and call it: routes of one or two hops, what they quote, and SwapRouter02's calls.

Of the quoter only the functions over paths are used: Quoter and QuoterV2 both have them, and both answer the amount
first. Sources: v3-periphery (IQuoter, IQuoterV2, Path), swap-router-contracts (IV3SwapRouter, PeripheryPayments).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..wallets.call import Call
from ..wallets.errors import RpcRefused
from ..wallets.values import ZERO_ADDRESS
from .errors import NotOffered
from .handles import Token, Venue
from .tool import Context
from .venues import venue_of_kind, wrapped_native

ROUTER_KIND = "uniswap-v3-router"
MOST_HUBS = 3
"""Tokens tried between the two: the wrapped coin first, then as the book lists them."""
THE_ROUTER = "0x" + "0" * 39 + "2"
"""SwapRouter02's own shorthand for itself: what is bought waits there to be unwrapped."""


@dataclass(frozen=True, slots=True)
class Market:
    """Uniswap v3 on this chain, by the book's label."""

    label: str
    router: str
    factory: str
    quoter: str
    fee_tiers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Route:
    """Pools in a row: token addresses from what is sold to what is bought, and the fee of each pool in millionths."""

    tokens: tuple[str, ...]
    fees: tuple[int, ...]

    def packed(self, *, backwards: bool = False) -> bytes:
        """The path as the router takes it; an exact output's runs backwards."""
        tokens, fees = (self.tokens[::-1], self.fees[::-1]) if backwards else (self.tokens, self.fees)
        path = bytes.fromhex(tokens[0][2:])
        for fee, token in zip(fees, tokens[1:], strict=True):
            path += fee.to_bytes(3, "big") + bytes.fromhex(token[2:])
        return path


@dataclass(frozen=True, slots=True)
class Quote:
    """What a route takes or gives now, in base units."""

    route: Route
    amount: int


def the_market(ctx: Context, named: Venue | None) -> Market:
    """The venue that was named, or the book's. Raises NotOffered."""
    label, row = venue_of_kind(ctx, ROUTER_KIND, named)
    if row.quoter is None or row.factory is None or not row.fee_tiers:
        raise NotOffered(f"the registry lacks the factory, quoter or fee tiers of {label}")
    return Market(label, row.address, row.factory, row.quoter, row.fee_tiers)


async def quotes_in(ctx: Context, market: Market, sold: str, bought: str, amount: int) -> list[Quote]:
    """What each route gives for exactly ``amount``, the best first."""
    found = await _quotes(ctx, market, await _routes(ctx, market, sold, bought), amount, exact_output=False)
    return sorted(found, key=lambda quote: -quote.amount)


async def quotes_out(ctx: Context, market: Market, sold: str, bought: str, amount: int) -> list[Quote]:
    """What each route takes to give exactly ``amount``, the best first."""
    found = await _quotes(ctx, market, await _routes(ctx, market, sold, bought), amount, exact_output=True)
    return sorted(found, key=lambda quote: quote.amount)


async def _quotes(
    ctx: Context, market: Market, routes: Sequence[Route], amount: int, *, exact_output: bool
) -> list[Quote]:
    found = await asyncio.gather(*(_quote(ctx, market, route, amount, exact_output) for route in routes))
    return [quote for quote in found if quote is not None and quote.amount > 0]


async def _quote(ctx: Context, market: Market, route: Route, amount: int, exact_output: bool) -> Quote | None:
    """None where the route cannot fill it: its pools revert."""
    name = "quoteExactOutput" if exact_output else "quoteExactInput"
    path = route.packed(backwards=exact_output)
    try:
        (answer,) = await ctx.chain.read(market.quoter, f"{name}(bytes,uint256)", path, amount, returns=["uint256"])
    except RpcRefused:
        return None
    return Quote(route, answer)


async def _routes(ctx: Context, market: Market, sold: str, bought: str) -> list[Route]:
    """Every route through pools that exist, directly or over one hub of the book."""
    hubs = [token.address for token in _hubs(ctx) if token.address not in (sold, bought)][:MOST_HUBS]
    pairs = [(sold, bought)] + [pair for hub in hubs for pair in ((sold, hub), (hub, bought))]
    fees = dict(zip(pairs, await asyncio.gather(*(_fees(ctx, market, *pair) for pair in pairs)), strict=True))
    routes = [Route((sold, bought), (fee,)) for fee in fees[sold, bought]]
    for hub in hubs:
        for first in fees[sold, hub]:
            routes += [Route((sold, hub, bought), (first, second)) for second in fees[hub, bought]]
    return routes


def _hubs(ctx: Context) -> Iterable[Token]:
    wrapped = wrapped_native(ctx)
    return [wrapped, *(t for t in ctx.handles.tokens.values() if not t.is_native and t != wrapped)]


async def _fees(ctx: Context, market: Market, one: str, other: str) -> list[int]:
    """The fees of the pools of a pair."""

    async def exists(fee: int) -> bool:
        signature = "getPool(address,address,uint24)"
        (pool,) = await ctx.chain.read(market.factory, signature, one, other, fee, returns=["address"])
        return bool(pool != ZERO_ADDRESS)

    there = await asyncio.gather(*(exists(fee) for fee in market.fee_tiers))
    return [fee for fee, found in zip(market.fee_tiers, there, strict=True) if found]


def exact_input(route: Route, recipient: str, amount: int, minimum: int) -> bytes:
    """Calldata that sells exactly ``amount`` for at least ``minimum``."""
    if len(route.fees) == 1:
        fields = (*route.tokens, route.fees[0], recipient, amount, minimum, 0)
        signature = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    else:
        fields = (route.packed(), recipient, amount, minimum)
        signature = "exactInput((bytes,address,uint256,uint256))"
    return Call.encode(ZERO_ADDRESS, signature, fields).data


def exact_output(route: Route, recipient: str, amount: int, maximum: int) -> bytes:
    """Calldata that buys exactly ``amount`` for at most ``maximum``."""
    if len(route.fees) == 1:
        fields = (*route.tokens, route.fees[0], recipient, amount, maximum, 0)
        signature = "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))"
    else:
        fields = (route.packed(backwards=True), recipient, amount, maximum)
        signature = "exactOutput((bytes,address,uint256,uint256))"
    return Call.encode(ZERO_ADDRESS, signature, fields).data


def unwrap_to(recipient: str, minimum: int) -> bytes:
    """Calldata that pays out the router's wrapped coin as native coin, at least ``minimum``."""
    return Call.encode(ZERO_ADDRESS, "unwrapWETH9(uint256,address)", minimum, recipient).data


def refund() -> bytes:
    """Calldata that pays back the native coin that the router did not use."""
    return Call.encode(ZERO_ADDRESS, "refundETH()").data


def together(market: Market, deadline: int, steps: Sequence[bytes], *, value: int = 0) -> Call:
    """One call that does all ``steps``, or nothing after ``deadline`` (Unix seconds)."""
    return Call.encode(market.router, "multicall(uint256,bytes[])", deadline, list(steps), value=value)
