"""The treasury that requests are judged against: tools as the planner sees them, and a book of labels.

Only signatures matter here; nothing runs a tool.
"""

from __future__ import annotations

from typing import Annotated, Any

from treasurer.tools import (
    Amount,
    Basis,
    Catalog,
    Context,
    Handles,
    HealthFactor,
    Payee,
    TargetWeights,
    Token,
    Venue,
    tool,
)


@tool(
    effect="propose",
    intent="pay",
    says=(
        "(send|pay|transfer|give|wire|remit) {amount} to {to}",
        "(send|pay|give|wire|transfer) {to} {amount}",
    ),
)
async def transfer(ctx: Context, to: Payee, amount: Amount) -> Any:
    """Pay an amount to a payee."""


@tool(
    effect="propose",
    intent="swap",
    says=(
        "(swap|sell|exchange|convert|trade|change|turn) {sell} (for|to|into|in) {buy} [(on|via|using|at|with) {venue}]",
        "(buy|get|purchase|acquire) {buy} (with|for|using|from) {sell} [(on|via|at) {venue}]",
    ),
)
async def swap(ctx: Context, sell: Amount, buy: Token, venue: Venue | None = None) -> Any:
    """Sell an exact amount of one asset for another."""


@tool(
    effect="propose",
    intent="swap",
    says=(
        "(buy|get|purchase|acquire) {amount} (with|for|using|from) {using} [(on|via|at) {venue}]",
        "(sell|swap|trade|exchange|convert) {using} (for|to|into) {amount} [(on|via|at) {venue}]",
    ),
)
async def buy(ctx: Context, amount: Amount, using: Token, venue: Venue | None = None) -> Any:
    """Buy an exact amount of an asset with another."""


@tool(effect="propose", intent="swap", says=("wrap {amount}", "wrap {amount} (into|to|as) weth"))
async def wrap(ctx: Context, amount: Amount) -> Any:
    """Wrap the native coin."""


@tool(effect="propose", intent="swap", says=("unwrap {amount}", "unwrap {amount} (into|to|as) (eth|ether|native)"))
async def unwrap(ctx: Context, amount: Amount) -> Any:
    """Unwrap to the native coin."""


@tool(
    effect="propose",
    intent="rebalance",
    says=(
        "rebalance [(to|into|at)] {weights}",
        "rebalance [the|our|my] (portfolio|treasury|holdings|funds|assets) (to|into|at) {weights}",
    ),
)
async def rebalance(ctx: Context, weights: TargetWeights) -> Any:
    """Trade towards target weights."""


@tool(effect="propose", intent="lend", says=("(supply|deposit|lend) {amount} [(to|on|into|in|at|with) {venue}]",))
async def supply(ctx: Context, amount: Amount, venue: Venue | None = None) -> Any:
    """Supply an asset to earn interest or as collateral."""


@tool(effect="propose", intent="lend", says=("(withdraw|redeem) {amount} [(from|out of) {venue}]",))
async def withdraw(ctx: Context, amount: Annotated[Amount, Basis.SUPPLIED], venue: Venue | None = None) -> Any:
    """Take back what was supplied."""


@tool(effect="propose", intent="lend", says=("borrow {amount} [(from|on|at) {venue}]",))
async def borrow(ctx: Context, amount: Amount, venue: Venue | None = None) -> Any:
    """Borrow against collateral."""


@tool(
    effect="propose",
    intent="lend",
    says=("repay {amount} [(to|on|at) {venue}]", "pay back {amount} [(to|on|at) {venue}]", "pay {amount} back"),
)
async def repay(ctx: Context, amount: Annotated[Amount, Basis.DEBT], venue: Venue | None = None) -> Any:
    """Pay back debt."""


@tool(
    effect="propose",
    intent="lend",
    says=("(raise|increase|lift|bring|get) [the|our|my] health factor [back] [up] to {to}",),
)
async def raise_health_factor(ctx: Context, to: HealthFactor) -> Any:
    """Raise the health factor to a target."""


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
async def balances(ctx: Context, token: Token | None = None) -> Any:
    """What the account holds."""


@tool(
    effect="read",
    says=("[(show|what is|what's)] [me] [the|our|my] portfolio [value]", "(what|how much) are we worth"),
)
async def portfolio(ctx: Context) -> Any:
    """What the whole portfolio is worth."""


@tool(
    effect="read",
    says=(
        "[(show|what is|what's)] [me] [the] (current|) price of {token}",
        "[(show|what is|what's)] [me] {token} price",
        "how much is {token} [worth]",
    ),
)
async def price(ctx: Context, token: Token) -> Any:
    """What an asset costs."""


@tool(effect="read", says=("[(show|what is|what's)] [me] [the|our|my] [current] health factor",))
async def health_factor(ctx: Context) -> Any:
    """How safe the debt is."""


TOOLS = (
    *(transfer, swap, buy, wrap, unwrap, rebalance, supply, withdraw, borrow, repay, raise_health_factor),
    *(balances, portfolio, price, health_factor),
)

HANDLES = Handles.of(
    payees=[
        Payee(label, f"0x{index:040x}") for index, label in enumerate(("alice", "bob", "carol", "cold-storage"), 1)
    ],
    tokens=[
        Token("native", "native", 18),
        Token("usdc", "0x" + "c0" * 20, 6),
        Token("dai", "0x" + "da" * 20, 18),
        Token("weth", "0x" + "ee" * 20, 18),
        Token("wbtc", "0x" + "bc" * 20, 8),
    ],
    venues=[Venue("aave-v3", "0x" + "aa" * 20), Venue("uniswap-v3", "0x" + "03" * 20)],
)

CATALOG = Catalog.of(TOOLS, HANDLES)
