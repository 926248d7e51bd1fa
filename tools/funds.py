"""Whether the account has what a proposal needs, asked before anything is built; and what ``all`` of the coin is."""

from __future__ import annotations

from dataclasses import replace

from .errors import NotEnough
from .slots import Amount, Basis
from .tool import Context


async def spendable(ctx: Context, amount: Amount, *, calls: int) -> Amount:
    """``amount``, after checking that the balance covers it; all of the native coin leaves the gas of ``calls``.

    Raises NotEnough with the shortfall.
    """
    reserve = ctx.gas_reserve(calls) if amount.token.is_native else 0
    if amount.everything and amount.base_units > reserve:
        amount = replace(amount, base_units=amount.base_units - reserve)
    await require(ctx, amount, reserve=reserve)
    return amount


async def require(ctx: Context, amount: Amount, *, reserve: int = 0) -> int:
    """The balance, after checking that it covers ``amount`` and ``reserve``. Raises NotEnough with the shortfall."""
    held = await ctx.holding(amount.token, Basis.BALANCE)
    short = amount.base_units + reserve - held
    if short > 0:
        gas = f" and up to {Amount(amount.token, reserve)} for gas" if reserve else ""
        raise NotEnough(
            f"{amount}{gas} is needed and the account holds {Amount(amount.token, held)}: "
            f"{Amount(amount.token, short)} short; ask for less, or fund the account"
        )
    return held
