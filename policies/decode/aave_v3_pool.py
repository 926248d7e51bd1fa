"""Aave v3's pool (aave-v3-core, IPool): supply, withdraw, borrow, repay, and the switches that move nothing."""

from __future__ import annotations

from typing import Any

from ...wallets.values import UINT256_MAX
from ..effect import Kind
from .draft import Draft, Frame
from .function import Function
from .settlement import Use


def _supply(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, on_behalf_of, _ = arguments
    index = draft.add(Kind.SUPPLY, frame, asset=asset, amount=amount, on_behalf_of=on_behalf_of)
    draft.moves(index, Use(asset, frame.target, amount, exact=True))
    draft.require_registered(frame, index, asset)


def _withdraw(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """A withdrawal is for its recipient; the largest number means everything that is supplied."""
    asset, amount, to = arguments
    everything = amount == UINT256_MAX
    index = draft.add(
        Kind.WITHDRAW,
        frame,
        asset=asset,
        amount=amount,
        exact=not everything,
        counterparty=to,
        on_behalf_of=to,
        note="everything" if everything else "",
    )
    draft.require_registered(frame, index, asset)
    draft.refuse_token_as_recipient(frame, to, index, asset)


def _borrow(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, _, _, on_behalf_of = arguments
    index = draft.add(
        Kind.BORROW, frame, asset=asset, amount=amount, on_behalf_of=on_behalf_of, bought=asset, bought_minimum=amount
    )
    draft.require_registered(frame, index, asset)


def _repay(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, _, on_behalf_of = arguments
    index = draft.add(Kind.REPAY, frame, asset=asset, amount=amount, exact=False, on_behalf_of=on_behalf_of)
    draft.moves(index, Use(asset, frame.target, amount, exact=False))
    draft.require_registered(frame, index, asset)


def _repay_with_a_tokens(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Burns what is supplied against what is owed: no allowance is used."""
    asset, amount, _ = arguments
    index = draft.add(
        Kind.REPAY, frame, asset=asset, amount=amount, exact=False, on_behalf_of=draft.account, note="with aTokens"
    )
    draft.require_registered(frame, index, asset)


def _switch_collateral(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, enabled = arguments
    index = draft.add(Kind.CALL, frame, asset=asset, note=f"use as collateral: {'on' if enabled else 'off'}")
    draft.require_registered(frame, index, asset)


def _switch_e_mode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.CALL, frame, note=f"e-mode category {arguments[0]}")


AAVE_V3_POOL = (
    Function("supply(address,uint256,address,uint16)", _supply),
    Function("deposit(address,uint256,address,uint16)", _supply),
    Function("withdraw(address,uint256,address)", _withdraw),
    Function("borrow(address,uint256,uint256,uint16,address)", _borrow),
    Function("repay(address,uint256,uint256,address)", _repay),
    Function("repayWithATokens(address,uint256,uint256)", _repay_with_a_tokens),
    Function("setUserUseReserveAsCollateral(address,bool)", _switch_collateral),
    Function("setUserEMode(uint8)", _switch_e_mode),
)
