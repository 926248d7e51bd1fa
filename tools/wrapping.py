"""wrap and unwrap: the chain's own coin as a token, and back, one for one. Source: WETH9."""

from __future__ import annotations

from ..policies.effect import Kind
from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from ..wallets.values import NATIVE
from .errors import NotOffered
from .funds import spendable
from .slots import Amount
from .tool import Context, tool
from .venues import wrapped_native


@tool(effect="propose", topic="swap", says=("wrap {amount}", "wrap {amount} (into|to|as) weth"))
async def wrap(ctx: Context, amount: Amount) -> Proposal:
    """Wrap the native coin."""
    if not amount.token.is_native:
        raise NotOffered(f"only the native coin is wrapped, and {amount.token.label} is a token already")
    amount = await spendable(ctx, amount, calls=1)
    call, claim = wrap_call(ctx, amount.base_units)
    return ctx.propose([call], claims=[claim], purpose=f"wrap {amount}")


@tool(effect="propose", topic="swap", says=("unwrap {amount}", "unwrap {amount} (into|to|as) (eth|ether|native)"))
async def unwrap(ctx: Context, amount: Amount) -> Proposal:
    """Unwrap to the native coin."""
    if amount.token != wrapped_native(ctx):
        raise NotOffered(f"only {wrapped_native(ctx).label} unwraps to the native coin, not {amount.token.label}")
    amount = await spendable(ctx, amount, calls=1)
    call, claim = unwrap_call(ctx, amount.base_units)
    return ctx.propose([call], claims=[claim], purpose=f"unwrap {amount}")


def wrap_call(ctx: Context, base_units: int) -> tuple[Call, Claim]:
    """Turn wei into the wrapped token."""
    wrapped = wrapped_native(ctx)
    claim = Claim(kind=Kind.WRAP, asset=NATIVE, amount=base_units, bought=wrapped.address, minimum=base_units)
    return Call.encode(wrapped.address, "deposit()", value=base_units), claim


def unwrap_call(ctx: Context, base_units: int) -> tuple[Call, Claim]:
    """Turn the wrapped token into wei."""
    wrapped = wrapped_native(ctx)
    claim = Claim(kind=Kind.UNWRAP, asset=wrapped.address, amount=base_units, bought=NATIVE, minimum=base_units)
    return Call.encode(wrapped.address, "withdraw(uint256)", base_units), claim
