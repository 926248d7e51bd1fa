"""WETH9, the wrapped native coin (its own source: deposit, withdraw, and a fallback that deposits), and the two
functions for others that Arbitrum's has beside them (aeWETH.sol: depositTo, withdrawTo).

WETH9's fallback takes the calldata of those two as well, and gives to the sender: for another they are the worst case.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import NATIVE
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from .erc20 import TRANSFERS


def wrap(draft: Draft, frame: Frame) -> None:
    """The value of the call becomes WETH of the account."""
    draft.add(
        Kind.WRAP,
        frame,
        asset=NATIVE,
        amount=frame.value,
        bought=frame.target,
        bought_minimum=frame.value,
        counterparty=draft.account,
    )


def _deposit(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    wrap(draft, frame)


def _withdraw(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    (amount,) = arguments
    draft.add(
        Kind.UNWRAP,
        frame,
        asset=frame.target,
        amount=amount,
        bought=NATIVE,
        bought_minimum=amount,
        counterparty=draft.account,
    )


def _deposit_to(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    (to,) = arguments
    if to == draft.account:
        wrap(draft, frame)
    else:
        draft.transfer(frame, NATIVE, frame.value, to, note="wrapped for its recipient")


def _withdraw_to(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    to, amount = arguments
    if to == draft.account:
        _withdraw(draft, frame, (amount,))
    else:
        draft.transfer(frame, frame.target, amount, to, note="unwrapped for its recipient")


WETH9 = (
    Function("deposit()", _deposit, payable=True),
    Function("withdraw(uint256)", _withdraw),
    Function("depositTo(address)", _deposit_to, payable=True),
    Function("withdrawTo(address,uint256)", _withdraw_to),
    *TRANSFERS,
)
