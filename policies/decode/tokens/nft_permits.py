"""Permits of tokens that are not fungible: ERC-4494, and Uniswap v4's for all tokens of an owner.

Their structs name no owner: the owner is whoever's signature it is.
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct


def _permit(draft: Draft, signed: Signed) -> None:
    spender = signed.message["spender"]
    kind = Kind.REVOCATION if spender == ZERO_ADDRESS else Kind.OPERATOR_APPROVAL
    token_id = signed.message["tokenId"]
    _collection(draft, signed, kind, spender, token_ids=(token_id,), note=f"token {token_id}, by signature")


def _permit_for_all(draft: Draft, signed: Signed) -> None:
    """v4-periphery, src/libraries/ERC721PermitHash.sol."""
    kind = Kind.OPERATOR_APPROVAL if signed.message["approved"] else Kind.REVOCATION
    _collection(draft, signed, kind, signed.message["operator"], note="every token, by signature")


def _collection(draft: Draft, signed: Signed, kind: Kind, spender: str, **fields: Any) -> None:
    contract, deadline = signed.contract, signed.message["deadline"]
    index = draft.add(kind, target=contract, asset=contract, counterparty=spender, deadline=deadline, **fields)
    entry = draft.token(contract)
    if entry is None or entry.kind != "erc721":
        draft.unknown(f"what {contract} is: the book names no such collection", target=contract, beside=index)


NFT_PERMITS = (
    SignedStruct("Permit(address spender,uint256 tokenId,uint256 nonce,uint256 deadline)", _permit),
    SignedStruct("PermitForAll(address operator,bool approved,uint256 nonce,uint256 deadline)", _permit_for_all),
)
