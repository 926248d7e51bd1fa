"""Inclusion: what a receipt says of an intent, what really moved, and what settles its budget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ...policies.effect import Effect, Kind
from ...policies.facts import Facts, Simulated
from ...policies.observation.actual import drift, read_movements
from ...wallets.chain import Receipt
from ...wallets.journal import IntentRow, State
from .state import GuardState


async def inclusion_body(state: GuardState, row: IntentRow, receipt: Receipt) -> dict[str, Any]:
    """The body of an ``included`` record: the receipt, what really moved, and each difference from the simulation."""
    moved = await read_movements(state.chain, receipt, state.account, wrapped_native=state.wrapped_native)
    simulated = _simulated(state, row)
    return {
        "key": row.key,
        "intent": row.intent,
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


def cleared_facts(state: GuardState, row: IntentRow) -> Facts | None:
    """The facts of the judgement that cleared an intent; None where it was never cleared."""
    if row.record is None:
        return None
    return Facts.model_validate(state.log.facts(state.log.record(row.record)))


def settle(state: GuardState, key: str, at: datetime) -> None:
    """The budget counts from the inclusion on; allowances that the proposal revoked stop standing."""
    state.ledger.settle(key, at)
    stored = state.journal.proposal(key)
    if stored is None:
        return
    final = {row.position for row in state.journal.intents(key) if row.state is State.FINALIZED}
    for effect in (Effect.model_validate(item) for item in stored.answer["effects"]):
        if effect.kind is not Kind.REVOCATION or effect.call not in final:
            continue
        if effect.asset is not None and effect.counterparty is not None:
            state.ledger.revoke(state.account, state.chain_id, effect.asset, effect.counterparty, at)


def left_the_chain(state: GuardState, row: IntentRow) -> None:
    """Write down that a reorg removed the intent's block. Inside a transaction."""
    stored = state.journal.proposal(row.key)
    body = {"key": row.key, "intent": row.intent, "why": "its block left the chain", "hash": row.hash}
    state.log.append("reorged", stored.run if stored is not None else "guard", body)
    state.journal.move(row.intent, State.REORGED, state.now(), block_number=None, block_hash=None)


def _simulated(state: GuardState, row: IntentRow) -> Simulated | None:
    """What the clearing simulated for this call; None where it simulated more calls than this one."""
    facts = cleared_facts(state, row)
    simulated = None if facts is None else facts.simulation
    return simulated if simulated is not None and len(simulated.gas_used) == 1 else None
