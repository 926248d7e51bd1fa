"""Vaults (ERC-4626; OpenZeppelin Contracts 5, ERC4626.sol). The book's entry names the ``asset`` that the vault takes.

Deposits and withdrawals name assets to the last unit; minting and redeeming name shares, and what those cost or bring
the vault alone decides: the standing allowance bounds the first, nothing bounds the second.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import UINT256_MAX
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Use
from .erc20 import standing_allowance


def _asset(draft: Draft, frame: Frame) -> str | None:
    """The token that the vault takes; unknown raised where the book does not say."""
    asset = draft.book.underlying(frame.target, draft.chain_id)
    if asset is None:
        draft.unknown(f"which token the vault {frame.target} takes: write it in the book as its asset", frame)
    return asset


def _deposit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    amount, receiver = arguments
    asset = _asset(draft, frame)
    if asset is not None:
        index = draft.add(Kind.SUPPLY, frame, asset=asset, amount=amount, on_behalf_of=receiver)
        draft.moves(index, Use(asset, frame.target, amount, exact=True))


def _mint(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Takes what so many shares cost, which is no more than the vault is allowed to take."""
    shares, receiver = arguments
    asset = _asset(draft, frame)
    if asset is None:
        return
    allowed = standing_allowance(draft, asset, frame.target)
    fields = {"asset": asset, "amount": allowed, "exact": False, "on_behalf_of": receiver}
    index = draft.add(Kind.SUPPLY, frame, note=f"at most what is allowed, for {shares} shares", **fields)
    if allowed is None:
        words = f"what {shares} shares of {frame.target} cost: neither the calldata nor a known allowance bounds it"
        draft.unknown(words, frame, beside=index, asset=asset)
    else:
        draft.moves(index, Use(asset, frame.target, allowed, exact=False))


def _withdraw(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    amount, receiver, owner = arguments
    _out(draft, frame, amount, receiver, owner, exact=True, note="")


def _redeem(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Brings what so many shares are worth: nobody here knows how much."""
    shares, receiver, owner = arguments
    _out(draft, frame, UINT256_MAX, receiver, owner, exact=False, note=f"what {shares} shares are worth")


def _out(draft: Draft, frame: Frame, amount: int, receiver: str, owner: str, *, exact: bool, note: str) -> None:
    asset = _asset(draft, frame)
    if asset is None:
        return
    if owner != draft.account:
        note = f"taken from the shares of {owner}"
        draft.add(Kind.PULL, frame, asset=asset, amount=amount, counterparty=receiver, on_behalf_of=owner, note=note)
        return
    index = draft.add(
        Kind.WITHDRAW,
        frame,
        asset=asset,
        amount=amount,
        exact=exact,
        counterparty=receiver,
        on_behalf_of=receiver,
        note=note,
    )
    draft.refuse_token_as_recipient(frame, receiver, index, asset, frame.target)


ERC4626 = (
    Function("deposit(uint256,address)", _deposit),
    Function("mint(uint256,address)", _mint),
    Function("withdraw(uint256,address,address)", _withdraw),
    Function("redeem(uint256,address,address)", _redeem),
)
