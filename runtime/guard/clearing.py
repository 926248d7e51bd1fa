"""Clearing: the last judgement on the newest block, and the one transaction that takes nonce, writes the Record,
issues the Clearance.
"""

from __future__ import annotations

import time

from ...policies.effect import Effect
from ...policies.facts import Facts
from ...policies.proposal import Proposal
from ...policies.simulate import gas_limit
from ...policies.verdict import Verdict
from ...wallets.chain import FeeQuote
from ...wallets.clearance import Clearance
from ...wallets.errors import TreasurerError
from ...wallets.journal import IntentRow, State, StoredProposal
from ...wallets.transaction import Transaction
from .foreign import look_for_foreign
from .state import GuardState
from .submission import judged, look, settle_facts

CLEARANCE_SECONDS = 120
"""How long the signer may take: minutes for a person with a hardware key, not hours for a thief of the clearance."""
CLEARANCE_BLOCKS = 50
"""The judged block may be at most this many behind when the bytes are sent."""


class Refused(TreasurerError):
    """The last judgement said no; nothing was signed for this intent."""

    exit_status = 1

    def __init__(self, message: str, verdict: Verdict | None = None, facts: Facts | None = None) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.facts = facts


async def clear(state: GuardState, row: IntentRow) -> None:
    """Judge what is left of the proposal again and clear its next call. Raises Refused where the answer is no longer
    yes.
    """
    stored = state.journal.proposal(row.key)
    if stored is None:
        raise Refused(f"intent {row.intent} has no proposal")
    whole = Proposal.model_validate(stored.proposal)
    rest = whole.narrowed(whole.calls[row.position :])
    quote = await state.chain.fees()
    await look_for_foreign(state)
    pending = await state.chain.nonce(state.account, "pending")
    facts = await look(state, rest, quote=quote)
    with state.database.transaction():
        if state.journal.intent(row.intent).state is not State.APPROVED:
            return  # withdrawn while we looked
        facts = settle_facts(state, facts, row.key)
        verdict = judged(state, rest, facts)
        _still_good(state, stored, whole, rest, verdict, facts)
        nonce = state.journal.next_nonce(state.chain_id, state.account, pending)
        transaction = _transaction(state, rest, nonce, _gas_limit(facts), quote)
        clearance = _clearance(state, row, transaction, facts)
        record = state.log.append(
            "cleared",
            stored.run,
            {
                "key": row.key,
                "intent": row.intent,
                "clearance": clearance.model_dump(mode="json"),
                "transaction": transaction.model_dump(mode="json"),
                "policy": state.policy_link,
                "proposal": rest.to_json(),
                "facts": facts.model_dump(mode="json"),
                "verdict": verdict.model_dump(mode="json"),
            },
        )
        state.journal.add_attempt(
            row.intent,
            signing_hash=clearance.signing_hash,
            clearance=clearance.model_dump(mode="json"),
            clearance_hash=clearance.hash(),
            transaction=transaction.model_dump(mode="json"),
        )
        state.journal.move(row.intent, State.CLEARED, facts.at, nonce=nonce, record=record, why="")


def _gas_limit(facts: Facts) -> int:
    """The gas limit of the first call that is left, from its simulation; judged good, it has succeeded."""
    simulation = facts.simulation
    if simulation is None or not simulation.gas_used:
        raise Refused("the call was not simulated: its gas is unknown")
    return gas_limit(simulation.gas_used[0])


def _still_good(
    state: GuardState, stored: StoredProposal, whole: Proposal, rest: Proposal, verdict: Verdict, facts: Facts
) -> None:
    if stored.policy_cid != state.bundle.cid:
        raise Refused("the policy changed since this was judged: propose it again", verdict, facts)
    if facts.at >= whole.expires_at:
        raise Refused(f"it expired at {whole.expires_at.isoformat()}", verdict, facts)
    if verdict.decision == "deny":
        why = "; ".join(reason.message for reason in verdict.reasons)
        raise Refused(f"judged again on block {facts.block.number if facts.block else '?'}: {why}", verdict, facts)
    have = state.approvals.people(stored.digest)
    if any(len(have & set(terms.of)) < terms.quorum for terms in verdict.approvals):
        raise Refused("judged again, it now needs other approvals: propose it again", verdict, facts)
    promised = [Effect.model_validate(effect) for effect in stored.answer["effects"]]
    for effect in verdict.effects:
        kept = next((shown for shown in promised if _within(effect, shown)), None)
        if kept is None:
            raise Refused(f"it would now do more than was judged and shown: {effect.kind}", verdict, facts)
        promised.remove(kept)
    fee = facts.fees.worst_wei if facts.fees else 0
    if whole.fee_ceiling and fee > whole.fee_ceiling:
        raise Refused(f"gas may cost {fee} wei, over the proposal's ceiling of {whole.fee_ceiling}", verdict, facts)


def _within(effect: Effect, shown: Effect) -> bool:
    """The same kind, assets and parties, no more going out and no less coming in than was shown."""
    same = ("kind", "asset", "counterparty", "bought", "on_behalf_of", "target")
    if any(getattr(effect, name) != getattr(shown, name) for name in same):
        return False
    out = shown.amount is None or (effect.amount is not None and effect.amount <= shown.amount)
    back = shown.bought_minimum is None or (
        effect.bought_minimum is not None and effect.bought_minimum >= shown.bought_minimum
    )
    return out and back


def _transaction(state: GuardState, rest: Proposal, nonce: int, gas_limit: int, quote: FeeQuote) -> Transaction:
    call = rest.calls[0]
    return Transaction(
        chain_id=state.chain_id,
        nonce=nonce,
        max_priority_fee_per_gas=quote.max_priority_fee_per_gas,
        max_fee_per_gas=quote.max_fee_per_gas,
        gas_limit=gas_limit,
        to=call.to,
        value=call.value,
        data=call.data,
    )


def _clearance(state: GuardState, row: IntentRow, transaction: Transaction, facts: Facts) -> Clearance:
    block = facts.block.number if facts.block is not None else 0
    return Clearance(
        kind="transaction",
        signing_hash=transaction.signing_hash(),
        digest=row.digest,
        chain_id=state.chain_id,
        account=state.account,
        nonce=transaction.nonce,
        judged_block=block,
        expires_block=block + CLEARANCE_BLOCKS,
        expires_at=int(time.time()) + CLEARANCE_SECONDS,
        policy_cid=state.bundle.cid,
    ).sign(state.clearance_key)
