"""Permit2 (AllowanceTransfer.sol and SignatureTransfer.sol): allowances that it keeps itself, with an expiry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Allowance

DETAILS = "(address,uint160,uint48,uint48)"


@dataclass(frozen=True)
class Grant:
    """An allowance inside Permit2: what ``spender`` may take of ``token`` until the second ``until``."""

    token: str
    amount: int
    spender: str
    until: int


def allow(draft: Draft, frame: Frame | None, kind: Kind, grant: Grant, permit2: str) -> None:
    """Append the approval or permit of ``grant`` at the contract ``permit2``; its token must be in the registry."""
    index = draft.approval(
        kind,
        frame,
        grant.token,
        grant.amount,
        grant.spender,
        deadline=grant.until,
        target=permit2,
        keeper=permit2,
        note="inside Permit2",
    )
    draft.moves(index, Allowance(grant.token, grant.spender, grant.amount, absolute=True, keeper=permit2))
    draft.require_registered(frame, index, grant.token)


def _approve(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    token, spender, amount, expiration = arguments
    if amount == 0:
        _revoke(draft, frame, token, spender)
    else:
        allow(draft, frame, Kind.APPROVAL, Grant(token, amount, spender, expiration), frame.target)


def _revoke(draft: Draft, frame: Frame, token: str, spender: str) -> None:
    index = draft.add(
        Kind.REVOCATION,
        frame,
        asset=token,
        amount=0,
        counterparty=spender,
        keeper=frame.target,
        note="inside Permit2",
    )
    draft.moves(index, Allowance(token, spender, 0, absolute=True, keeper=frame.target))
    draft.require_registered(frame, index, token)


def _lockdown(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    for token, spender in arguments[0]:
        _revoke(draft, frame, token, spender)


def _moved(
    draft: Draft, frame: Frame, owner: str, to: str, amount: int, token: str, *, deadline: int | None = None
) -> None:
    if owner == draft.account:
        index = draft.transfer(frame, token, amount, to, deadline=deadline)
    else:
        index = draft.add(Kind.PULL, frame, asset=token, amount=amount, counterparty=to, on_behalf_of=owner)
    draft.require_registered(frame, index, token)


def _transfer_from(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, to, amount, token = arguments
    _moved(draft, frame, owner, to, amount, token)


def _transfer_batch(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    for owner, to, amount, token in arguments[0]:
        _moved(draft, frame, owner, to, amount, token)


def _permit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, (details, spender, deadline), _ = arguments
    if owner != draft.account:
        draft.unknown(f"what the permit of {owner}, who is not the account, is for", frame)
        return
    for token, amount, expiration, _nonce in (details,) if details and isinstance(details[0], str) else details:
        allow(draft, frame, Kind.PERMIT, Grant(token, amount, spender, max(deadline, expiration)), frame.target)


def _invalidate(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    draft.add(Kind.CALL, frame, note="invalidates signatures")


def _signed_transfer(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """SignatureTransfer.sol: the owner's signature lets us, the spender, take at most what it permits."""
    ((permitted, _, deadline), details, owner) = arguments[:3]
    single = bool(permitted) and isinstance(permitted[0], str)
    allowed, wanted = ((permitted,), (details,)) if single else (permitted, details)
    if len(allowed) != len(wanted):
        draft.unknown(f"what a transfer of {len(wanted)} amounts by {len(allowed)} permits does", frame)
        return
    for (token, most), (to, amount) in zip(allowed, wanted, strict=True):
        _moved(draft, frame, owner, to, amount, token, deadline=deadline)
        if amount > most:
            draft.unknown(f"what a transfer of {amount} by a permit of {most} is: Permit2 refuses it", frame)


_PERMITTED, _DETAILS = "(address,uint256)", "(address,uint256)"
_ONE = f"({_PERMITTED},uint256,uint256),{_DETAILS},address"
_MANY = f"({_PERMITTED}[],uint256,uint256),{_DETAILS}[],address"
PERMIT2 = (
    Function("approve(address,address,uint160,uint48)", _approve),
    Function("lockdown((address,address)[])", _lockdown),
    Function("transferFrom(address,address,uint160,address)", _transfer_from),
    Function("transferFrom((address,address,uint160,address)[])", _transfer_batch),
    Function(f"permit(address,({DETAILS},address,uint256),bytes)", _permit),
    Function(f"permit(address,({DETAILS}[],address,uint256),bytes)", _permit),
    Function(f"permitTransferFrom({_ONE},bytes)", _signed_transfer),
    Function(f"permitTransferFrom({_MANY},bytes)", _signed_transfer),
    Function(f"permitWitnessTransferFrom({_ONE},bytes32,string,bytes)", _signed_transfer),
    Function(f"permitWitnessTransferFrom({_MANY},bytes32,string,bytes)", _signed_transfer),
    Function("invalidateNonces(address,address,uint48)", _invalidate),
    Function("invalidateUnorderedNonces(uint256,uint256)", _invalidate),
)
