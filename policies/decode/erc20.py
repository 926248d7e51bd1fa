"""ERC-20 (EIP-20), its permits by call (EIP-2612, DAI, ERC-3009), and votes of tokens (ERC-5805)."""

from __future__ import annotations

from typing import Any

from ...wallets.values import UINT256_MAX
from ..effect import Kind
from .draft import Draft, Frame
from .function import Function
from .settlement import Allowance


def _transfer(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    to, amount = arguments
    draft.transfer(frame, frame.target, amount, to)


def _transfer_from(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, to, amount = arguments
    if owner == draft.account:
        draft.transfer(frame, frame.target, amount, to)
    else:
        draft.add(
            Kind.PULL,
            frame,
            asset=frame.target,
            amount=amount,
            counterparty=to,
            on_behalf_of=owner,
            note=f"taken from {owner}",
        )


def _approve(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, amount = arguments
    _allowance(draft, frame, spender, amount, absolute=True)


def _allowance(draft: Draft, frame: Frame, spender: str, amount: int | None, *, absolute: bool, **fields: Any) -> None:
    token = frame.target
    if amount == 0:
        index = draft.add(Kind.REVOCATION, frame, asset=token, amount=0, counterparty=spender, **fields)
    else:
        index = draft.approval(Kind.APPROVAL, frame, token, amount, spender, **fields)
    draft.moves(index, Allowance(token, spender, amount, absolute))


def _standing(draft: Draft, token: str, spender: str) -> int | None:
    """The allowance before this call at its worst: as earlier calls set it, else as the chain said, else unknown."""
    for _, movement in reversed(draft.movements):
        if isinstance(movement, Allowance) and (movement.token, movement.spender) == (token, spender):
            return movement.amount
    return draft.allowances.get(f"{token}:{spender}")


def _unread(draft: Draft, spender: str) -> str:
    why = "--static reads no chain" if draft.static else "it was not read from the chain"
    return f"the allowance that results for {spender}: what it is before this call is unknown, {why}"


def _increase(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, added = arguments
    before = _standing(draft, frame.target, spender)
    if before is None:
        _allowance(draft, frame, spender, None, absolute=False, unknown=(_unread(draft, spender),))
    else:
        _allowance(draft, frame, spender, min(before + added, UINT256_MAX), absolute=False)


def _decrease(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, subtracted = arguments
    before = _standing(draft, frame.target, spender)
    if before is None:
        _allowance(draft, frame, spender, None, absolute=False, unknown=(_unread(draft, spender),))
    elif subtracted > before:
        draft.unknown(f"what an allowance of {before} becomes when {subtracted} are taken from it", frame)
    else:
        _allowance(draft, frame, spender, before - subtracted, absolute=False)


def has_permit(draft: Draft, token: str) -> bool:
    """Whether signatures can move this token of the registry: WETH9 has no permit, its fallback answers anything."""
    entry = draft.token(token)
    return entry is not None and entry.kind == "erc20" and entry.permit is not False


def _permit(draft: Draft, frame: Frame, owner: str, spender: str, amount: int, deadline: int) -> None:
    if owner != draft.account:
        draft.unknown(f"what the permit of {owner}, who is not the account, is for", frame)
        return
    index = draft.approval(Kind.PERMIT, frame, frame.target, amount, spender, deadline=deadline)
    if not has_permit(draft, frame.target):
        draft.unknown(f"what {frame.target} does with a permit: the token has none", frame, beside=index)


def _permit_eip2612(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, spender, amount, deadline = arguments[:4]
    _permit(draft, frame, owner, spender, amount, deadline)


def _permit_dai(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    holder, spender, _, expiry, allowed = arguments[:5]
    _permit(draft, frame, holder, spender, UINT256_MAX if allowed else 0, expiry)


def _with_authorization(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, to, amount, _, valid_before = arguments[:5]
    if owner == draft.account:
        index = draft.transfer(frame, frame.target, amount, to, deadline=valid_before)
        if not has_permit(draft, frame.target):
            draft.unknown(f"what {frame.target} does with an authorization: the token has none", frame, beside=index)
    else:
        _transfer_from(draft, frame, (owner, to, amount))


def _delegate(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.DELEGATION, frame, asset=frame.target, counterparty=arguments[0], note="votes")


def _approve_delegation(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    delegatee, amount = arguments
    draft.add(Kind.DELEGATION, frame, asset=frame.target, amount=amount, counterparty=delegatee, note="debt")


TRANSFERS = (
    Function("transfer(address,uint256)", _transfer),
    Function("transferFrom(address,address,uint256)", _transfer_from),
    Function("approve(address,uint256)", _approve),
    Function("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", _permit_eip2612),
    Function("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", _permit_dai),
)
DEBT_TOKEN = (Function("approveDelegation(address,uint256)", _approve_delegation),)
ERC20 = (
    *TRANSFERS,
    *DEBT_TOKEN,
    Function("increaseAllowance(address,uint256)", _increase),
    Function("decreaseAllowance(address,uint256)", _decrease),
    *(
        Function(f"{name}(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)", _with_authorization)
        for name in ("transferWithAuthorization", "receiveWithAuthorization")
    ),
    Function("delegate(address)", _delegate),
)
