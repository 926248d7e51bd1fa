"""supply, withdraw, borrow and repay on Aave v3: exact allowances, revoked where the pool may take less."""

from __future__ import annotations

from typing import Annotated

from ..policies.effect import Kind
from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from ..wallets.values import UINT256_MAX
from .aave_v3 import (
    NO_REFERRAL,
    VARIABLE_RATE,
    holding,
    oracle_price,
    position,
    repay_calls,
    reserve,
    supply_calls,
    the_pool,
)
from .errors import NotEnough
from .funds import require, spendable
from .handles import Venue
from .pricing import dollars, usd_of
from .slots import Amount, Basis
from .tool import Context, tool
from .venues import wrapped_native
from .wrapping import wrap_call

INTEREST_MARGIN = 1000
"""A debt grows until it is repaid: one part in so many is allowed on top (at 100 % a year, nine hours of interest)."""


@tool(effect="propose", topic="lend", says=("(supply|deposit|lend) {amount} [(to|on|into|in|at|with) {venue}]",))
async def supply(ctx: Context, amount: Amount, venue: Venue | None = None) -> Proposal:
    """Supply an asset to earn interest or as collateral."""
    pool = the_pool(ctx, venue)
    token = wrapped_native(ctx) if amount.token.is_native else amount.token
    await reserve(ctx, pool, token)
    amount = await spendable(ctx, amount, calls=3)
    calls, claim = supply_calls(ctx, pool, token, amount.base_units)
    claims = [claim]
    if amount.token.is_native:
        wrapping, wrapped = wrap_call(ctx, amount.base_units)
        calls, claims = [wrapping, *calls], [wrapped, claim]
    return ctx.propose(calls, claims=claims, purpose=f"supply {amount} to {pool.label}")


@tool(effect="propose", topic="lend", says=("(withdraw|redeem) {amount} [(from|out of) {venue}]",))
async def withdraw(ctx: Context, amount: Annotated[Amount, Basis.SUPPLIED], venue: Venue | None = None) -> Proposal:
    """Take back what was supplied."""
    pool = the_pool(ctx, venue)
    supplied = Amount(amount.token, await holding(ctx, pool, amount.token, Basis.SUPPLIED))
    if amount.base_units > supplied.base_units:
        short = Amount(amount.token, amount.base_units - supplied.base_units)
        raise NotEnough(f"{supplied} is supplied to {pool.label}: {short} short of {amount}; ask for less, or for all")
    token = amount.token
    # The largest number takes everything, with the interest of the very block.
    base_units = UINT256_MAX if amount.everything else amount.base_units
    signature = "withdraw(address,uint256,address)"
    call = Call.encode(pool.address, signature, token.address, base_units, ctx.account)
    claim = Claim(kind=Kind.WITHDRAW, asset=token.address, amount=base_units, counterparty=ctx.account)
    told = f"all {token.label}, now {supplied}," if amount.everything else f"{amount}"
    return ctx.propose([call], claims=[claim], purpose=f"withdraw {told} from {pool.label}")


@tool(effect="propose", topic="lend", says=("borrow {amount} [(from|on|at) {venue}]",))
async def borrow(ctx: Context, amount: Amount, venue: Venue | None = None) -> Proposal:
    """Borrow against collateral."""
    pool, token = the_pool(ctx, venue), amount.token
    await reserve(ctx, pool, token)
    available = (await position(ctx, pool)).available_usd
    wanted = usd_of(token, amount.base_units, await oracle_price(ctx, pool, token))
    if wanted > available:
        raise NotEnough(
            f"{amount} is {dollars(wanted)}, and the collateral in {pool.label} lets {dollars(available)} be borrowed: "
            f"{dollars(wanted - available)} short; supply more first, or borrow less"
        )
    call = Call.encode(
        pool.address,
        "borrow(address,uint256,uint256,uint16,address)",
        *(token.address, amount.base_units, VARIABLE_RATE, NO_REFERRAL, ctx.account),
    )
    claim = Claim(
        kind=Kind.BORROW,
        asset=token.address,
        amount=amount.base_units,
        bought=token.address,
        minimum=amount.base_units,
    )
    return ctx.propose([call], claims=[claim], purpose=f"borrow {amount} from {pool.label}")


@tool(
    effect="propose",
    topic="lend",
    says=("repay {amount} [(to|on|at) {venue}]", "pay back {amount} [(to|on|at) {venue}]", "pay {amount} back"),
)
async def repay(ctx: Context, amount: Annotated[Amount, Basis.DEBT], venue: Venue | None = None) -> Proposal:
    """Pay back debt."""
    pool, token = the_pool(ctx, venue), amount.token
    owed = await holding(ctx, pool, token, Basis.DEBT)
    if owed == 0:
        raise NotEnough(f"nothing is owed to {pool.label} in {token.label}: there is no debt to repay")
    wanted = owed if amount.everything else min(amount.base_units, owed)
    held = await require(ctx, Amount(token, wanted))
    maximum = min(held, with_interest(owed)) if wanted == owed else wanted
    calls, claim = repay_calls(ctx, pool, token, maximum)
    told = f"all {Amount(token, owed)} of debt" if wanted == owed else f"{amount}"
    return ctx.propose(calls, claims=[claim], purpose=f"repay {told} to {pool.label}")


def with_interest(owed: int) -> int:
    """The debt with a margin for what it grows by until the transaction is included; the pool takes what is owed."""
    return owed + owed // INTEREST_MARGIN + 1
