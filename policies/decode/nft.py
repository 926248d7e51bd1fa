"""Tokens that are not fungible: ERC-721 (EIP-721) and ERC-1155 (EIP-1155)."""

from __future__ import annotations

from typing import Any

from ..effect import Kind
from .draft import Draft, Frame
from .function import Function


def _moved(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, to, token_ids = arguments[:3]
    kind = Kind.NFT_TRANSFER if owner == draft.account else Kind.PULL
    token_ids = token_ids if isinstance(token_ids, tuple) else (token_ids,)
    note = f"token {', '.join(map(str, token_ids))}"[:200]
    index = draft.add(
        kind, frame, asset=frame.target, counterparty=to, on_behalf_of=owner, token_ids=token_ids, note=note
    )
    draft.refuse_token_as_recipient(frame, to, index, frame.target)
    entry = draft.token(frame.target)
    if entry is None or entry.kind not in ("erc721", "erc1155"):
        draft.unknown(f"what {frame.target} is: the book names no such collection", frame, beside=index)


def _approve_one(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    spender, token_id = arguments
    if int(spender, 16) == 0:
        draft.add(Kind.REVOCATION, frame, asset=frame.target, counterparty=spender, note=f"token {token_id}")
    else:
        draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=spender, note=f"token {token_id}")


SAFE_TRANSFERS = (
    Function("safeTransferFrom(address,address,uint256)", _moved),
    Function("safeTransferFrom(address,address,uint256,bytes)", _moved),
    Function("safeTransferFrom(address,address,uint256,uint256,bytes)", _moved),
    Function("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", _moved),
)
ERC721 = (
    Function("transferFrom(address,address,uint256)", _moved),
    Function("approve(address,uint256)", _approve_one),
    *SAFE_TRANSFERS[:2],
)
ERC1155 = SAFE_TRANSFERS[2:]
