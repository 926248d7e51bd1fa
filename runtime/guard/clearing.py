"""Clearing: the last judgement on the newest block, and the one transaction that takes nonce, writes the Record,
issues the Clearance.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from ...policies.effect import Effect
from ...policies.facts import Facts
from ...policies.observation.simulation.simulate import gas_limit
from ...policies.proposal import Proposal
from ...wallets.chain import FeeQuote
from ...wallets.clearance import Clearance
from ...wallets.errors import TreasurerError
from ...wallets.journal import IntentRow, State, StoredProposal
from ...wallets.transaction import Transaction
from .foreign import look_for_foreign
from .requests import REVOCATION
from .state import GuardState
from .submission import Judgement, by_policy, look, settle_facts

CLEARANCE_SECONDS = 120
"""How long the signer may take: minutes for a person with a hardware key, not hours for a thief of the clearance."""
CLEARANCE_BLOCKS = 50
"""The judged block may be at most this many behind when the bytes are sent."""


class Refused(TreasurerError):
    """The last judgement said no; nothing was signed for this intent."""

    exit_status = 1

    def __init__(self, message: str, judgement: Judgement | None = None) -> None:
        super().__init__(message)
        self.judgement = judgement


async def clear(state: GuardState, row: IntentRow) -> None:
    """Judge what is left of the proposal again and clear its next call. Raises Refused where the answer is no longer
    yes.
    """
    stored = state.journal.proposal(row.key)
    if stored is None:
        raise Refused(f"intent {row.intent} has no proposal")
    whole = Proposal.model_validate(stored.proposal)
    rest = whole.narrowed(whole.calls[row.position :])
    await look_for_foreign(state)
    pending, paid, (facts, quote) = await asyncio.gather(
        state.chain.nonce(state.account, "pending"), _paid(state, row), look(state, rest)
    )
    with state.database.transaction():
        if state.journal.intent(row.intent).state is not State.APPROVED:
            return  # withdrawn while we looked
        judgement = by_policy(state, rest, settle_facts(state, facts, rest))
        _still_good(state, stored, judgement, row.position, paid)
        nonce = state.journal.next_nonce(state.chain_id, state.account, pending)
        transaction = _transaction(state, rest, nonce, _gas_limit(judgement.facts), quote)
        clearance = _clearance(state, row, transaction, judgement.facts)
        cleared = {
            "clearance": clearance.model_dump(mode="json"),
            "transaction": transaction.model_dump(mode="json"),
        }
        body = {"key": row.key, "intent": row.intent, **cleared, **judgement.body(state)}
        record = state.log.append("cleared", stored.run, body)
        state.journal.add_attempt(
            row.intent, signing_hash=clearance.signing_hash, clearance_hash=clearance.hash(), **cleared
        )
        state.journal.move(row.intent, State.CLEARED, judgement.facts.at, nonce=nonce, record=record, why="")


async def _paid(state: GuardState, row: IntentRow) -> int:
    """Wei that the calls before this one cost for gas; of one without a receipt, the most that it was cleared for."""
    paid = 0
    for earlier in state.journal.intents(row.key)[: row.position]:
        receipt = None if earlier.hash is None else await state.chain.receipt(earlier.hash)
        attempt = state.journal.attempt(earlier.intent)
        if receipt is not None:
            paid += receipt.fee
        elif attempt is not None:
            paid += Transaction.model_validate(attempt.transaction).worst_fee
    return paid


def _gas_limit(facts: Facts) -> int:
    """The gas limit of the first call that is left, from its simulation; judged good, it has succeeded."""
    simulation = facts.simulation
    if simulation is None or not simulation.gas_used:
        raise Refused("the call was not simulated: its gas is unknown")
    return gas_limit(simulation.gas_used[0])


def _still_good(state: GuardState, stored: StoredProposal, judgement: Judgement, position: int, paid: int) -> None:
    """Raises Refused unless what is left, from call ``position`` on, is what was judged, shown and approved."""
    rest, facts, verdict = judgement.proposal, judgement.facts, judgement.verdict
    if stored.policy_cid != state.bundle.cid and stored.run != REVOCATION:
        raise Refused("the policy changed since this was judged: propose it again", judgement)
    if facts.at >= rest.expires_at:
        raise Refused(f"it expired at {rest.expires_at.isoformat()}", judgement)
    if verdict.decision == "deny":
        why = "; ".join(reason.message for reason in verdict.reasons)
        raise Refused(f"judged again on block {facts.block.number if facts.block else '?'}: {why}", judgement)
    have = state.approvals.people(stored.digest)
    if any(len(have & terms.eligible) < terms.quorum for terms in verdict.approvals):
        raise Refused("judged again, it now needs other approvals: propose it again", judgement)
    shown = [Effect.model_validate(effect) for effect in stored.answer["effects"]]
    more = beyond(shown, verdict.effects, position)
    if more is not None:
        raise Refused(f"it would now do more than was judged and shown: {more.kind}", judgement)
    fee = paid + (facts.fees.worst_wei if facts.fees else 0)
    if fee > rest.fee_ceiling:
        raise Refused(f"gas may cost {fee} wei in all, over the proposal's ceiling of {rest.fee_ceiling}", judgement)


def beyond(shown: Sequence[Effect], effects: Sequence[Effect], position: int) -> Effect | None:
    """The first effect of the calls from ``position`` on that was not shown so or worse; each shown one stands for one.

    None where all were shown. ``shown``: of the whole proposal.
    """
    left = list(shown)
    for effect in effects:
        kept = next((number for number, one in enumerate(left) if _within(effect, one, position)), None)
        if kept is None:
            return effect
        del left[kept]
    return None


def _within(effect: Effect, shown: Effect, position: int) -> bool:
    """The same kind, assets and parties of the same call, no more going out and no less coming in than was shown."""
    same = ("kind", "asset", "counterparty", "bought", "on_behalf_of", "target")
    if any(getattr(effect, name) != getattr(shown, name) for name in same):
        return False
    if effect.call is not None and effect.call + position != shown.call:
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
