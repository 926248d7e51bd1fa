"""The structs that permit something when signed: EIP-2612, DAI, ERC-3009, Permit2."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...wallets.values import UINT256_MAX
from ..effect import Kind
from .draft import Draft
from .erc20 import has_permit
from .permit2 import Grant, allow


@dataclass(frozen=True)
class Signed:
    """A message that would be signed, and the contract that would verify it."""

    contract: str
    message: dict[str, Any]


@dataclass(frozen=True)
class Permit:
    """``encoded``: the struct's encodeType of EIP-712; ``decode`` appends what it permits."""

    encoded: str
    decode: Callable[[Draft, Signed], None]


def _require(draft: Draft, signed: Signed, index: int, owner: str) -> None:
    """The owner is the account, and the contract is a token of the registry that has permits."""
    if owner != draft.account:
        draft.unknown(
            f"what a signature over the assets of {owner}, who is not the account, is for",
            target=signed.contract,
            beside=index,
        )
    if draft.token(signed.contract) is None:
        draft.unknown(f"the token {signed.contract} is not in the book", target=signed.contract, beside=index)
    elif not has_permit(draft, signed.contract):
        words = f"what {signed.contract} does with a signature: the token has no permit"
        draft.unknown(words, target=signed.contract, beside=index)


def _permit(draft: Draft, signed: Signed, owner: str, amount: int, deadline: int) -> None:
    token, spender = signed.contract, signed.message["spender"]
    index = draft.approval(Kind.PERMIT, None, token, amount, spender, target=token, deadline=deadline)
    _require(draft, signed, index, owner)


def _eip2612(draft: Draft, signed: Signed) -> None:
    _permit(draft, signed, signed.message["owner"], signed.message["value"], signed.message["deadline"])


def _dai(draft: Draft, signed: Signed) -> None:
    """DAI's permit is all or nothing; its expiry of 0 means never."""
    expiry = signed.message["expiry"] or UINT256_MAX
    _permit(draft, signed, signed.message["holder"], UINT256_MAX if signed.message["allowed"] else 0, expiry)


def _authorization(draft: Draft, signed: Signed) -> None:
    """ERC-3009: whoever holds the signature may make this transfer until it expires."""
    message = signed.message
    token = signed.contract
    index = draft.transfer(
        None, token, message["value"], message["to"], target=token, deadline=message["validBefore"], note="by signature"
    )
    _require(draft, signed, index, message["from"])


def _cancel_authorization(draft: Draft, signed: Signed) -> None:
    index = draft.add(Kind.MESSAGE, target=signed.contract, note="cancels an ERC-3009 authorization")
    _require(draft, signed, index, signed.message["authorizer"])


def _permit2(draft: Draft, signed: Signed, granted: tuple[Grant, ...]) -> None:
    entry = draft.book.venue(signed.contract, draft.chain_id)
    before = len(draft.effects)
    for grant in granted:
        allow(draft, None, Kind.PERMIT, grant, signed.contract)
    if entry is None or entry.kind != "permit2":
        beside = before if granted else None
        draft.unknown(f"what {signed.contract} is: no Permit2 of the book", target=signed.contract, beside=beside)
    if not granted:
        draft.unknown("what an empty batch of permits is for", target=signed.contract)


def _allowances(draft: Draft, signed: Signed) -> None:
    """The allowance lives until its expiration, whatever the signature's deadline."""
    details, spender, deadline = (signed.message[name] for name in ("details", "spender", "sigDeadline"))
    each = details if isinstance(details, tuple) else (details,)
    _permit2(
        draft,
        signed,
        tuple(Grant(one["token"], one["amount"], spender, max(deadline, one["expiration"])) for one in each),
    )


def _transfers(draft: Draft, signed: Signed) -> None:
    permitted, spender, deadline = (signed.message[name] for name in ("permitted", "spender", "deadline"))
    each = permitted if isinstance(permitted, tuple) else (permitted,)
    _permit2(draft, signed, tuple(Grant(one["token"], one["amount"], spender, deadline) for one in each))


DETAILS = "PermitDetails(address token,uint160 amount,uint48 expiration,uint48 nonce)"
PERMISSIONS = "TokenPermissions(address token,uint256 amount)"
AUTHORIZATION = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
PERMITS = (
    Permit("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)", _eip2612),
    Permit("Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)", _dai),
    Permit(f"TransferWithAuthorization{AUTHORIZATION}", _authorization),
    Permit(f"ReceiveWithAuthorization{AUTHORIZATION}", _authorization),
    Permit("CancelAuthorization(address authorizer,bytes32 nonce)", _cancel_authorization),
    Permit(f"PermitSingle(PermitDetails details,address spender,uint256 sigDeadline){DETAILS}", _allowances),
    Permit(f"PermitBatch(PermitDetails[] details,address spender,uint256 sigDeadline){DETAILS}", _allowances),
    Permit(
        f"PermitTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline){PERMISSIONS}",
        _transfers,
    ),
    Permit(
        "PermitBatchTransferFrom(TokenPermissions[] permitted,address spender,uint256 nonce,uint256 deadline)"
        f"{PERMISSIONS}",
        _transfers,
    ),
)
