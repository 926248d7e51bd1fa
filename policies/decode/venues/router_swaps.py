"""The swaps of SwapRouter02. An input of 0 is the router's balance; recipients 0x..01 and 0x..02 are sender and router.

A price limit other than 0 ends a swap early: an exact input becomes a maximum, and an exact output guarantees nothing
(V3SwapRouter.sol: the output is required only without a limit).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ....wallets.values import NATIVE, UINT256_MAX
from ..draft.settlement import Use
from .path import read_path, refuse_unknown_hops
from .router_balance import Lot, RouterBalance

SENDER = "0x" + "0" * 39 + "1"
ROUTER = "0x" + "0" * 39 + "2"


def exact_input(
    balance: RouterBalance, tokens: tuple[str, ...], amount: int, minimum: int, to: str, *, limited: bool
) -> None:
    """Sell ``amount`` of the first token for at least ``minimum`` of the last; 0 is all that the router holds."""
    refuse_unknown_hops(balance.draft, balance.frame, tokens)
    sold, bought, recipient = tokens[0], tokens[-1], balance.recipient(to)
    if amount == 0:
        lot = None if limited else all_of(balance, sold)
        if lot is None:
            words = f"how much {sold} is sold: an input of 0 is the router's balance, which is not ours to know"
            balance.draft.unknown(words, balance.frame, asset=sold, counterparty=recipient)
            return
        balance.arrive(replace(lot, asset=bought, low=minimum, swapped=True), recipient)
        return
    paid = _pay(balance, sold, amount, exact=not limited)
    if paid is not None:
        asset, uses = paid
        balance.arrive(Lot(asset, amount, not limited, bought, minimum, True, uses), recipient)


def exact_output(
    balance: RouterBalance, tokens: tuple[str, ...], amount: int, maximum: int, to: str, *, limited: bool
) -> None:
    """Buy ``amount`` for at most ``maximum``; ``tokens`` run from what is sold to what is bought."""
    refuse_unknown_hops(balance.draft, balance.frame, tokens)
    paid = _pay(balance, tokens[0], maximum, exact=False)
    if paid is not None:
        asset, uses = paid
        lot = Lot(asset, maximum, False, tokens[-1], 0 if limited else amount, True, uses)
        balance.arrive(lot, balance.recipient(to))


def all_of(balance: RouterBalance, asset: str) -> Lot | None:
    """Everything of ``asset`` in the router as one lot; None where nothing of ours is there, or unlike sales.

    With ether beside WETH the router would pay in ether first: None as well.
    """
    lots = [] if balance.ether and balance.draft.is_weth(asset) else balance.take(asset)
    if not lots or any(lot.sold != lots[0].sold for lot in lots):
        balance.lots.extend(lots)
        return None
    return replace(
        lots[0],
        amount=min(sum(lot.amount for lot in lots), UINT256_MAX),
        exact=all(lot.exact for lot in lots),
        uses=tuple(use for lot in lots for use in lot.uses),
    )


def _pay(balance: RouterBalance, sold: str, amount: int, *, exact: bool) -> tuple[str, tuple[Use, ...]] | None:
    """What pays: for WETH ether in the router where there is enough of it, else our tokens. None where it is open."""
    if not balance.ether or not balance.draft.is_weth(sold):
        return sold, (Use(sold, balance.router, amount, exact),)
    if amount > balance.ether:
        words = (
            f"whether the router takes ether or WETH: it holds {balance.ether} wei and the swap takes up to {amount}"
        )
        balance.draft.unknown(words, balance.frame, asset=sold)
        return None
    if not balance.ether_exact:
        balance.draft.unknown(
            "whether the ether in the router is enough for a second swap", balance.frame, asset=NATIVE
        )
        return None
    if exact:
        balance.ether -= amount
    else:
        balance.ether_exact = False
    return NATIVE, ()


def _exact_input_single(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((sold, bought, _, to, amount, minimum, price_limit),) = arguments
    exact_input(balance, (sold, bought), amount, minimum, to, limited=price_limit != 0)


def _exact_output_single(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((sold, bought, _, to, amount, maximum, price_limit),) = arguments
    exact_output(balance, (sold, bought), amount, maximum, to, limited=price_limit != 0)


def _exact_input_path(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((path, to, amount, minimum),) = arguments
    tokens = read_path(balance.draft, balance.frame, path)
    if tokens is not None:
        exact_input(balance, tokens, amount, minimum, to, limited=False)


def _exact_output_path(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """An exact output's path runs backwards: what is bought comes first."""
    ((path, to, amount, maximum),) = arguments
    tokens = read_path(balance.draft, balance.frame, path)
    if tokens is not None:
        exact_output(balance, tokens[::-1], amount, maximum, to, limited=False)


def _exact_input_v2(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    amount, minimum, tokens, to = arguments
    if len(tokens) < 2:
        balance.draft.unknown("what a path of fewer than two tokens means", balance.frame)
    else:
        exact_input(balance, tokens, amount, minimum, to, limited=False)


def _exact_output_v2(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    amount, maximum, tokens, to = arguments
    if len(tokens) < 2:
        balance.draft.unknown("what a path of fewer than two tokens means", balance.frame)
    else:
        exact_output(balance, tokens, amount, maximum, to, limited=False)


SWAPS: dict[str, Callable[[RouterBalance, tuple[Any, ...]], None]] = {
    "exactInputSingle((address,address,uint24,address,uint256,uint256,uint160))": _exact_input_single,
    "exactInput((bytes,address,uint256,uint256))": _exact_input_path,
    "exactOutputSingle((address,address,uint24,address,uint256,uint256,uint160))": _exact_output_single,
    "exactOutput((bytes,address,uint256,uint256))": _exact_output_path,
    "swapExactTokensForTokens(uint256,uint256,address[],address)": _exact_input_v2,
    "swapTokensForExactTokens(uint256,uint256,address[],address)": _exact_output_v2,
}
