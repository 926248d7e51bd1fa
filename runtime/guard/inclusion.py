"""Inclusion: what a receipt says of an intent, what really moved, and what settles its budget."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from ...policies.effect import Effect, Kind
from ...policies.facts import Facts, Simulated
from ...policies.observation.actual import Movements, drift, read_movements
from ...wallets.chain import Receipt
from ...wallets.journal import IntentRow, State
from ...wallets.values import ZERO_ADDRESS
from .state import GuardState

_WHOLE_BPS = 10_000


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
        "drift_bps": str(drift_bps(simulated, moved)) if simulated is not None and receipt.succeeded else "0",
    }


def drift_bps(simulated: Simulated, moved: Movements) -> int:
    """The worst of what more left or less came than was simulated, in hundredths of a percent of it, rounded up.

    10,000 where nothing of the kind was simulated: an asset that left, a recipient, an allowance.
    """
    burned = {asset: moved.recipients.get(f"{asset}:{ZERO_ADDRESS}", 0) for asset in simulated.positions}
    worst = 0
    for asset, gross in moved.outflows.items():
        expected, left = simulated.outflows.get(asset, 0), gross - burned.get(asset, 0)
        worst = max(worst, _share_bps(left - expected, expected))
    for asset, expected in simulated.inflows.items():
        worst = max(worst, _share_bps(expected - moved.inflows.get(asset, 0), expected))
    strangers = moved.recipients.keys() - simulated.recipients.keys() - {f"{asset}:{ZERO_ADDRESS}" for asset in burned}
    raised = any(allowed > simulated.allowances.get(pair, 0) for pair, allowed in moved.allowances.items())
    return max(worst, _WHOLE_BPS if strangers or raised else 0)


def note_outcome(state: GuardState, row: IntentRow, body: dict[str, Any], at: datetime) -> None:
    """Remember how an included call went, and whom it dealt with. Inside the transaction that records it."""
    state.conduct.drifted(Decimal(body["drift_bps"]), at)
    stored = state.journal.proposal(row.key)
    if stored is None or not body["status"]:
        return
    effects = (Effect.model_validate(item) for item in stored.answer["effects"])
    state.acquaintances.meet(
        {effect.counterparty for effect in effects if effect.call == row.position and effect.counterparty}, at
    )


def _share_bps(more: int, expected: int) -> int:
    if more <= 0:
        return 0
    return _WHOLE_BPS if not expected else -(-more * _WHOLE_BPS // expected)


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
        if effect.kind is not Kind.REVOCATION or effect.may_fail or effect.call not in final:
            continue
        if effect.asset is not None and effect.counterparty is not None:
            state.ledger.revoke(
                state.account, state.chain_id, effect.asset, effect.counterparty, at, keeper=effect.keeper
            )


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
