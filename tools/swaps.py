"""swap and buy: Uniswap v3 at the best route's quote, never worse than the oracle allows, with exact allowances."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from ..policies.effect import Kind
from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from .errors import InvalidArgument, PoorMarket
from .funds import require, spendable
from .handles import Token, Venue
from .pricing import BPS, units_for, usd_of
from .slots import Amount
from .tool import Context, tool
from .uniswap_v3 import (
    THE_ROUTER,
    Market,
    Quote,
    exact_input,
    exact_output,
    quotes_in,
    quotes_out,
    refund,
    the_market,
    together,
    unwrap_to,
)
from .venues import wrapped_native
from .wrapping import unwrap, wrap

QUOTE_TOLERANCE_BPS = 30
"""What other trades may cost us between the quote and the block."""
DEADLINE_SECONDS = 3600
"""A swap that waited longer is stale; people have an hour to approve one."""


@dataclass(frozen=True, slots=True)
class Trade:
    """One swap to be made: at most ``sell`` for at least ``get``; ``exact``: ``sell`` leaves to the last unit."""

    market: Market
    call: Call
    sell: Amount
    get: Amount
    exact: bool
    claim: Claim

    def __str__(self) -> str:
        most, least = ("", "at least ") if self.exact else ("at most ", "")
        return f"{most}{self.sell} for {least}{self.get}"

    def approval(self) -> Call:
        """An allowance of just what this trade may take."""
        return allowance(self.sell.token, self.market, self.sell.base_units)


@tool(
    effect="propose",
    topic="swap",
    says=(
        "(swap|sell|exchange|convert|trade|change|turn) {sell} (for|to|into|in) {buy} [(on|via|using|at|with) {venue}]",
        "(buy|get|purchase|acquire) {buy} (with|for|using|from) {sell} [(on|via|at) {venue}]",
    ),
)
async def swap(ctx: Context, sell: Amount, buy: Token, venue: Venue | None = None) -> Proposal:
    """Sell an exact amount of one asset for another."""
    if one_coin(ctx, sell.token, buy):
        return await _wrapping(ctx, sell, buy)
    sell = await spendable(ctx, sell, calls=2)
    market = the_market(ctx, venue)
    trade = await sale(ctx, market, sell, buy)
    calls = [trade.call] if sell.token.is_native else [trade.approval(), trade.call]
    return ctx.propose(calls, claims=[trade.claim], purpose=f"swap {trade} on {market.label}")


@tool(
    effect="propose",
    topic="swap",
    says=(
        "(buy|get|purchase|acquire) {amount} (with|for|using|from) {using} [(on|via|at) {venue}]",
        "(sell|swap|trade|exchange|convert) {using} (for|to|into) {amount} [(on|via|at) {venue}]",
    ),
)
async def buy(ctx: Context, amount: Amount, using: Token, venue: Venue | None = None) -> Proposal:
    """Buy an exact amount of an asset with another."""
    if one_coin(ctx, using, amount.token):
        return await _wrapping(ctx, replace(amount, token=using), amount.token)
    market = the_market(ctx, venue)
    trade = await purchase(ctx, market, amount, using)
    calls = [trade.call]
    if not using.is_native:
        calls = [trade.approval(), trade.call, allowance(using, market, 0)]
    return ctx.propose(calls, claims=[trade.claim], purpose=f"swap {trade} on {market.label}")


async def sale(ctx: Context, market: Market, sell: Amount, buy: Token) -> Trade:
    """Sell exactly ``sell`` by the best route. Raises PoorMarket, NoPrice, InvalidArgument."""
    sold, bought = _traded(ctx, sell.token), _traded(ctx, buy)
    if sold == bought:
        raise InvalidArgument(f"a swap takes two different assets, not {sold.label} twice")
    usd = usd_of(sell.token, sell.base_units, await ctx.price(sell.token))
    price = await ctx.price(buy)
    least = units_for(buy, usd * (BPS - ctx.slippage_bps) / BPS, price, up=True)
    quotes = await quotes_in(ctx, market, sold.address, bought.address, sell.base_units)
    best = _best(market, quotes, sell.token, buy)
    if best.amount < least:
        fair = Amount(buy, units_for(buy, usd, price, up=False))
        raise _poor(ctx, market, f"{Amount(buy, best.amount)} for {sell}, and the oracle says {fair}")
    minimum = max(least, best.amount * (BPS - QUOTE_TOLERANCE_BPS) // BPS)
    steps = [exact_input(best.route, _recipient(ctx, buy), sell.base_units, minimum)]
    return _trade(ctx, market, steps, sell, Amount(buy, minimum), exact=True)


async def purchase(ctx: Context, market: Market, amount: Amount, using: Token) -> Trade:
    """Buy exactly ``amount`` by the best route. Raises PoorMarket, NoPrice, NotEnough, InvalidArgument."""
    sold, bought = _traded(ctx, using), _traded(ctx, amount.token)
    if sold == bought:
        raise InvalidArgument(f"a swap takes two different assets, not {sold.label} twice")
    usd = usd_of(amount.token, amount.base_units, await ctx.price(amount.token))
    price = await ctx.price(using)
    most = units_for(using, usd / (1 - Decimal(ctx.slippage_bps) / BPS), price, up=False)
    quotes = await quotes_out(ctx, market, sold.address, bought.address, amount.base_units)
    best = _best(market, quotes, using, amount.token)
    if best.amount > most:
        fair = Amount(using, units_for(using, usd, price, up=True))
        raise _poor(ctx, market, f"{amount} for {Amount(using, best.amount)}, and the oracle says {fair}")
    reserve = ctx.gas_reserve(1) if using.is_native else 0
    held = await require(ctx, Amount(using, best.amount), reserve=reserve)
    maximum = min(most, held - reserve, best.amount * (BPS + QUOTE_TOLERANCE_BPS) // BPS)
    steps = [exact_output(best.route, _recipient(ctx, amount.token), amount.base_units, maximum)]
    return _trade(ctx, market, steps, Amount(using, maximum), amount, exact=False)


def allowance(token: Token, market: Market, base_units: int) -> Call:
    """Let the router take so much of ``token``; 0 revokes."""
    return Call.encode(token.address, "approve(address,uint256)", market.router, base_units)


def one_coin(ctx: Context, one: Token, other: Token) -> bool:
    """Whether the two are the native coin and its wrapping, which no pool trades."""
    return one != other and _traded(ctx, one) == _traded(ctx, other)


def _trade(ctx: Context, market: Market, steps: list[bytes], sell: Amount, get: Amount, *, exact: bool) -> Trade:
    """The call around ``steps``: coin is sent along and what is unused comes back, bought coin is unwrapped."""
    if get.token.is_native:
        steps = [*steps, unwrap_to(ctx.account, get.base_units)]
    if sell.token.is_native and not exact:
        steps = [*steps, refund()]
    deadline = int(ctx.now.timestamp()) + DEADLINE_SECONDS
    claim = Claim(
        kind=Kind.SWAP,
        asset=sell.token.address,
        amount=sell.base_units,
        counterparty=ctx.account,
        bought=get.token.address,
        minimum=get.base_units,
    )
    call = together(market, deadline, steps, value=sell.base_units if sell.token.is_native else 0)
    return Trade(market, call, sell, get, exact, claim)


def _traded(ctx: Context, token: Token) -> Token:
    """What pools trade for ``token``: the wrapped token for the native coin."""
    return wrapped_native(ctx) if token.is_native else token


def _recipient(ctx: Context, bought: Token) -> str:
    return THE_ROUTER if bought.is_native else ctx.account


def _best(market: Market, quotes: list[Quote], sold: Token, bought: Token) -> Quote:
    if not quotes:
        raise PoorMarket(f"{market.label} has no pools that trade so much {sold.label} for {bought.label}: try less")
    return quotes[0]


def _poor(ctx: Context, market: Market, said: str) -> PoorMarket:
    return PoorMarket(
        f"the best route of {market.label} gives {said}: worse than the oracle by more than {ctx.slippage_bps} bps; "
        "trade less at once, or wait until pools and feeds agree"
    )


async def _wrapping(ctx: Context, sell: Amount, buy: Token) -> Proposal:
    proposal: Proposal = await (unwrap if buy.is_native else wrap)(ctx, sell)
    return proposal
