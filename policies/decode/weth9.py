"""WETH9, the wrapped native coin (its own source: deposit, withdraw, and a fallback that deposits)."""

from __future__ import annotations

from typing import Any

from ...wallets.values import NATIVE
from ..effect import Kind
from .draft import Draft, Frame
from .erc20 import TRANSFERS
from .function import Function


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


WETH9 = (
    Function("deposit()", _deposit, payable=True),
    Function("withdraw(uint256)", _withdraw),
    *TRANSFERS,
)
