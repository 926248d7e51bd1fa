"""transfer: pay somebody of the book, in a token or in the chain's own coin."""

from __future__ import annotations

from ..policies.proposal import Claim, Proposal
from ..wallets.call import Call
from .funds import spendable
from .handles import Payee
from .slots import Amount
from .tool import Context, tool


@tool(
    effect="propose",
    topic="pay",
    says=(
        "(send|pay|transfer|give|wire|remit) {amount} to {to}",
        "(send|pay|give|wire|transfer) {to} {amount}",
    ),
)
async def transfer(ctx: Context, to: Payee, amount: Amount) -> Proposal:
    """Pay an amount to a payee."""
    amount = await spendable(ctx, amount, calls=1)
    token = amount.token
    if token.is_native:
        call = Call(to=to.address, value=amount.base_units)
    else:
        call = Call.encode(token.address, "transfer(address,uint256)", to.address, amount.base_units)
    claim = Claim.transfer(amount, to)
    return ctx.propose([call], claims=[claim], purpose=f"pay {amount} to {to.label}")
