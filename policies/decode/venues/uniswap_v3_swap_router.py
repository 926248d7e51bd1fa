"""Uniswap's first v3 router (v3-periphery, SwapRouter.sol): deadlines in the structs, recipient zero is the router.

It has no shorthand for the sender, and pays WETH from the ether that it holds where there is enough, as its successor.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ....wallets.call import selector
from ....wallets.values import ZERO_ADDRESS
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from .path import read_path
from .router_balance import RouterBalance
from .router_payments import PAYMENTS
from .router_swaps import exact_input, exact_output

Step = Callable[[RouterBalance, tuple[Any, ...]], None]
MULTICALL = "multicall(bytes[])"


def _input_single(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((sold, bought, _, to, deadline, amount, minimum, price_limit),) = arguments
    balance.deadline = deadline
    exact_input(balance, (sold, bought), amount, minimum, to, limited=price_limit != 0)


def _output_single(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((sold, bought, _, to, deadline, amount, maximum, price_limit),) = arguments
    balance.deadline = deadline
    exact_output(balance, (sold, bought), amount, maximum, to, limited=price_limit != 0)


def _input_path(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    ((path, to, deadline, amount, minimum),) = arguments
    balance.deadline = deadline
    tokens = read_path(balance.draft, balance.frame, path)
    if tokens is not None:
        exact_input(balance, tokens, amount, minimum, to, limited=False)


def _output_path(balance: RouterBalance, arguments: tuple[Any, ...]) -> None:
    """An exact output's path runs backwards: what is bought comes first."""
    ((path, to, deadline, amount, maximum),) = arguments
    balance.deadline = deadline
    tokens = read_path(balance.draft, balance.frame, path)
    if tokens is not None:
        exact_output(balance, tokens[::-1], amount, maximum, to, limited=False)


_SINGLE = "((address,address,uint24,address,uint256,uint256,uint256,uint160))"
_PATH = "((bytes,address,uint256,uint256,uint256))"
_SHARED = (
    "unwrapWETH9(uint256,address)",
    "sweepToken(address,uint256,address)",
    "refundETH()",
    "selfPermit(address,uint256,uint256,uint8,bytes32,bytes32)",
    "selfPermitIfNecessary(address,uint256,uint256,uint8,bytes32,bytes32)",
    "selfPermitAllowed(address,uint256,uint256,uint8,bytes32,bytes32)",
    "selfPermitAllowedIfNecessary(address,uint256,uint256,uint8,bytes32,bytes32)",
)
"""Payments that its successor has, too; those with a fee for a third party are unknown."""
STEPS: dict[str, Step] = {
    f"exactInputSingle{_SINGLE}": _input_single,
    f"exactOutputSingle{_SINGLE}": _output_single,
    f"exactInput{_PATH}": _input_path,
    f"exactOutput{_PATH}": _output_path,
    **{signature: PAYMENTS[signature] for signature in _SHARED},
}


@lru_cache(maxsize=1)
def _by_selector() -> dict[bytes, str]:
    return {selector(signature): signature for signature in STEPS}


def _multicall(balance: RouterBalance, inner: tuple[bytes, ...]) -> None:
    for data in inner:
        found = balance.read(data, _by_selector())
        if found is not None:
            signature, arguments = found
            STEPS[signature](balance, arguments)


def _top(signature: str) -> Callable[[Draft, Frame, tuple[Any, ...]], None]:
    def run(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        balance = RouterBalance(draft, frame, frame.value, shorthands={ZERO_ADDRESS: frame.target})
        if signature == MULTICALL:
            _multicall(balance, arguments[0])
        else:
            STEPS[signature](balance, arguments)
        balance.close()

    return run


UNISWAP_V3_SWAP_ROUTER = tuple(Function(signature, _top(signature), payable=True) for signature in (*STEPS, MULTICALL))
