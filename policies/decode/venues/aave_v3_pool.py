"""Aave v3's pool (aave-v3-core and aave-v3-origin 3.4, IPool.sol): supply, withdraw, borrow, repay, with or without a
permit, and the switches that move nothing. Flash loans and liquidations are unknown.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import UINT256_MAX
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Allowance, Use
from ..tokens.erc20 import has_permit
from .aave_v3_l2_pool import PACKED_CALLS


def _supply(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, on_behalf_of, _ = arguments
    index = draft.add(Kind.SUPPLY, frame, asset=asset, amount=amount, on_behalf_of=on_behalf_of)
    draft.moves(index, Use(asset, frame.target, amount, exact=True))
    draft.require_registered(frame, index, asset)


def _supply_with_permit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, on_behalf_of, referral, deadline = arguments[:5]
    _permit(draft, frame, asset, amount, deadline)
    _supply(draft, frame, (asset, amount, on_behalf_of, referral))


def _permit(draft: Draft, frame: Frame, asset: str, amount: int, deadline: int) -> None:
    """The pool hands our permit for itself to the token, for the amount of the call."""
    index = draft.approval(Kind.PERMIT, frame, asset, amount, frame.target, deadline=deadline, target=asset)
    draft.moves(index, Allowance(asset, frame.target, amount, absolute=True))
    if not has_permit(draft, asset):
        draft.unknown(f"what {asset} does with a permit: the token has none", frame, beside=index, asset=asset)


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


def _repay_with_permit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    asset, amount, rate_mode, on_behalf_of, deadline = arguments[:5]
    _permit(draft, frame, asset, amount, deadline)
    _repay(draft, frame, (asset, amount, rate_mode, on_behalf_of))


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


def _switch(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """A switch of a position that moves nothing."""


def _manager(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """A position manager may switch the account's collateral and e-mode (aave-v3-origin 3.4)."""
    manager, approved = arguments
    if approved:
        draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=manager, note="position manager")
    else:
        draft.add(Kind.CALL, frame, counterparty=manager, note="position manager removed")


def _flash_loan(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.unknown(f"what {arguments[0]} does with a flash loan", frame, counterparty=arguments[0])


def _liquidation(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """We pay at most so much of somebody's debt; for how much collateral the chain alone decides."""
    collateral, debt, user, amount, _ = arguments
    index = draft.unknown(
        f"how much {collateral} comes for the debt of {user}: the pool decides",
        frame,
        asset=debt,
        amount=amount,
        exact=False,
        on_behalf_of=user,
    )
    draft.moves(index, Use(debt, frame.target, amount, exact=False))


AAVE_V3_POOL = (
    Function("supply(address,uint256,address,uint16)", _supply),
    Function("deposit(address,uint256,address,uint16)", _supply),
    Function("supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)", _supply_with_permit),
    Function("withdraw(address,uint256,address)", _withdraw),
    Function("borrow(address,uint256,uint256,uint16,address)", _borrow),
    Function("repay(address,uint256,uint256,address)", _repay),
    Function("repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)", _repay_with_permit),
    Function("repayWithATokens(address,uint256,uint256)", _repay_with_a_tokens),
    Function("setUserUseReserveAsCollateral(address,bool)", _switch_collateral),
    Function("setUserEMode(uint8)", _switch_e_mode),
    Function("swapBorrowRateMode(address,uint256)", _switch),
    Function("approvePositionManager(address,bool)", _manager),
    Function("flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)", _flash_loan),
    Function("flashLoanSimple(address,address,uint256,bytes,uint16)", _flash_loan),
    Function("liquidationCall(address,address,address,uint256,bool)", _liquidation),
    *PACKED_CALLS,
)
