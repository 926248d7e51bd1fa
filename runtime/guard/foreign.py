"""Foreign: transactions of the wallet that this guard never cleared (design.md, invariant 4).

Each gets a Record, counts in the windows, and stops the wallet until a person looks.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ...policies.facts import Facts, Spent
from ...policies.observation.actual import read_movements
from ...policies.proposal import Proposal
from ...policies.worth import Unknown, in_usd
from ...wallets.chain import Receipt
from ...wallets.errors import ChainError
from ...wallets.journal import IntentRow, State
from ...wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS, hash_words
from .clock import ClockSkew
from .halt import halt
from .sequence import break_off
from .state import GuardState
from .submission import look

BLOCKS_SEARCHED = 128
"""How far back a foreign transaction is looked for: half an hour on Ethereum, and a guard looks every two seconds."""
_FIRST_NONCE = "first_nonce"


def next_own_nonce(state: GuardState) -> int:
    """The nonce that the wallet would have if nobody but this guard had used it."""
    begun = int(state.memory.recall(_FIRST_NONCE) or 0)
    return state.journal.next_nonce(state.chain_id, state.account, begun)


async def look_for_foreign(state: GuardState) -> None:
    """Record and count each included transaction of the wallet that the journal does not know, and stop for it.

    One that only waits stops the wallet, too; it is recorded when it is included.
    """
    included = await state.chain.nonce(state.account)
    for nonce in range(next_own_nonce(state), included):
        await record_foreign(state, nonce)
    waiting = await state.chain.nonce(state.account, "pending")
    if waiting > next_own_nonce(state):
        halt(state, "guard", f"a transaction that this guard did not sign waits at nonce {waiting - 1}")


async def record_foreign(state: GuardState, nonce: int) -> None:
    """Find the transaction that used ``nonce``, write it down, count what it moved, and stop the wallet."""
    receipt, block_time = await _find(state, nonce)
    spent = await _counted(state, receipt, nonce)
    why = f"nonce {nonce} was used by a transaction that this guard did not sign"
    body = {"nonce": nonce, "why": why} | ({} if receipt is None else {"hash": receipt.transaction_hash})
    with state.database.transaction():
        if any(row.intent == spent[0].intent for row in state.ledger.spent(state.account, now=state.now())):
            return  # housekeeping and a clearing saw it at once
        begun = max(nonce + 1, int(state.memory.recall(_FIRST_NONCE) or 0))
        state.memory.remember(_FIRST_NONCE, str(begun))
        state.log.append("foreign_transaction", "guard", body)
        state.ledger.reserve(state.account, spent[0].intent, spent)
        state.ledger.settle(spent[0].intent, block_time)
        halt(state, "guard", why)


async def replaced(state: GuardState, row: IntentRow) -> None:
    """Another transaction holds the nonce of ``row`` in a final block: the row ends, its budget is free."""
    await record_foreign(state, row.nonce or 0)
    why = f"another transaction used its nonce {row.nonce}"
    now = state.now()
    with state.database.transaction():
        stored = state.journal.proposal(row.key)
        body = {"key": row.key, "intent": row.intent, "why": why, "hash": row.hash, "nonce": row.nonce}
        state.log.append("replaced", stored.run if stored else "guard", body)
        state.journal.move(row.intent, State.REPLACED, now, why=why)
        break_off(state, row, now)


async def _find(state: GuardState, nonce: int) -> tuple[Receipt | None, datetime]:
    """The receipt, looked for from the newest block backwards; else None and the present."""
    newest = (await state.chain.block()).number
    try:
        for number in range(newest, max(-1, newest - BLOCKS_SEARCHED), -1):
            block = await state.chain.request("eth_getBlockByNumber", [hex(number), True])
            for item in block["transactions"]:
                if str(item["from"]).lower() == state.account and int(item["nonce"], 16) == nonce:
                    receipt = await state.chain.receipt(item["hash"])
                    return receipt, datetime.fromtimestamp(int(block["timestamp"], 16), UTC)
    except (ChainError, LookupError, TypeError, ValueError):
        pass  # a node that cannot tell: the transaction counts as unknown
    return None, state.now()


async def _counted(state: GuardState, receipt: Receipt | None, nonce: int) -> list[Spent]:
    """What the transaction counts; where it cannot be read, everything."""
    intent = hash_words("foreign", state.chain_id, state.account, nonce)
    if receipt is None:
        return [_row(state, intent, NATIVE, UINT256_MAX, None)]
    moved = await read_movements(state.chain, receipt, state.account, wrapped_native=state.wrapped_native)
    facts = await _prices(state)
    rows = [_row(state, intent, asset, amount, facts) for asset, amount in moved.outflows.items()]
    for pair, allowed in moved.allowances.items():
        if allowed:
            token, spender, *keeper = pair.split(":")
            opened = _row(state, intent, token, allowed, facts)
            kept = {"recipient": spender, "standing": True, "keeper": keeper[0] if keeper else None}
            rows.append(opened.model_copy(update=kept))
    gas = _row(state, intent, NATIVE, receipt.fee, facts).model_copy(update={"counter": "gas"})
    return [*rows, gas]


def _row(state: GuardState, intent: str, asset: str, amount: int, facts: Facts | None) -> Spent:
    worth = None if facts is None else in_usd(asset, amount, state.bundle.book, state.chain_id, facts)
    return Spent(
        intent=intent,
        counter="outflow",
        asset=asset,
        base_units=amount,
        usd=None if isinstance(worth, Unknown) else worth,
        chain_id=state.chain_id,
    )


async def _prices(state: GuardState) -> Facts | None:
    """Prices of now, by looking on behalf of a proposal of nothing; None while the clock and the chain disagree."""
    nothing = Proposal(
        chain_id=state.chain_id,
        account=state.account,
        intent_key=ZERO_ADDRESS + "0" * 24,
        run="guard",
        expires_at=state.now(),
    )
    try:
        facts, _ = await look(state, nothing)
    except ClockSkew:
        return None
    return facts
