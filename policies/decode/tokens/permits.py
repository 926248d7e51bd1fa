"""Permits of fungible tokens: EIP-2612, DAI (dss, src/dai.sol), ERC-3009."""

from __future__ import annotations

from ....wallets.values import UINT256_MAX
from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_account
from .erc20 import has_permit


def _require(draft: Draft, signed: Signed, index: int, owner: str) -> None:
    """The owner is the account, and the contract is a token of the registry that has permits."""
    require_account(draft, signed, index, owner)
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


AUTHORIZATION = "(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
TOKEN_PERMITS = (
    SignedStruct("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)", _eip2612),
    SignedStruct("Permit(address holder,address spender,uint256 nonce,uint256 expiry,bool allowed)", _dai),
    SignedStruct(f"TransferWithAuthorization{AUTHORIZATION}", _authorization),
    SignedStruct(f"ReceiveWithAuthorization{AUTHORIZATION}", _authorization),
    SignedStruct("CancelAuthorization(address authorizer,bytes32 nonce)", _cancel_authorization),
)
