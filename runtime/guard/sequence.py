"""Sequence: what happens to the rest of a proposal when one of its calls did not succeed."""

from __future__ import annotations

from ...policies.effect import Effect, Kind
from ...policies.proposal import Claim, Proposal
from ...wallets.call import Call
from ...wallets.journal import State, StoredProposal
from ...wallets.values import hash_words
from .state import GuardState
from .submission import submit

REVOCATION = "revocation"
"""The run that the guard's own revocations belong to."""


def drop_rest(state: GuardState, key: str) -> None:
    """Drop the intents that were waiting for the one that failed; free the budget where nothing was ever sent."""
    now = state.now()
    rows = state.journal.intents(key)
    stored = state.journal.proposal(key)
    waiting = [row for row in rows if row.state in (State.APPROVED, State.RESERVED)]
    with state.database.transaction():
        for row in waiting:
            state.journal.move(row.intent, State.DROPPED, now, why="an earlier call did not succeed")
        if waiting and stored is not None:
            body = {"intent": key, "why": f"{len(waiting)} calls were not sent: an earlier one did not succeed"}
            state.log.append("dropped", stored.run, body)
        if all(row.hash is None for row in rows):
            state.ledger.release(key)


async def revoke_opened(state: GuardState, key: str, position: int) -> StoredProposal | None:
    """Propose to set to zero each allowance that the calls before ``position`` opened for calls that never came."""
    stored = state.journal.proposal(key)
    if stored is None or position == 0 or stored.run == REVOCATION:
        return None
    opened = [
        effect
        for effect in (Effect.model_validate(item) for item in stored.answer["effects"])
        if effect.kind is Kind.APPROVAL and effect.call is not None and effect.call < position
        and effect.asset is not None and effect.counterparty is not None
    ]  # fmt: skip
    if not opened:
        return None
    whole = Proposal.model_validate(stored.proposal)
    calls = tuple(Call.encode(str(one.asset), "approve(address,uint256)", one.counterparty, 0) for one in opened)
    claims = tuple(
        Claim(kind=Kind.REVOCATION, asset=one.asset, amount=0, counterparty=one.counterparty) for one in opened
    )
    revocation = whole.model_copy(
        update={
            "calls": calls,
            "claims": claims,
            "intent_key": hash_words(key, REVOCATION),
            "run": REVOCATION,
            "purpose": "revoke what an unfinished sequence had approved",
        }
    )
    return await submit(state, revocation)
