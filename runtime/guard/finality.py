"""Finality: until a block is final it is looked at again and again; what left the chain goes on its way once more."""

from __future__ import annotations

from datetime import UTC, datetime

from ...wallets.chain import Finality
from ...wallets.journal import IntentRow, State
from .foreign import replaced
from .inclusion import left_the_chain
from .sequence import settle_if_over
from .state import GuardState

_SHOWN = frozenset({State.CONFIRMED, State.FAILED})
_SENT = frozenset({State.SIGNED, State.BROADCAST, State.REORGED})


async def follow(state: GuardState) -> None:
    """Hold every intent that is signed and not final against the chain, and settle what has become final."""
    shown, sent = state.journal.in_states(_SHOWN), state.journal.in_states(_SENT)
    if not shown and not sent:
        return
    finality = await state.chain.finality()
    for row in shown:
        await _hold_to_chain(state, row, finality)
    if sent:
        final_nonce = await state.chain.nonce(state.account, finality.finalized)
        for row in sent:
            if row.nonce is not None and row.nonce < final_nonce:
                await _lost_its_nonce(state, row)


async def _hold_to_chain(state: GuardState, row: IntentRow, finality: Finality) -> None:
    if row.hash is None or row.block_number is None:
        return
    receipt = await state.chain.receipt(row.hash)
    if receipt is None or receipt.block_hash != row.block_hash:
        with state.database.transaction():
            left_the_chain(state, row)
        return
    if finality.of(row.block_number) != "finalized":
        return
    block = await state.chain.block(row.block_number)
    with state.database.transaction():
        stored = state.journal.proposal(row.key)
        body = {"key": row.key, "intent": row.intent, "hash": row.hash, "block_number": row.block_number}
        state.log.append("finalized", stored.run if stored is not None else "guard", body)
        end = State.FINALIZED if row.state is State.CONFIRMED else State.REVERTED
        state.journal.move(row.intent, end, state.now())
        settle_if_over(state, row.key, datetime.fromtimestamp(block.timestamp, UTC))


async def _lost_its_nonce(state: GuardState, row: IntentRow) -> None:
    """A final block has passed the nonce: either ours is in it, or another transaction is."""
    if row.hash is None or await state.chain.receipt(row.hash) is not None:
        return
    if state.journal.intent(row.intent).state is row.state:
        await replaced(state, row)
