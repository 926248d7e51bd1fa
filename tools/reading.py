"""The reads: balances, portfolio, price and health factor, as facts whose texts code writes."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from .aave_v3 import Position, position, the_pool
from .errors import NoPrice, NotOffered
from .fact import Fact
from .handles import Token
from .pricing import dollars, usd_of
from .slots import Amount, Basis
from .tool import Context, tool


@tool(
    effect="read",
    says=(
        "[(show|list)] [me] [the|our|my|all] balances",
        "what are [the|our|my] balances",
        "what is [the|our|my] balance [of] [{token}]",
        "what (is|is the|is our|is my) {token} balance",
        "[(show|list|what's|check)] [me] {token} balance",
        "how much {token} (do|have) (we|i) [have|hold|own|got]",
    ),
)
async def balances(ctx: Context, token: Token | None = None) -> list[Fact]:
    """What the account holds."""
    tokens = [token] if token is not None else list(ctx.handles.tokens.values())
    held = await asyncio.gather(*(_held(ctx, one) for one in tokens))
    shown = [one for one in held if one.base_units or token is not None]
    if not shown:
        return [Fact(name="balances", text="nothing of any asset of the book")]
    return [Fact(name=f"{one.token.label} balance", text=str(one)) for one in shown]


@tool(
    effect="read",
    says=("[(show|what is|what's)] [me] [the|our|my] portfolio [value]", "(what|how much) are we worth"),
)
async def portfolio(ctx: Context) -> list[Fact]:
    """What the whole portfolio is worth."""
    held = await asyncio.gather(*(_held(ctx, token) for token in ctx.handles.tokens.values()))
    facts: list[Fact] = []
    total: Decimal | None = Decimal(0)
    for one in held:
        if not one.base_units:
            continue
        usd, text = await _worth(ctx, one)
        facts.append(Fact(name=one.token.label, text=f"{one}, {text}"))
        total = None if usd is None or total is None else total + usd
    lent = await _lent(ctx)
    if lent is not None:
        label, found = lent
        facts.append(Fact(name=label, text=_position_told(found)))
        total = None if total is None else total + found.collateral_usd - found.debt_usd
    said = "unknown, because something has no price" if total is None else dollars(total)
    return [Fact(name="total worth", text=said), *facts]


@tool(
    effect="read",
    says=(
        "[(show|what is|what's)] [me] [the] (current|) price of {token}",
        "[(show|what is|what's)] [me] {token} price",
        "how much is {token} [worth]",
    ),
)
async def price(ctx: Context, token: Token) -> list[Fact]:
    """What an asset costs."""
    try:
        text = f"{dollars(await ctx.price(token))} by its feed"
    except NoPrice as error:
        text = f"unknown: {error}"
    return [Fact(name=f"{token.label} price", text=text)]


@tool(effect="read", says=("[(show|what is|what's)] [me] [the|our|my] [current] health factor",))
async def health_factor(ctx: Context) -> list[Fact]:
    """How safe the debt is."""
    pool = the_pool(ctx, None)
    found = await position(ctx, pool)
    if found.health_factor is None:
        return [Fact(name="health factor", text=f"not at risk: there is no debt on {pool.label}")]
    return [
        Fact(name="health factor", text=f"{found.health_factor:.3f} (liquidation begins below 1)"),
        Fact(name="collateral", text=dollars(found.collateral_usd)),
        Fact(name="debt", text=dollars(found.debt_usd)),
    ]


async def _held(ctx: Context, token: Token) -> Amount:
    return Amount(token, await ctx.holding(token, Basis.BALANCE))


async def _worth(ctx: Context, held: Amount) -> tuple[Decimal | None, str]:
    try:
        usd = usd_of(held.token, held.base_units, await ctx.price(held.token))
    except NoPrice as error:
        return None, f"worth unknown: {error}"
    return usd, dollars(usd)


async def _lent(ctx: Context) -> tuple[str, Position] | None:
    """The position in the book's pool, where there is a pool and anything in it."""
    try:
        pool = the_pool(ctx, None)
    except NotOffered:
        return None
    found = await position(ctx, pool)
    return (pool.label, found) if found.collateral_usd or found.debt_usd else None


def _position_told(found: Position) -> str:
    text = f"{dollars(found.collateral_usd)} supplied, {dollars(found.debt_usd)} owed"
    return text if found.health_factor is None else f"{text}, health factor {found.health_factor:.3f}"
