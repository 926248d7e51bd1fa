"""What a proposal has signed that is no transaction: typed data, a message, or a bare hash; never two at once."""

from __future__ import annotations

from ..proposal import Proposal
from .draft.draft import Draft
from .messages import derive_message, derive_raw_hash
from .typed_data import derive_typed_data


def derive_signatures(draft: Draft, proposal: Proposal) -> None:
    """Append the effects of each signature of the proposal."""
    if proposal.typed_data is None and proposal.message is None and proposal.raw_hash is None:
        return
    if proposal.typed_data is not None:
        derive_typed_data(draft, proposal.typed_data)
    if proposal.message is not None:
        derive_message(draft, proposal.message)
    if proposal.raw_hash is not None:
        derive_raw_hash(draft, proposal.raw_hash)
    signed = (proposal.typed_data, proposal.message, proposal.raw_hash)
    count = sum(item is not None for item in signed)
    if count > 1 or (count and (proposal.calls or proposal.authorizations)):
        draft.unknown("which to sign: a proposal is calls or one signature, and this one is more than one thing")
