"""raise_health_factor: repay what the account can, then supply more, as much as brings the position to the target."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from .aave_v3 import (
    Pool,
    Position,
    Reserve,
    oracle_price,
    position,
    repay_calls,
    reserve,
    supply_calls,
    the_pool,
)
from .errors import NotEnough, NotOffered
from .handles import Token
from .lending import with_interest
from .pricing import units_for, usd_of
from .slots import Amount, Basis, HealthFactor, plain
from .tool import Context, tool

MARGIN = Decimal("1.002")
"""Aimed this much above the target, so that interest and rounding until the block do not end below it."""
LEAST_USD = Decimal("0.01")
"""A step worth less is not worth its gas."""


@dataclass(frozen=True, slots=True)
class Side:
    """One asset of the pool: what the account holds beside the pool, has supplied, owes, and the oracle's price."""

    reserve: Reserve
    held: int
    supplied: int
    owed: int
    price: Decimal

    @property
    def token(self) -> Token:
        """The asset."""
        return self.reserve.token

    @property
    def repayable_usd(self) -> Decimal:
        """How much of the debt the balance covers."""
        return usd_of(self.token, min(self.held, self.owed), self.price)


@dataclass(frozen=True, slots=True)
class Step:
    """Repay or supply so much."""

    side: Side
    base_units: int
    repays: bool

    @property
    def most(self) -> int:
        """What may leave the balance: a debt that is repaid whole has grown by then."""
        if self.repays and self.base_units == self.side.owed:
            return min(self.side.held, with_interest(self.base_units))
        return self.base_units


@tool(
    effect="propose",
    topic="lend",
    says=("(raise|increase|lift|bring|get) [the|our|my] health factor [back] [up] to {to}",),
)
async def raise_health_factor(ctx: Context, to: HealthFactor) -> Proposal | None:
    """Raise the health factor to a target."""
    pool = the_pool(ctx, None)
    now = await position(ctx, pool)
    if now.health_factor is None or now.health_factor >= to.value:
        return None
    sides = await _sides(ctx, pool)
    steps, reached = steps_to(now, sides, to.value * MARGIN)
    if not steps:
        raise NotEnough(
            f"the health factor is {_short(now.health_factor)} and the account holds nothing to repay with or to "
            "supply: fund it with the debt's asset or with collateral"
        )
    calls, claims = _calls(ctx, pool, steps)
    short = "" if reached >= to.value else f", short of {plain(to.value)}: the account holds no more"
    purpose = (
        f"{_told(steps)} on {pool.label}: health factor from {_short(now.health_factor)} to about {_short(reached)}"
    )
    return ctx.propose(calls, claims=claims, purpose=purpose + short)


def steps_to(now: Position, sides: Sequence[Side], target: Decimal) -> tuple[list[Step], Decimal]:
    """At most one repayment and one supply (five calls), and the health factor that they reach.

    Pure. ``now`` has debt; weighted collateral W over debt D is the health factor, so a repayment of D - W / target
    reaches it, and so does collateral of (target x D - W) / threshold.
    """
    weighted, debt = (now.health_factor or Decimal(0)) * now.debt_usd, now.debt_usd
    steps: list[Step] = []
    payer = max(sides, key=lambda side: side.repayable_usd, default=None)
    if payer is not None and payer.repayable_usd >= LEAST_USD:
        wanted = units_for(payer.token, debt - weighted / target, payer.price, up=True)
        step = Step(payer, min(wanted, payer.held, payer.owed), repays=True)
        steps.append(step)
        debt -= usd_of(payer.token, step.base_units, payer.price)
    if debt > LEAST_USD and weighted < target * debt:
        supplied = _more_collateral(sides, steps, target * debt - weighted)
        if supplied is not None:
            steps.append(supplied)
            side = supplied.side
            usd = usd_of(side.token, supplied.base_units, side.price)
            weighted += usd * side.reserve.liquidation_threshold
    return steps, weighted / debt if debt > LEAST_USD else Decimal("Infinity")


def _more_collateral(sides: Sequence[Side], steps: Sequence[Step], missing_usd: Decimal) -> Step | None:
    """Supply what adds ``missing_usd`` after its threshold: of what is collateral already where that can be."""
    free = {side: side.held - sum(step.most for step in steps if step.side is side) for side in sides}

    def weight(side: Side) -> Decimal:
        return usd_of(side.token, free[side], side.price) * side.reserve.liquidation_threshold

    best = max(sides, key=lambda side: (min(weight(side), missing_usd), side.supplied > 0), default=None)
    if best is None or weight(best) < LEAST_USD:
        return None
    wanted = units_for(best.token, missing_usd / best.reserve.liquidation_threshold, best.price, up=True)
    return Step(best, min(wanted, free[best]), repays=False)


async def _sides(ctx: Context, pool: Pool) -> list[Side]:
    """Every asset of the book that the pool lends."""

    async def side(token: Token) -> Side | None:
        try:
            row = await reserve(ctx, pool, token)
        except NotOffered:
            return None
        held, supplied, owed, price = await asyncio.gather(
            ctx.holding(token, Basis.BALANCE),
            ctx.chain.balance(row.a_token, ctx.account),
            ctx.chain.balance(row.variable_debt_token, ctx.account),
            oracle_price(ctx, pool, token),
        )
        return Side(row, held, supplied, owed, price)

    tokens = [token for token in ctx.handles.tokens.values() if not token.is_native]
    return [found for found in await asyncio.gather(*(side(token) for token in tokens)) if found is not None]


def _calls(ctx: Context, pool: Pool, steps: Sequence[Step]) -> tuple[list[Call], list[Claim]]:
    calls: list[Call] = []
    claims: list[Claim] = []
    for step in steps:
        build = repay_calls if step.repays else supply_calls
        added, claim = build(ctx, pool, step.side.token, step.most)
        calls += added
        claims.append(claim)
    return calls, claims


def _told(steps: Sequence[Step]) -> str:
    return " and ".join(
        f"{'repay' if step.repays else 'supply'} {Amount(step.side.token, step.base_units)}" for step in steps
    )


def _short(health_factor: Decimal) -> str:
    return "no debt" if health_factor.is_infinite() else f"{health_factor:.3f}"
