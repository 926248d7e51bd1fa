"""The functions of SwapRouter02 whose outcome its calldata does not bound: fees for a third party, and liquidity.

Source: swap-router-contracts 1.3, PeripheryPaymentsWithFeeExtended.sol, ApproveAndCall.sol, OracleSlippage.sol.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....wallets.values import NATIVE
from .router_balance import Lot, RouterBalance

MOST_FEE_BIPS = 100
"""The router refuses a larger fee."""
BIPS = 10_000

Step = Callable[[RouterBalance, tuple[Any, ...]], None]


def _pay_with_fee(
    balance: RouterBalance, lots: list[Lot], asset: str, minimum: int, *, recipient: str, bips: int, fee_recipient: str
) -> None:
    """The fee is taken of all that the router holds, after the minimum was held against it."""
    draft, frame = balance.draft, balance.frame
    kept = [replace(lot, low=max(0, lot.low - lot.low * bips // BIPS - 1)) for lot in lots]
    balance.pay_out(kept, max(0, minimum - minimum * bips // BIPS - 1), recipient, asset)
    words = f"how much {bips} basis points of the {asset} in the router are"
    index = draft.transfer(frame, asset, None, fee_recipient, unknown=(words,), note="fee")
    draft.unknown(words, frame, beside=index, asset=asset, counterparty=fee_recipient)
    if not 0 < bips <= MOST_FEE_BIPS:
        draft.unknown(f"what a fee of {bips} basis points is: the router refuses it", frame, beside=index)


def _unwrap_with_fee(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    minimum, recipient, bips, fee_recipient = arguments
    lots = balance.take_weth()
    _pay_with_fee(balance, lots, NATIVE, minimum, recipient=recipient, bips=bips, fee_recipient=fee_recipient)


def _unwrap_own_with_fee(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    minimum, bips, fee_recipient = arguments
    _unwrap_with_fee(balance, (minimum, balance.draft.account, bips, fee_recipient))


def _sweep_with_fee(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, minimum, recipient, bips, fee_recipient = arguments
    if balance.draft.require_registered(balance.frame, None, token):
        lots = balance.take(token)
        _pay_with_fee(balance, lots, token, minimum, recipient=recipient, bips=bips, fee_recipient=fee_recipient)


def _sweep_own_with_fee(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, minimum, bips, fee_recipient = arguments
    _sweep_with_fee(balance, (token, minimum, balance.draft.account, bips, fee_recipient))


def _liquidity(balance: RouterBalance, _: tuple[Any, ...]) -> None:
    words = "what the router gives to the position manager of what it holds, and what the position is worth"
    balance.draft.unknown(words, balance.frame)


def _oracle(balance: RouterBalance, _: tuple[Any, ...]) -> None:
    """Reverts where a pool's price is away from its mean, and does nothing else."""


UNBOUNDED: dict[str, Step] = {
    "unwrapWETH9WithFee(uint256,address,uint256,address)": _unwrap_with_fee,
    "unwrapWETH9WithFee(uint256,uint256,address)": _unwrap_own_with_fee,
    "sweepTokenWithFee(address,uint256,address,uint256,address)": _sweep_with_fee,
    "sweepTokenWithFee(address,uint256,uint256,address)": _sweep_own_with_fee,
    "approveMax(address)": _liquidity,
    "approveMaxMinusOne(address)": _liquidity,
    "approveZeroThenMax(address)": _liquidity,
    "approveZeroThenMaxMinusOne(address)": _liquidity,
    "callPositionManager(bytes)": _liquidity,
    "mint((address,address,uint24,int24,int24,uint256,uint256,address))": _liquidity,
    "increaseLiquidity((address,address,uint256,uint256,uint256))": _liquidity,
    "checkOracleSlippage(bytes,uint24,uint32)": _oracle,
    "checkOracleSlippage(bytes[],uint128[],uint24,uint32)": _oracle,
}
