"""Functions that hand over authority, named wherever they are called: owners, roles, code, Safe modules, operators."""

from __future__ import annotations

from typing import Any

from ..effect import Kind
from .draft import Draft, Frame
from .function import Function


def _ownership(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    new_owner = next((value for value in reversed(arguments) if isinstance(value, str)), None)
    draft.add(Kind.OWNERSHIP_CHANGE, frame, counterparty=new_owner)


def _module(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    draft.add(Kind.MODULE_CHANGE, frame, counterparty=arguments[-1])


def _operator(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    operator, approved = arguments
    entry = draft.token(frame.target)
    if approved:
        draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=operator)
    elif entry is not None and entry.kind in ("erc721", "erc1155"):
        draft.add(Kind.REVOCATION, frame, asset=frame.target, amount=0, counterparty=operator)
    else:
        draft.unknown(f"what setApprovalForAll does on {frame.target}", frame)


OWNERSHIP_SIGNATURES = (
    "transferOwnership(address)",
    "acceptOwnership()",
    "renounceOwnership()",
    "setOwner(address)",
    "grantRole(bytes32,address)",
    "revokeRole(bytes32,address)",
    "renounceRole(bytes32,address)",
    "beginDefaultAdminTransfer(address)",
    "acceptDefaultAdminTransfer()",
    "upgradeTo(address)",
    "upgradeToAndCall(address,bytes)",
    "changeAdmin(address)",
    "setPendingAdmin(address)",
    "addOwnerWithThreshold(address,uint256)",
    "removeOwner(address,address,uint256)",
    "swapOwner(address,address,address)",
    "changeThreshold(uint256)",
)
MODULE_SIGNATURES = (
    "enableModule(address)",
    "disableModule(address,address)",
    "setGuard(address)",
    "setModuleGuard(address)",
    "setFallbackHandler(address)",
)
AUTHORITY = (
    *(Function(signature, _ownership, payable=True) for signature in OWNERSHIP_SIGNATURES),
    *(Function(signature, _module, payable=True) for signature in MODULE_SIGNATURES),
    Function("setApprovalForAll(address,bool)", _operator),
)
