"""Liquidity of Uniswap's v2 router (v2-periphery, UniswapV2Router02.sol): what leaves is named, what comes is open.

The share of a pair is a token of its own, at an address that the calldata does not have; how many shares come, and what
they are worth, the reserves of the moment decide. So each of these raises unknown beside what it can name.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import NATIVE
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Use


def _put_in(draft: Draft, frame: Frame, asset: str, amount: int, to: str, deadline: int) -> int:
    index = draft.add(
        Kind.SUPPLY,
        frame,
        asset=asset,
        amount=amount,
        exact=False,
        on_behalf_of=to,
        deadline=deadline,
        note="into a pair",
    )
    if asset != NATIVE:
        draft.moves(index, Use(asset, frame.target, amount, exact=False))
    draft.require_registered(frame, index, asset)
    return index


def _shares_unknown(draft: Draft, frame: Frame, index: int, to: str) -> None:
    words = "how many shares of the pair come, and what they are worth: the calldata guarantees none"
    draft.unknown(words, frame, beside=index, counterparty=to)


def _add(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    first, second, first_amount, second_amount, _, _, to, deadline = arguments
    index = _put_in(draft, frame, first, first_amount, to, deadline)
    _put_in(draft, frame, second, second_amount, to, deadline)
    _shares_unknown(draft, frame, index, to)


def _add_coin(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """At most the value of the call; what the ratio does not need comes back."""
    token, amount, _, _, to, deadline = arguments
    index = _put_in(draft, frame, token, amount, to, deadline)
    _put_in(draft, frame, NATIVE, frame.value, to, deadline)
    _shares_unknown(draft, frame, index, to)


def _removed(draft: Draft, frame: Frame, shares: int, to: str, deadline: int, pair: str) -> int:
    words = f"which token the shares of {pair} are: the calldata does not have the pair's address"
    return draft.unknown(words, frame, amount=shares, counterparty=to, deadline=deadline)


def _remove(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    first, second, shares, _, _, to, deadline, *permit = arguments
    index = _removed(draft, frame, shares, to, deadline, f"{first} and {second}")
    _permitted(draft, frame, index, permit)


def _remove_coin(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    token, shares, _, _, to, deadline, *permit = arguments
    index = _removed(draft, frame, shares, to, deadline, f"{token} and the chain's coin")
    _permitted(draft, frame, index, permit)


def _permitted(draft: Draft, frame: Frame, index: int, permit: list[Any]) -> None:
    """A permit over the shares is for their number, or without a limit."""
    if permit and permit[0]:
        draft.add(Kind.UNLIMITED_APPROVAL, frame, counterparty=frame.target, beside=index)


_PAIR = "address,address,uint256,uint256,uint256,address,uint256"
_COIN = "address,uint256,uint256,uint256,address,uint256"
_PERMIT = "bool,uint8,bytes32,bytes32"
_FEE = "SupportingFeeOnTransferTokens"
UNISWAP_V2_LIQUIDITY = (
    Function("addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)", _add),
    Function(f"addLiquidityETH({_COIN})", _add_coin, payable=True),
    Function(f"removeLiquidity({_PAIR})", _remove),
    Function(f"removeLiquidityWithPermit({_PAIR},{_PERMIT})", _remove),
    Function(f"removeLiquidityETH({_COIN})", _remove_coin),
    Function(f"removeLiquidityETHWithPermit({_COIN},{_PERMIT})", _remove_coin),
    Function(f"removeLiquidityETH{_FEE}({_COIN})", _remove_coin),
    Function(f"removeLiquidityETHWithPermit{_FEE}({_COIN},{_PERMIT})", _remove_coin),
)
