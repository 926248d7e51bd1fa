"""ERC-20 (EIP-20) with burning (OpenZeppelin, ERC20Burnable) and calls after it (ERC-1363, ERC-677), its permits by
call (EIP-2612, DAI, ERC-3009; FiatToken v2.2 takes the signature as bytes), and votes of tokens (ERC-5805).
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import UINT256_MAX, ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function
from ..draft.settlement import Allowance


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


def _transfer_and_call(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """ERC-1363: the recipient's code runs after the transfer, with no more of ours than that."""
    _transfer(draft, frame, arguments[:2])


def _transfer_from_and_call(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _transfer_from(draft, frame, arguments[:3])


def _approve_and_call(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """The spender's code runs at once and may use the allowance: how much is left of it nobody can tell."""
    _approve(draft, frame, arguments[:2])


def _burn(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _transfer(draft, frame, (ZERO_ADDRESS, arguments[0]))


def _burn_from(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, amount = arguments
    _transfer_from(draft, frame, (owner, ZERO_ADDRESS, amount))


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


def standing_allowance(draft: Draft, token: str, spender: str) -> int | None:
    """The allowance before this call at its worst: as earlier calls set it, else as the chain said, else unknown."""
    for _, movement in reversed(draft.movements):
        if (
            isinstance(movement, Allowance)
            and movement.keeper is None
            and (movement.token, movement.spender) == (token, spender)
        ):
            return movement.amount
    return draft.allowances.get(f"{token}:{spender}")


def _unread(draft: Draft, spender: str) -> str:
    why = "--static reads no chain" if draft.static else "it was not read from the chain"
    return f"the allowance that results for {spender}: what it is before this call is unknown, {why}"


def _increase(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, added = arguments
    before = standing_allowance(draft, frame.target, spender)
    if before is None:
        _allowance(draft, frame, spender, None, absolute=False, unknown=(_unread(draft, spender),))
    else:
        _allowance(draft, frame, spender, min(before + added, UINT256_MAX), absolute=False)


def _decrease(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, subtracted = arguments
    before = standing_allowance(draft, frame.target, spender)
    if before is None:
        _allowance(draft, frame, spender, None, absolute=False, unknown=(_unread(draft, spender),))
    elif subtracted > before:
        draft.unknown(f"what an allowance of {before} becomes when {subtracted} are taken from it", frame)
    else:
        _allowance(draft, frame, spender, before - subtracted, absolute=False)


def has_permit(draft: Draft, token: str) -> bool:
    """Whether signatures can move this token of the registry: an ERC-20 can unless the book says ``permit: false``.

    WETH9 has no permit, its fallback answers anything.
    """
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


def _cancel_authorization(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    if arguments[0] == draft.account:
        draft.add(Kind.CALL, frame, note="cancels an ERC-3009 authorization")
    else:
        draft.unknown(f"what the authorization of {arguments[0]}, who is not the account, is for", frame)


def _delegate(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.DELEGATION, frame, asset=frame.target, counterparty=arguments[0], note="votes")


def _delegation_with_signature(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """DebtTokenBase.sol: the delegator's signature lets the delegatee borrow on its account."""
    delegator, delegatee, amount, deadline = arguments[:4]
    if delegator == draft.account:
        draft.add(
            Kind.DELEGATION,
            frame,
            asset=frame.target,
            amount=amount,
            counterparty=delegatee,
            deadline=deadline,
            note="debt",
        )
    else:
        draft.unknown(f"what the delegation of {delegator}, who is not the account, is for", frame)


def _approve_delegation(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    delegatee, amount = arguments
    draft.add(Kind.DELEGATION, frame, asset=frame.target, amount=amount, counterparty=delegatee, note="debt")


TRANSFERS = (
    Function("transfer(address,uint256)", _transfer),
    Function("transferFrom(address,address,uint256)", _transfer_from),
    Function("approve(address,uint256)", _approve),
    Function("permit(address,address,uint256,uint256,uint8,bytes32,bytes32)", _permit_eip2612),
    Function("permit(address,address,uint256,uint256,bytes)", _permit_eip2612),
    Function("permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)", _permit_dai),
)
DEBT_TOKEN = (
    Function("approveDelegation(address,uint256)", _approve_delegation),
    Function("delegationWithSig(address,address,uint256,uint256,uint8,bytes32,bytes32)", _delegation_with_signature),
)
_AUTHORIZATION = "address,address,uint256,uint256,uint256,bytes32"
ERC20 = (
    *TRANSFERS,
    *DEBT_TOKEN,
    Function("increaseAllowance(address,uint256)", _increase),
    Function("decreaseAllowance(address,uint256)", _decrease),
    *(
        Function(f"{name}({_AUTHORIZATION},{signature})", _with_authorization)
        for name in ("transferWithAuthorization", "receiveWithAuthorization")
        for signature in ("uint8,bytes32,bytes32", "bytes")
    ),
    Function("cancelAuthorization(address,bytes32,uint8,bytes32,bytes32)", _cancel_authorization),
    Function("cancelAuthorization(address,bytes32,bytes)", _cancel_authorization),
    Function("transferAndCall(address,uint256)", _transfer_and_call),
    Function("transferAndCall(address,uint256,bytes)", _transfer_and_call),
    Function("transferFromAndCall(address,address,uint256)", _transfer_from_and_call),
    Function("transferFromAndCall(address,address,uint256,bytes)", _transfer_from_and_call),
    Function("approveAndCall(address,uint256)", _approve_and_call),
    Function("approveAndCall(address,uint256,bytes)", _approve_and_call),
    Function("burn(uint256)", _burn),
    Function("burnFrom(address,uint256)", _burn_from),
    Function("delegate(address)", _delegate),
    Function("delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)", _delegate),
)
