"""derive_effects: one proposal in, the ordered effects that it has at its worst case out."""

from __future__ import annotations

from collections.abc import Mapping

from ..effect import Effect, Kind
from ..proposal import Proposal
from .calls import decode_call
from .draft.book_view import BookView
from .draft.call_node import CallNode
from .draft.draft import Draft, Frame
from .draft.settlement import settled_approvals
from .signatures import derive_signatures

NOTHING: Mapping[str, int] = {}


def derive_effects(
    proposal: Proposal,
    book: BookView,
    *,
    total_supplies: Mapping[str, int] = NOTHING,
    allowances: Mapping[str, int] = NOTHING,
    static: bool = True,
) -> tuple[Effect, ...]:
    """Effects of ``proposal`` in order: outflows at most, inflows at least, as its bytes bound them. Never raises.

    ``total_supplies``: base units by token; ``allowances``: base units by ``token:spender``, where known;
    ``static``: no chain was read, and what is unknown for that says so.
    """
    draft = Draft(proposal.account, proposal.chain_id, book, total_supplies, allowances, decode_call, static)
    return _derived(draft, proposal)


def derive_tree(
    proposal: Proposal,
    book: BookView,
    *,
    total_supplies: Mapping[str, int] = NOTHING,
    allowances: Mapping[str, int] = NOTHING,
    static: bool = True,
) -> tuple[tuple[Effect, ...], tuple[CallNode, ...]]:
    """The effects as ``derive_effects`` finds them, and every call that was decoded, each before the ones inside it."""
    nodes: list[CallNode] = []
    draft = Draft(proposal.account, proposal.chain_id, book, total_supplies, allowances, decode_call, static, nodes)
    return _derived(draft, proposal), tuple(nodes)


def contracts_called(proposal: Proposal, book: BookView) -> tuple[str, ...]:
    """Every address that runs as a sender or as code in the tree of calls, wrappers included, in their order."""
    _, nodes = derive_tree(proposal, book)
    named = (address for node in nodes for address in (node.sender, node.target) if address is not None)
    return tuple(dict.fromkeys(named))


def _derived(draft: Draft, proposal: Proposal) -> tuple[Effect, ...]:
    for authorization in proposal.authorizations:
        _authorization(draft, authorization.chain_id, authorization.address)
    for number, call in enumerate(proposal.calls):
        decode_call(draft, Frame(number, call.to or "", call.value, draft.account), call)
    derive_signatures(draft, proposal)
    settled = settled_approvals(draft.movements) if draft.movements else {}
    return draft.finished(settled if draft.inside is None else draft.inside.settled | settled)


def _authorization(draft: Draft, chain_id: int, code: str) -> None:
    """EIP-7702: the account would run the code at ``code``."""
    index = draft.add(Kind.SET_CODE, target=code, counterparty=code)
    if chain_id != draft.chain_id:
        where = "every chain" if chain_id == 0 else f"chain {chain_id}"
        draft.unknown(
            f"what the authorization does on {where}: the proposal is for chain {draft.chain_id}", beside=index
        )
