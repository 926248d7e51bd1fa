"""The payments of SwapRouter02: they move the router's own balance, and take their recipients literally."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....wallets.values import NATIVE, UINT256_MAX
from ...effect import Kind
from ..draft.settlement import Use
from ..tokens.erc20 import has_permit
from .router_balance import Lot, RouterBalance


def unwrap(balance: RouterBalance, minimum: int, recipient: str) -> None:
    """All WETH of the router leaves as ether, at least ``minimum`` of it."""
    if recipient == balance.router:
        balance.draft.unknown("what the router does with ether that it sends to itself", balance.frame)
        return
    balance.pay_out(balance.take_weth(), minimum, recipient, NATIVE)


def _unwrap_to(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    minimum, recipient = arguments
    unwrap(balance, minimum, recipient)


def _unwrap_to_sender(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    unwrap(balance, arguments[0], balance.draft.account)


def sweep(balance: RouterBalance, token: str, minimum: int, recipient: str) -> None:
    """All of a token in the router leaves, at least ``minimum`` of it."""
    if not balance.draft.require_registered(balance.frame, None, token):
        return  # its code would run while the router holds what is ours
    if recipient != balance.router:
        balance.pay_out(balance.take(token), minimum, recipient, token)


def _sweep_to(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, minimum, recipient = arguments
    sweep(balance, token, minimum, recipient)


def _sweep_to_sender(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, minimum = arguments
    sweep(balance, token, minimum, balance.draft.account)


def _refund(balance: RouterBalance, _: tuple[Any, ...]) -> None:
    """All ether in the router goes back to the sender."""
    balance.ether, balance.ether_exact = 0, True


def wrap(balance: RouterBalance, amount: int) -> None:
    """So much of the router's ether becomes WETH, in the router."""
    if amount > balance.ether or not balance.ether_exact:
        balance.draft.unknown(f"whether the router has {amount} wei of ours to wrap", balance.frame, asset=NATIVE)
        return
    balance.ether -= amount
    balance.lots.append(Lot(NATIVE, amount, True, NATIVE, amount, False))


def _wrap(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    wrap(balance, arguments[0])


def _pull(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """Our tokens move into the router."""
    token, amount = arguments
    balance.lots.append(Lot(token, amount, True, token, amount, False, (Use(token, balance.router, amount, True),)))


def _self_permit(balance: RouterBalance, token: str, amount: int, deadline: int) -> None:
    draft, frame = balance.draft, balance.frame
    index = draft.approval(Kind.PERMIT, frame, token, amount, balance.router, deadline=deadline)
    if not has_permit(draft, token):
        draft.unknown(f"what {token} does with a permit", frame, beside=index, asset=token)


def _self_permit_value(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, amount, deadline = arguments[:3]
    _self_permit(balance, token, amount, deadline)


def _self_permit_allowed(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    token, _, expiry = arguments[:3]
    _self_permit(balance, token, UINT256_MAX, expiry)


PAYMENTS: dict[str, Callable[[RouterBalance, tuple[Any, ...]], None]] = {
    "unwrapWETH9(uint256,address)": _unwrap_to,
    "unwrapWETH9(uint256)": _unwrap_to_sender,
    "sweepToken(address,uint256,address)": _sweep_to,
    "sweepToken(address,uint256)": _sweep_to_sender,
    "refundETH()": _refund,
    "wrapETH(uint256)": _wrap,
    "pull(address,uint256)": _pull,
    "selfPermit(address,uint256,uint256,uint8,bytes32,bytes32)": _self_permit_value,
    "selfPermitIfNecessary(address,uint256,uint256,uint8,bytes32,bytes32)": _self_permit_value,
    "selfPermitAllowed(address,uint256,uint256,uint8,bytes32,bytes32)": _self_permit_allowed,
    "selfPermitAllowedIfNecessary(address,uint256,uint256,uint8,bytes32,bytes32)": _self_permit_allowed,
}
