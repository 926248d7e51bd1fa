"""Inclusion: what a receipt says of an intent, and when its block is final."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from ...policies.actual import drift, read_movements
from ...policies.effect import Effect, Kind
from ...policies.facts import Simulated
from ...policies.observe import tokens_of
from ...wallets.chain import Receipt
from ...wallets.journal import IntentRow, State
from .state import GuardState
from .submission import end_unsigned


async def inclusion_body(state: GuardState, row: IntentRow, receipt: Receipt) -> dict[str, Any]:
    """The body of an ``included`` record: the receipt, what really moved, and each difference from the simulation."""
    wrapped = frozenset(
        token.address for token in tokens_of(state.bundle.book, state.chain_id) if token.kind == "weth9"
    )
    moved = await read_movements(state.chain, receipt, state.account, wrapped_native=wrapped)
    simulated = _simulated(state, row)
    return {
        "intent": row.key,
        "hash": receipt.transaction_hash,
        "block_number": receipt.block_number,
        "block_hash": receipt.block_hash,
        "status": int(receipt.succeeded),
        "gas_used": receipt.gas_used,
        "effective_gas_price": str(receipt.effective_gas_price),
        "movements": {
            "outflows": {asset: str(amount) for asset, amount in moved.outflows.items()},
            "inflows": {asset: str(amount) for asset, amount in moved.inflows.items()},
            "recipients": {pair: str(amount) for pair, amount in moved.recipients.items()},
            "allowances": {pair: str(amount) for pair, amount in moved.allowances.items()},
        },
        "drift": list(drift(simulated, moved)) if simulated is not None and receipt.succeeded else [],
    }


def _simulated(state: GuardState, row: IntentRow) -> Simulated | None:
    """What the clearing simulated for this call; None where it simulated more calls than this one."""
    if row.record is None:
        return None
    facts = state.log.record(row.record).value()["body"]["facts"]
    if isinstance(facts, bytes):
        from ...wallets.cid import decode_block

        facts = decode_block(state.log.get_block(facts))
    simulated = Simulated.model_validate(facts["simulation"]) if facts["simulation"] else None
    return simulated if simulated is not None and len(simulated.gas_used) == 1 else None


async def finalize(state: GuardState) -> list[str]:
    """Settle what has become final; returns the keys of proposals whose block left the chain, which are to be carried
    again.
    """
    rows = state.journal.in_states(frozenset({State.CONFIRMED, State.FAILED}))
    if not rows:
        return []
    finality = await state.chain.finality()
    lost = []
    for row in rows:
        if row.block_number is None or row.hash is None or finality.of(row.block_number) != "finalized":
            continue
        block = await state.chain.block(row.block_number)
        stored = state.journal.proposal(row.key)
        run = stored.run if stored is not None else "guard"
        with state.database.transaction():
            if block.hash != row.block_hash:
                left_the_chain(state, row, run)
                lost.append(row.key)
                continue
            body = {"intent": row.key, "hash": row.hash, "block_number": row.block_number}
            state.log.append("finalized", run, body)
            state.journal.move(row.intent, State.FINALIZED, state.now())
            if all(other.state not in _UNSETTLED for other in state.journal.intents(row.key)):
                _settle(state, row.key, datetime.fromtimestamp(block.timestamp, UTC))
    return lost


def _settle(state: GuardState, key: str, at: datetime) -> None:
    """The budget counts from the inclusion on; allowances that the proposal revoked stop standing."""
    state.ledger.settle(key, at)
    stored = state.journal.proposal(key)
    for effect in (Effect.model_validate(item) for item in stored.answer["effects"]) if stored is not None else ():
        if effect.kind is Kind.REVOCATION and effect.asset is not None and effect.counterparty is not None:
            state.ledger.revoke(state.account, state.chain_id, effect.asset, effect.counterparty, at)


_UNSETTLED = frozenset(State) - {State.FINALIZED, State.REFUSED, State.DROPPED, State.EXPIRED, State.WITHDRAWN}


def left_the_chain(state: GuardState, row: IntentRow, run: str) -> None:
    """Write down that a reorg removed the intent's block. Inside a transaction."""
    body = {"intent": row.key, "why": "its block left the chain", "hash": row.hash}
    state.log.append("reorged", run, body)
    state.journal.move(row.intent, State.REORGED, state.now(), block_number=None, block_hash=None)


def expire(state: GuardState) -> None:
    """End the escalations whose time has run out."""
    now = state.now()
    for item in state.approvals.waiting():
        if datetime.fromisoformat(item["expires_at"]) <= now:
            with state.database.transaction():
                state.approvals.close(item["digest"], "expired")
                end_unsigned(state, item["key"], State.EXPIRED, "nobody approved it in time", now)
