"""Uniswap v3's positions (v3-periphery, NonfungiblePositionManager.sol): what leaves and who gets it; what a position
is worth the pool's price of the moment decides, and that is unknown.

The calls after the first two name a position by its number alone: which tokens it holds only the chain knows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from ....wallets.call import selector
from ....wallets.values import ZERO_ADDRESS
from ...effect import Kind
from ..draft.abi import NotCanonical, decode
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Use
from ..tokens.nft import ERC721

Decoder = Callable[[Draft, Frame, tuple[Any, ...]], None]
MULTICALL = "multicall(bytes[])"


def _mint(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Both tokens leave at most as desired; the position is its recipient's."""
    ((first, second, _, _, _, first_amount, second_amount, _, _, to, deadline),) = arguments
    before = len(draft.effects)
    for asset, amount in ((first, first_amount), (second, second_amount)):
        fields = {"asset": asset, "amount": amount, "exact": False, "on_behalf_of": to, "deadline": deadline}
        index = draft.add(Kind.SUPPLY, frame, note="into a position", **fields)
        draft.moves(index, Use(asset, frame.target, amount, exact=False))
        draft.require_registered(frame, index, asset)
    draft.unknown("what the position is worth: the pool's price decides", frame, beside=before, counterparty=to)


def _increase(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    ((position, *_),) = arguments
    draft.unknown(f"which tokens leave into position {position}, and whose it is", frame)


def _decrease(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """What comes out stays owed to the position's owner, at the pool's price of the moment."""
    ((position, *_),) = arguments
    draft.unknown(f"what comes out of position {position}: the pool's price decides", frame)


def _collect(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """What is owed goes to the recipient; zero is the manager itself."""
    ((position, to, _, _),) = arguments
    if to == draft.account:
        draft.add(Kind.CALL, frame, counterparty=to, note=f"collects what position {position} is owed")
    else:
        to = frame.target if to == ZERO_ADDRESS else to
        draft.unknown(f"what {to} collects of position {position}", frame, counterparty=to)


def _own_payment(position: int) -> Decoder:
    """All that the manager holds goes to the recipient: to us it is an inflow, to another nobody knows how much."""

    def run(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        to = arguments[position]
        if to == draft.account:
            draft.add(Kind.CALL, frame, counterparty=to, note="takes what the position manager holds")
        else:
            draft.unknown(f"how much {to} gets of what the position manager holds", frame, counterparty=to)

    return run


def _refund(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    draft.add(Kind.CALL, frame, note="takes back the ether that the position manager holds")


def _multicall(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Multicall.sol: delegatecalls to itself, so that the sender stays; each sees the whole value."""
    for data in arguments[0]:
        function = _by_selector().get(data[:4])
        if function is None:
            draft.unknown(f"selector 0x{data[:4].hex()} inside a multicall of {frame.target}", frame)
            continue
        try:
            inner = decode(function.signature, data[4:])
        except NotCanonical as fault:
            words = f"what {function.signature} inside a multicall means: it is not canonical, {fault}"
            draft.unknown(words, frame)
            continue
        function.decode(draft, frame, inner)


def _with_value(decoder: Decoder) -> Decoder:
    """Ether pays for WETH as far as it reaches, and what is left stays for anybody."""

    def run(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        decoder(draft, frame, arguments)
        if frame.value:
            draft.stray_value(frame, "the position manager, which keeps what no position needs")

    return run


@lru_cache(maxsize=1)
def _by_selector() -> dict[bytes, Function]:
    return {selector(function.signature): function for function in _STEPS}


_STEPS = (
    Function("mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))", _mint),
    Function("increaseLiquidity((uint256,uint256,uint256,uint256,uint256,uint256))", _increase),
    Function("decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))", _decrease),
    Function("collect((uint256,address,uint128,uint128))", _collect),
    Function("sweepToken(address,uint256,address)", _own_payment(2)),
    Function("unwrapWETH9(uint256,address)", _own_payment(1)),
    Function("refundETH()", _refund),
    *ERC721,
)
UNISWAP_V3_POSITIONS = (
    *(Function(step.signature, _with_value(step.decode), payable=True) for step in _STEPS),
    Function(MULTICALL, _with_value(_multicall), payable=True),
)
