"""Tokens that are not fungible: ERC-721 (EIP-721) with its permit (ERC-4494), ERC-1155 (EIP-1155), and their burning
(OpenZeppelin, ERC721Burnable and ERC1155Burnable).
"""

from __future__ import annotations

from typing import Any

from ....wallets.values import ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function


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


def _permit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """Whose signature it is the calldata does not say; at its worst it is ours."""
    spender, token_id, deadline = arguments[:3]
    note = f"token {token_id}, by signature"
    draft.add(Kind.OPERATOR_APPROVAL, frame, asset=frame.target, counterparty=spender, deadline=deadline, note=note)


def _burn(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _moved(draft, frame, (draft.account, ZERO_ADDRESS, arguments[0]))


def _burn_of(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owner, token_ids = arguments[:2]
    _moved(draft, frame, (owner, ZERO_ADDRESS, token_ids))


SAFE_TRANSFERS = (
    Function("safeTransferFrom(address,address,uint256)", _moved),
    Function("safeTransferFrom(address,address,uint256,bytes)", _moved),
    Function("safeTransferFrom(address,address,uint256,uint256,bytes)", _moved),
    Function("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", _moved),
)
ERC721 = (
    Function("transferFrom(address,address,uint256)", _moved),
    Function("approve(address,uint256)", _approve_one),
    Function("permit(address,uint256,uint256,uint8,bytes32,bytes32)", _permit),
    Function("permit(address,uint256,uint256,bytes)", _permit),
    Function("burn(uint256)", _burn),
    *SAFE_TRANSFERS[:2],
)
ERC1155 = (
    *SAFE_TRANSFERS[2:],
    Function("burn(address,uint256,uint256)", _burn_of),
    Function("burnBatch(address,uint256[],uint256[])", _burn_of),
)
