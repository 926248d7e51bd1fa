"""Votes by signature: OpenZeppelin's Governor before and from version 5, and Compound's GovernorBravo and Alpha."""

from __future__ import annotations

from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_account, require_kind


def _vote(draft: Draft, signed: Signed) -> None:
    message = signed.message
    note = f"proposal {message['proposalId']}, support {int(message['support'])}, by signature"
    index = draft.add(Kind.VOTE, target=signed.contract, support=int(message["support"]), note=note)
    require_kind(draft, signed.contract, index, "governor")
    if "voter" in message:
        require_account(draft, signed, index, message["voter"])


_VOTER = "uint256 proposalId,uint8 support,address voter,uint256 nonce"
BALLOTS = (
    SignedStruct("Ballot(uint256 proposalId,uint8 support)", _vote),
    SignedStruct("Ballot(uint256 proposalId,bool support)", _vote),
    SignedStruct(f"Ballot({_VOTER})", _vote),
    SignedStruct("ExtendedBallot(uint256 proposalId,uint8 support,string reason,bytes params)", _vote),
    SignedStruct(f"ExtendedBallot({_VOTER},string reason,bytes params)", _vote),
)
