"""Calldata: the bytes of a proposal that has a wanted effect, as a person's wallet would write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ...wallets.call import Call, calldata
from ...wallets.typed_data import TypedData
from ...wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS
from ..effect import Kind
from ..proposal import Proposal
from .shapes import Shape
from .worlds import World

POOL_FEE = 500


@dataclass(frozen=True)
class Numbers:
    """What the solver chose: base units that leave, base units that come at least, seconds until the deadline."""

    amount: int
    minimum: int = 0
    deadline_seconds: int | None = None
    copies: int = 1


@dataclass(frozen=True)
class _Order:
    world: World
    shape: Shape
    numbers: Numbers
    at: datetime

    @property
    def deadline(self) -> int | None:
        """Unix seconds, where the shape is to have one."""
        seconds = self.numbers.deadline_seconds
        return None if seconds is None else int(self.at.timestamp()) + seconds

    @property
    def venue_kind(self) -> str:
        """The kind of the venue that is called."""
        target = self.shape.effect.target
        venue = None if target is None else self.world.bundle.book.venue(target, self.shape.chain_id)
        return "" if venue is None else venue.kind


Built = tuple[tuple[Call, ...], TypedData | None]


def build(world: World, shape: Shape, numbers: Numbers, at: datetime) -> Proposal | None:
    """A proposal with that effect; None where nobody here knows the bytes that have it."""
    order = _Order(world, shape, numbers, at)
    made = _BUILDERS[shape.kind](order) if shape.kind in _BUILDERS else None
    if made is None:
        return None
    calls, typed_data = made
    party = shape.party
    return world.proposal(
        shape.chain_id,
        at,
        calls=calls * numbers.copies,
        typed_data=typed_data,
        provenance={party: shape.provenance} if party == world.stranger else {},
    )


def _transfer(order: _Order) -> Built | None:
    effect, amount = order.shape.effect, order.numbers.amount
    assert effect.asset is not None
    assert effect.counterparty is not None
    if effect.asset == NATIVE:
        return ((Call(to=effect.counterparty, value=amount),), None) if effect.target == effect.counterparty else None
    if effect.target != effect.asset:
        return None
    if order.deadline is not None:
        signature = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
        rest = (0, order.deadline, b"\0" * 32, 27, b"\0" * 32, b"\0" * 32)
        call = Call.encode(effect.asset, signature, order.world.account, effect.counterparty, amount, *rest)
    else:
        call = Call.encode(effect.asset, "transfer(address,uint256)", effect.counterparty, amount)
    return (call,), None


def _approval(order: _Order) -> Built | None:
    effect = order.shape.effect
    if effect.asset is None or effect.target != effect.asset or order.deadline is not None:
        return None
    return (Call.encode(effect.asset, "approve(address,uint256)", effect.counterparty, order.numbers.amount),), None


def _permit(order: _Order) -> Built | None:
    effect = order.shape.effect
    if effect.target != effect.asset:
        return None
    kinds = {"owner": "address", "spender": "address", "value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    domain = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    message = {
        "owner": order.world.account,
        "spender": effect.counterparty,
        "value": str(order.numbers.amount),
        "nonce": "0",
        "deadline": str(UINT256_MAX if order.deadline is None else order.deadline),
    }
    typed_data = {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in domain.items()],
            "Permit": [{"name": name, "type": kind} for name, kind in kinds.items()],
        },
        "primaryType": "Permit",
        "domain": {
            "name": "Any",
            "version": "1",
            "chainId": order.shape.chain_id,
            "verifyingContract": effect.asset,
        },
        "message": message,
    }
    return (), TypedData.model_validate(typed_data)


def _wrap(order: _Order) -> Built | None:
    effect = order.shape.effect
    if effect.target is None or effect.target != effect.bought:
        return None
    return (Call.encode(effect.target, "deposit()", value=order.numbers.amount),), None


def _unwrap(order: _Order) -> Built | None:
    effect = order.shape.effect
    if effect.target is None or effect.target != effect.asset:
        return None
    return (Call.encode(effect.target, "withdraw(uint256)", order.numbers.amount),), None


def _swap(order: _Order) -> Built | None:
    effect, book = order.shape.effect, order.world.bundle.book
    if order.venue_kind not in ("uniswap-v3-router", "uniswap-v2-router"):
        return None
    wrapped = book.wrapped_native(order.shape.chain_id)
    coin = wrapped.address if wrapped is not None else ZERO_ADDRESS
    assert effect.target is not None
    assert effect.asset is not None
    sold = coin if effect.asset == NATIVE else effect.asset
    if effect.bought in (NATIVE, sold):
        return None
    amount, minimum, value = (
        order.numbers.amount,
        order.numbers.minimum,
        order.numbers.amount * (effect.asset == NATIVE),
    )
    approve = () if value else (Call.encode(sold, "approve(address,uint256)", effect.target, amount),)
    if order.venue_kind == "uniswap-v3-router":
        signature = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))"
        terms = (sold, effect.bought, POOL_FEE, effect.counterparty, amount, minimum, 0)
        if order.deadline is None:
            return (*approve, Call.encode(effect.target, signature, terms, value=value)), None
        steps = [calldata(signature, terms)]
        call = Call.encode(effect.target, "multicall(uint256,bytes[])", order.deadline, steps, value=value)
        return (*approve, call), None
    if order.deadline is None:
        return None
    path, last = [sold, effect.bought], (effect.counterparty, order.deadline)
    if value:
        signature = "swapExactETHForTokens(uint256,address[],address,uint256)"
        return (Call.encode(effect.target, signature, minimum, path, *last, value=value),), None
    signature = "swapExactTokensForTokens(uint256,uint256,address[],address,uint256)"
    return (*approve, Call.encode(effect.target, signature, amount, minimum, path, *last)), None


def _pool(order: _Order) -> Built | None:
    effect, amount = order.shape.effect, order.numbers.amount
    if order.venue_kind != "aave-v3-pool" or order.deadline is not None:
        return None
    assert effect.target is not None
    assert effect.asset is not None
    pool, asset, owner = effect.target, effect.asset, effect.on_behalf_of
    if asset == NATIVE:
        return None
    approve = Call.encode(asset, "approve(address,uint256)", pool, amount)
    if effect.kind is Kind.SUPPLY:
        return (approve, Call.encode(pool, "supply(address,uint256,address,uint16)", asset, amount, owner, 0)), None
    if effect.kind is Kind.REPAY:
        close = Call.encode(asset, "approve(address,uint256)", pool, 0)
        repay = Call.encode(pool, "repay(address,uint256,uint256,address)", asset, amount, 2, owner)
        return (approve, repay, close), None
    if effect.kind is Kind.WITHDRAW:
        return (Call.encode(pool, "withdraw(address,uint256,address)", asset, amount, owner),), None
    return (Call.encode(pool, "borrow(address,uint256,uint256,uint16,address)", asset, amount, 2, 0, owner),), None


def _nft(order: _Order) -> Built | None:
    effect = order.shape.effect
    assert effect.asset is not None
    token = order.world.bundle.book.token(effect.asset, order.shape.chain_id)
    several = token is not None and token.kind == "erc1155"
    signature = (
        "safeTransferFrom(address,address,uint256,uint256,bytes)"
        if several
        else ("safeTransferFrom(address,address,uint256)")
    )
    rest: tuple[Any, ...] = (1, 1, b"") if several else (1,)
    return (Call.encode(effect.asset, signature, order.world.account, effect.counterparty, *rest),), None


def _vote(order: _Order) -> Built | None:
    target = order.shape.effect.target
    if order.venue_kind != "governor" or target is None:
        return None
    return (Call.encode(target, "castVote(uint256,uint8)", 1, 1),), None


def _delegation(order: _Order) -> Built | None:
    effect = order.shape.effect
    assert effect.asset is not None
    if effect.amount is not None:
        signature = "approveDelegation(address,uint256)"
        return (Call.encode(effect.asset, signature, effect.counterparty, order.numbers.amount),), None
    return (Call.encode(effect.asset, "delegate(address)", effect.counterparty),), None


def _call(order: _Order) -> Built | None:
    target, book = order.shape.effect.target, order.world.bundle.book
    if target is None:
        return None
    if order.venue_kind == "aave-v3-pool":
        tokens = book.tokens(order.shape.chain_id)
        if not tokens:
            return None
        signature = "setUserUseReserveAsCollateral(address,bool)"
        return (Call.encode(target, signature, tokens[0].address, True),), None
    venue = book.venue(target, order.shape.chain_id)
    functions = {} if venue is None else venue.functions
    for signature, declared in functions.items():
        if declared.effect == "call" and signature.endswith("()"):
            return (Call.encode(target, signature),), None
    return None


_BUILDERS: dict[Kind, Callable[[_Order], Built | None]] = {
    Kind.TRANSFER: _transfer,
    Kind.APPROVAL: _approval,
    Kind.PERMIT: _permit,
    Kind.WRAP: _wrap,
    Kind.UNWRAP: _unwrap,
    Kind.SWAP: _swap,
    Kind.SUPPLY: _pool,
    Kind.WITHDRAW: _pool,
    Kind.BORROW: _pool,
    Kind.REPAY: _pool,
    Kind.NFT_TRANSFER: _nft,
    Kind.VOTE: _vote,
    Kind.DELEGATION: _delegation,
    Kind.CALL: _call,
}
