"""Aave v3's gateway for the chain's coin (aave-v3-periphery, WrappedTokenGatewayV3.sol): it wraps on the way in and
unwraps on the way out. The pool in its arguments is ignored by it, and was not by the gateways before it: it is zero or
a pool of the book, or what happens is unknown. The token that it pulls to withdraw is the
aToken of the wrapped coin, which the calldata does not name.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Decoder, Function


def _named(decode: Decoder) -> Decoder:
    def decode_with_pool(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        index = len(draft.effects)
        decode(draft, frame, arguments)
        pool = arguments[0]
        venue = draft.book.venue(pool, draft.chain_id)
        if pool != ZERO_ADDRESS and (venue is None or venue.kind != "aave-v3-pool"):
            draft.unknown(f"what {pool} is: the book names no pool there", frame, beside=index)

    return decode_with_pool


def _deposit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.SUPPLY, frame, asset=NATIVE, amount=frame.value, on_behalf_of=arguments[1])


def _withdraw(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> int:
    """The largest number means everything that is supplied."""
    _, amount, to = arguments[:3]
    everything = amount == UINT256_MAX
    return draft.add(
        Kind.WITHDRAW,
        frame,
        asset=NATIVE,
        amount=amount,
        exact=not everything,
        counterparty=to,
        on_behalf_of=to,
        note="everything" if everything else "",
    )


def _withdraw_plain(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _withdraw(draft, frame, arguments)


def _withdraw_with_permit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """The permit is over the aToken, for the amount: used up where it is exact, left open where it is everything."""
    index = _withdraw(draft, frame, arguments)
    amount, deadline = arguments[1], arguments[3]
    words = "over which aToken the permit is: the calldata does not name it"
    draft.unknown(words, frame, beside=index, amount=amount, counterparty=frame.target, deadline=deadline)
    if amount == UINT256_MAX:
        draft.add(Kind.UNLIMITED_APPROVAL, frame, amount=amount, counterparty=frame.target, beside=index)


def _repay(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """At most the value of the call; what the debt does not need comes back."""
    draft.add(Kind.REPAY, frame, asset=NATIVE, amount=frame.value, exact=False, on_behalf_of=arguments[-1])


def _borrow(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    amount = arguments[1]
    draft.add(
        Kind.BORROW,
        frame,
        asset=NATIVE,
        amount=amount,
        on_behalf_of=draft.account,
        bought=NATIVE,
        bought_minimum=amount,
        counterparty=draft.account,
    )


AAVE_V3_GATEWAY = (
    Function("depositETH(address,address,uint16)", _named(_deposit), payable=True),
    Function("withdrawETH(address,uint256,address)", _named(_withdraw_plain)),
    Function(
        "withdrawETHWithPermit(address,uint256,address,uint256,uint8,bytes32,bytes32)", _named(_withdraw_with_permit)
    ),
    Function("repayETH(address,uint256,address)", _named(_repay), payable=True),
    Function("repayETH(address,uint256,uint256,address)", _named(_repay), payable=True),
    Function("borrowETH(address,uint256,uint16)", _named(_borrow)),
    Function("borrowETH(address,uint256,uint256,uint16)", _named(_borrow)),
)
