"""Uniswap's v2 router (v2-periphery, IUniswapV2Router02): swaps with a deadline, and liquidity."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ....wallets.values import NATIVE
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Use
from .path import refuse_unknown_hops
from .uniswap_v2_liquidity import UNISWAP_V2_LIQUIDITY


def _swap(
    draft: Draft,
    frame: Frame,
    path: tuple[str, ...],
    *,
    amount: int,
    exact: bool,
    minimum: int,
    recipient: str,
    deadline: int,
    coin_in: bool = False,
    coin_out: bool = False,
) -> None:
    """One swap along ``path``; with ``coin_in`` or ``coin_out`` that end is WETH, and the coin is sold or bought."""
    if len(path) < 2:
        draft.unknown("what a path of fewer than two tokens means", frame)
        return
    if (coin_in and not draft.is_weth(path[0])) or (coin_out and not draft.is_weth(path[-1])):
        draft.unknown("what the router does with the chain's coin on a path without WETH at that end", frame)
        return
    refuse_unknown_hops(draft, frame, path)
    draft.swap(
        frame,
        sold=NATIVE if coin_in else path[0],
        amount=amount,
        exact=exact,
        bought=NATIVE if coin_out else path[-1],
        minimum=minimum,
        recipient=recipient,
        deadline=deadline,
        uses=() if coin_in else (Use(path[0], frame.target, amount, exact),),
    )
    if recipient == frame.target:
        draft.left_behind(frame, NATIVE if coin_out else path[-1], None, exact=False)


def _exact_input(draft: Draft, frame: Frame, arguments: tuple[Any, ...], *, coin_out: bool) -> None:
    amount, minimum, path, to, deadline = arguments
    _swap(
        draft,
        frame,
        path,
        amount=amount,
        exact=True,
        minimum=minimum,
        recipient=to,
        deadline=deadline,
        coin_out=coin_out,
    )


def _exact_output(draft: Draft, frame: Frame, arguments: tuple[Any, ...], *, coin_out: bool) -> None:
    amount, maximum, path, to, deadline = arguments
    _swap(
        draft,
        frame,
        path,
        amount=maximum,
        exact=False,
        minimum=amount,
        recipient=to,
        deadline=deadline,
        coin_out=coin_out,
    )


def _coin_input(draft: Draft, frame: Frame, arguments: tuple[Any, ...], *, exact: bool) -> None:
    """The value of the call is sold; for an exact output what is not needed comes back."""
    minimum, path, to, deadline = arguments
    _swap(
        draft,
        frame,
        path,
        amount=frame.value,
        exact=exact,
        minimum=minimum,
        recipient=to,
        deadline=deadline,
        coin_in=True,
    )


def _named(name: str, amounts: str, decoder: Callable[..., None], *, payable: bool = False, **fixed: bool) -> Function:
    return Function(f"{name}({amounts},address[],address,uint256)", partial(decoder, **fixed), payable)


TWO, ONE = "uint256,uint256", "uint256"
FEE = "SupportingFeeOnTransferTokens"
UNISWAP_V2_ROUTER = (
    _named("swapExactTokensForTokens", TWO, _exact_input, coin_out=False),
    _named("swapExactTokensForETH", TWO, _exact_input, coin_out=True),
    _named(f"swapExactTokensForTokens{FEE}", TWO, _exact_input, coin_out=False),
    _named(f"swapExactTokensForETH{FEE}", TWO, _exact_input, coin_out=True),
    _named("swapTokensForExactTokens", TWO, _exact_output, coin_out=False),
    _named("swapTokensForExactETH", TWO, _exact_output, coin_out=True),
    _named("swapExactETHForTokens", ONE, _coin_input, payable=True, exact=True),
    _named(f"swapExactETHForTokens{FEE}", ONE, _coin_input, payable=True, exact=True),
    _named("swapETHForExactTokens", ONE, _coin_input, payable=True, exact=False),
    *UNISWAP_V2_LIQUIDITY,
)
