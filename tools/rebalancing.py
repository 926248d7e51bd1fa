"""rebalance: code computes the trades that bring the named assets to their target weights, at oracle prices."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from .errors import NotEnough, NotOffered
from .handles import Token
from .pricing import dollars, units_for, usd_of
from .slots import Amount, Basis, TargetWeights, percent
from .swaps import allowance, one_coin, sale
from .tool import Context, tool
from .uniswap_v3 import Market, the_market
from .wrapping import unwrap_call, wrap_call

DUST_PART = Decimal("0.002")
DUST_USD = Decimal(1)
"""A weight that is off by less than this part of the whole, or by less than a dollar, is left alone."""
MOST_CALLS = 5
"""Transactions of one proposal. Each token that is sold needs one approval, each trade one swap."""


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of one asset, and what one whole unit of it is worth in USD."""

    token: Token
    base_units: int
    price: Decimal

    @property
    def usd(self) -> Decimal:
        """What it is worth."""
        return usd_of(self.token, self.base_units, self.price)


@tool(
    effect="propose",
    topic="rebalance",
    says=(
        "rebalance [(to|into|at)] {weights}",
        "rebalance [the|our|my] (portfolio|treasury|holdings|funds|assets) (to|into|at) {weights}",
    ),
)
async def rebalance(ctx: Context, weights: TargetWeights) -> Proposal | None:
    """Trade towards target weights."""
    market = the_market(ctx, None)
    held = await asyncio.gather(*(_held(ctx, token) for token, _ in weights.weights))
    total = sum((one.usd for one in held), Decimal(0))
    if total < DUST_USD:
        named = ", ".join(token.label for token, _ in weights.weights)
        raise NotEnough(f"the account holds {dollars(total)} of {named}: there is nothing to rebalance")
    trades = trades_to(held, dict(weights.weights))
    if not trades:
        return None
    calls, claims = await _built(ctx, market, trades)
    if len(calls) > MOST_CALLS:
        raise NotOffered(
            f"these weights need {len(calls)} transactions, over the {MOST_CALLS} of one proposal: "
            "rebalance fewer assets at once"
        )
    target = ", ".join(f"{percent(weight)} {token.label}" for token, weight in weights.weights)
    told = "; ".join(f"sell {amount} for {bought.label}" for amount, bought in trades)
    return ctx.propose(calls, claims=claims, purpose=f"rebalance {dollars(total)} to {target}: {told}")


def trades_to(held: Sequence[Held], weights: Mapping[Token, Decimal]) -> list[tuple[Amount, Token]]:
    """What to sell for what: each asset too heavy is sold for the lightest ones, by one trade less than assets at most.

    Pure; at oracle prices, before fees. Nothing smaller than dust is traded.
    """
    total = sum((one.usd for one in held), Decimal(0))
    dust = max(total * DUST_PART, DUST_USD)
    excess = {one.token: one.usd - total * weights[one.token] for one in held}
    prices = {one.token: one for one in held}
    trades: list[tuple[Amount, Token]] = []
    for _ in held:
        heaviest = max(excess, key=lambda token: excess[token])
        lightest = min(excess, key=lambda token: excess[token])
        usd = min(excess[heaviest], -excess[lightest])
        if usd < dust:
            break
        source = prices[heaviest]
        base_units = min(units_for(heaviest, usd, source.price, up=False), source.base_units)
        trades.append((Amount(heaviest, base_units), lightest))
        excess[heaviest] -= usd
        excess[lightest] += usd
    return trades


async def _held(ctx: Context, token: Token) -> Held:
    """What may be traded: of the native coin, what is left beside the gas."""
    base_units, price = await asyncio.gather(ctx.holding(token, Basis.BALANCE), ctx.price(token))
    if token.is_native:
        base_units = max(0, base_units - ctx.gas_reserve(MOST_CALLS))
    return Held(token, base_units, price)


async def _built(
    ctx: Context, market: Market, trades: Sequence[tuple[Amount, Token]]
) -> tuple[list[Call], list[Claim]]:
    """One exact allowance for each token that is sold, which its swaps use up."""
    calls: list[Call] = []
    claims: list[Claim] = []
    allowed: dict[Token, int] = {}
    for sell, bought in trades:
        if one_coin(ctx, sell.token, bought):
            call, claim = (wrap_call if sell.token.is_native else unwrap_call)(ctx, sell.base_units)
        else:
            trade = await sale(ctx, market, sell, bought)
            call, claim = trade.call, trade.claim
            if not sell.token.is_native:
                allowed[sell.token] = allowed.get(sell.token, 0) + sell.base_units
        calls.append(call)
        claims.append(claim)
    return [*(allowance(token, market, amount) for token, amount in allowed.items()), *calls], claims
