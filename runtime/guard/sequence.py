"""Sequence: what happens to the rest of a proposal when one of its calls did not succeed."""

from __future__ import annotations

from datetime import datetime, timedelta

from eth_utils.crypto import keccak

from ...policies.effect import Effect, Kind
from ...policies.judgement.limits import counted
from ...policies.proposal import Claim, Proposal
from ...wallets.call import Call
from ...wallets.chain import fee_ceiling
from ...wallets.journal import SETTLED, SUCCEEDED, UNSIGNED, IntentRow, State, StoredProposal
from ...wallets.values import hash_words, to_hex
from .inclusion import cleared_facts, settle
from .requests import REVOCATION
from .state import GuardState
from .submission import submit

_REVOCATION_EXPIRES = timedelta(hours=1)


def break_off(state: GuardState, row: IntentRow, at: datetime) -> None:
    """``row`` did not succeed: drop what waited for it, and count as open what was approved for calls that never come.

    Takes part in the transaction that ends the row, so that no crash lies between.
    """
    stored = state.journal.proposal(row.key)
    rows = state.journal.intents(row.key)
    if stored is None:
        return
    waiting = [other for other in rows if other.state in UNSIGNED]
    why = "an earlier call did not succeed"
    for other in waiting:
        state.journal.move(other.intent, State.DROPPED, at, why=why)
        state.log.append("dropped", stored.run, {"key": other.key, "intent": other.intent, "why": why})
    if all(other.nonce is None for other in rows):
        state.ledger.release(row.key)
        return
    _count_as_open(state, stored, rows, row.position)
    settle_if_over(state, row.key, at)


def settle_if_over(state: GuardState, key: str, at: datetime) -> None:
    """Settle the budget of a proposal of which nothing more can happen. Inside a transaction."""
    rows = state.journal.intents(key)
    if any(row.state not in SETTLED for row in rows):
        return
    if any(row.state in (State.FINALIZED, State.REVERTED) for row in rows):
        settle(state, key, at)
    else:
        state.ledger.release(key)


async def revoke_opened(state: GuardState, row: IntentRow) -> StoredProposal | None:
    """Propose to set to zero each allowance that the calls before ``row`` opened for calls that never come.

    The same answer however often it is asked; None where nothing is open.
    """
    stored = state.journal.proposal(row.key)
    opened = [] if stored is None else _opened(stored, state.journal.intents(row.key), row.position)
    if stored is None or not opened:
        return None
    key = revocation_key(state, row.key)
    known = state.journal.proposal(key)
    if known is not None:
        return known
    revocation = Proposal(
        chain_id=state.chain_id,
        account=state.account,
        calls=tuple(_revoking(effect) for effect in opened),
        claims=tuple(
            Claim(kind=Kind.REVOCATION, asset=effect.asset, amount=0, counterparty=effect.counterparty)
            for effect in opened
        ),
        intent_key=key,
        run=REVOCATION,
        fee_ceiling=fee_ceiling(len(opened), (await state.chain.fees()).max_fee_per_gas),
        expires_at=state.now() + _REVOCATION_EXPIRES,
        asked_by="guard",
        purpose="revoke what an unfinished sequence had approved",
    )
    return await submit(state, revocation)


def revocation_key(state: GuardState, key: str) -> str:
    """The intent key of a proposal's revocation. Only the guard can name it: nobody occupies it beforehand."""
    return to_hex(keccak(state.clearance_key.sign_hash(hash_words(key, REVOCATION))))


def unrevoked(state: GuardState) -> list[str]:
    """Keys of broken sequences whose revocation was not proposed yet: the guard ended in between."""
    broken = state.journal.in_states(frozenset({State.FAILED, State.REVERTED, State.REFUSED, State.REPLACED}))
    return [
        row.key
        for row in broken
        if row.position > 0
        and state.journal.proposal(revocation_key(state, row.key)) is None
        and (stored := state.journal.proposal(row.key)) is not None
        and _opened(stored, state.journal.intents(row.key), row.position)
    ]


def _opened(stored: StoredProposal, rows: list[IntentRow], position: int) -> list[Effect]:
    """The approvals above zero that calls before ``position`` made, and that nothing has used."""
    if stored.run == REVOCATION:
        return []
    made = {row.position for row in rows if row.position < position and row.state in SUCCEEDED}
    effects = [Effect.model_validate(item) for item in stored.answer["effects"]]
    return [
        effect
        for effect in effects
        if effect.kind is Kind.APPROVAL and effect.call in made
        and effect.asset is not None and effect.counterparty is not None
        and not (effect.settled_by is not None and effects[effect.settled_by].call in made)
    ]  # fmt: skip


def _count_as_open(state: GuardState, stored: StoredProposal, rows: list[IntentRow], position: int) -> None:
    """What the sequence would have closed stays open: it counts in full until its revocation is final."""
    opened = [effect for effect in _opened(stored, rows, position) if effect.settled_by is not None]
    facts = cleared_facts(state, rows[0])
    if not opened or facts is None:
        return
    effects = [effect.model_copy(update={"settled_by": None}) for effect in opened]
    proposal = Proposal.model_validate(stored.proposal)
    reserved = [row for row in state.ledger.spent(state.account, now=state.now()) if row.intent == stored.key]
    rules = tuple(sorted({name for row in reserved for name in row.rules}))
    counts = counted(effects, proposal, state.bundle.book, facts, rules=[rules] * len(effects))
    standing = [row for row in counts if row.standing]
    state.ledger.reserve(state.account, stored.key, [*reserved, *standing])


def _revoking(effect: Effect) -> Call:
    """The call that sets an allowance to zero: the token's, or Permit2's where the allowance lies there."""
    if effect.keeper is not None:
        signature = "approve(address,address,uint160,uint48)"
        return Call.encode(effect.keeper, signature, effect.asset, effect.counterparty, 0, 0)
    return Call.encode(str(effect.asset), "approve(address,uint256)", effect.counterparty, 0)
