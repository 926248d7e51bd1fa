"""Aave v3 as tools read and call it. Source: aave-v3-core, IPool, IAaveOracle, ReserveConfiguration."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..policies.effect import Kind
from ..policies.proposal import Claim
from ..wallets.call import Call
from ..wallets.values import ZERO_ADDRESS
from .errors import NotOffered
from .handles import Token, Venue
from .slots import Basis
from .tool import Context
from .venues import venue_of_kind

POOL_KIND = "aave-v3-pool"
VARIABLE_RATE = 2
NO_REFERRAL = 0
USD_DECIMALS = 8
"""Of the pool's base currency."""
_RESERVE_DATA = [
    *("uint256", "uint128", "uint128", "uint128", "uint128", "uint128", "uint40", "uint16"),
    *("address", "address", "address"),
]
"""DataTypes.ReserveData up to the three tokens; what follows is not needed."""


@dataclass(frozen=True, slots=True)
class Pool:
    """The lending pool by the book's label."""

    label: str
    address: str


@dataclass(frozen=True, slots=True)
class Reserve:
    """One asset of the pool: the tokens that stand for positions, and its liquidation threshold as a fraction."""

    token: Token
    a_token: str
    variable_debt_token: str
    liquidation_threshold: Decimal


@dataclass(frozen=True, slots=True)
class Position:
    """An account in the pool, in the pool's own USD. ``health_factor`` is None without debt."""

    collateral_usd: Decimal
    debt_usd: Decimal
    available_usd: Decimal
    liquidation_threshold: Decimal
    health_factor: Decimal | None


def the_pool(ctx: Context, named: Venue | None) -> Pool:
    """The pool that was named, or the book's. Raises NotOffered."""
    label, row = venue_of_kind(ctx, POOL_KIND, named)
    return Pool(label, row.address)


async def reserve(ctx: Context, pool: Pool, token: Token) -> Reserve:
    """The reserve of ``token``. Raises NotOffered where the pool has none, ChainError."""
    if token.is_native:
        wrapped = ctx.registry.wrapped_native
        raise NotOffered(f"{pool.label} holds {wrapped}, not the native coin: name {wrapped}")
    signature = "getReserveData(address)"
    found = await ctx.chain.read(pool.address, signature, token.address, returns=_RESERVE_DATA)
    a_token, _, debt_token = found[8:11]
    if a_token == ZERO_ADDRESS:
        raise NotOffered(f"{pool.label} does not lend {token.label}")
    threshold_bps = found[0] >> 16 & 0xFFFF
    return Reserve(token, a_token, debt_token, Decimal(threshold_bps).scaleb(-4))


async def holding(ctx: Context, pool: Pool, token: Token, basis: Basis) -> int:
    """Base units of ``token`` that the account has supplied, or owes, with interest until now."""
    row = await reserve(ctx, pool, token)
    stands_for = row.a_token if basis is Basis.SUPPLIED else row.variable_debt_token
    return await ctx.chain.balance(stands_for, ctx.account)


async def position(ctx: Context, pool: Pool) -> Position:
    """The account's position in ``pool``."""
    words = await ctx.chain.read(pool.address, "getUserAccountData(address)", ctx.account, returns=["uint256"] * 6)
    collateral, debt, available, threshold_bps, _, health = words
    return Position(
        collateral_usd=Decimal(collateral).scaleb(-USD_DECIMALS),
        debt_usd=Decimal(debt).scaleb(-USD_DECIMALS),
        available_usd=Decimal(available).scaleb(-USD_DECIMALS),
        liquidation_threshold=Decimal(threshold_bps).scaleb(-4),
        health_factor=Decimal(health).scaleb(-18) if debt else None,
    )


async def oracle_price(ctx: Context, pool: Pool, token: Token) -> Decimal:
    """USD for one whole unit by the pool's own oracle: what its health factor is computed with."""
    (provider,) = await ctx.chain.read(pool.address, "ADDRESSES_PROVIDER()", returns=["address"])
    (oracle,) = await ctx.chain.read(provider, "getPriceOracle()", returns=["address"])
    (answer,) = await ctx.chain.read(oracle, "getAssetPrice(address)", token.address, returns=["uint256"])
    return Decimal(answer).scaleb(-USD_DECIMALS)


def approve(token: Token, spender: str, base_units: int) -> Call:
    """An exact allowance; 0 revokes."""
    return Call.encode(token.address, "approve(address,uint256)", spender, base_units)


def supply_calls(ctx: Context, pool: Pool, token: Token, base_units: int) -> tuple[list[Call], Claim]:
    """Approve exactly and supply: the allowance ends at zero."""
    signature = "supply(address,uint256,address,uint16)"
    supplied = Call.encode(pool.address, signature, token.address, base_units, ctx.account, NO_REFERRAL)
    claim = Claim(kind=Kind.SUPPLY, asset=token.address, amount=base_units)
    return [approve(token, pool.address, base_units), supplied], claim


def repay_calls(ctx: Context, pool: Pool, token: Token, base_units: int) -> tuple[list[Call], Claim]:
    """Approve, repay at most ``base_units``, revoke what the debt did not take."""
    signature = "repay(address,uint256,uint256,address)"
    repaid = Call.encode(pool.address, signature, token.address, base_units, VARIABLE_RATE, ctx.account)
    claim = Claim(kind=Kind.REPAY, asset=token.address, amount=base_units)
    return [approve(token, pool.address, base_units), repaid, approve(token, pool.address, 0)], claim
