"""Signing: from a clearance to the signed bytes, or to the signer's promise that there will be none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from eth_utils.crypto import keccak

from ...wallets.clearance import Clearance
from ...wallets.errors import ClearanceRefused, TreasurerError
from ...wallets.journal import IntentRow, State
from ...wallets.transaction import Transaction, transaction_hash
from ...wallets.values import to_hex
from .inclusion import cleared_facts
from .sequence import break_off
from .state import GuardState


class Signing:
    """Asks the signer for what was cleared, and writes the answer down before anything is sent."""

    def __init__(self, state: GuardState, boundary: Callable[[str], None]) -> None:
        self._state = state
        self._boundary = boundary

    async def sign(self, row: IntentRow, head: int = 0) -> None:
        """The signer answers the same clearance with the same bytes, so asking again after a crash is safe."""
        attempt = self._state.journal.attempt(row.intent)
        if attempt is None:
            raise TreasurerError(f"intent {row.intent} is cleared and has no attempt")
        clearance = Clearance.model_validate(attempt.clearance)
        transaction = Transaction.model_validate(attempt.transaction)
        outdated = self._outdated(row, clearance, head)
        try:
            if outdated is None:
                raw = await self._state.signer.sign_transaction(clearance, transaction)
            else:
                signed = await self._state.signer.retire(clearance)
                if signed is None:
                    self._judge_again(row, clearance, outdated)
                    return
                raw = signed
        except ClearanceRefused as refused:
            await self._unsigned(row, clearance, refused)
            return
        self._boundary("signer answered")
        now = self._state.now()
        hashed = transaction_hash(raw)
        with self._state.database.transaction():
            self._state.journal.store_signed(attempt.signing_hash, to_hex(raw), hashed)
            self._state.log.append(
                "broadcast",
                run_of(self._state, row),
                {
                    "key": row.key,
                    "intent": row.intent,
                    "hash": hashed,
                    "signing_hash": attempt.signing_hash,
                    "nonce": transaction.nonce,
                    "raw_hash": to_hex(keccak(raw)),
                },
            )
            self._state.journal.move(row.intent, State.SIGNED, now, hash=hashed)
        self._boundary("signed")

    def _outdated(self, row: IntentRow, clearance: Clearance, head: int) -> str | None:
        """Why a clearance that was not used yet must not be used any more."""
        if clearance.policy_cid != self._state.bundle.cid:
            return "the policy changed before it was signed"
        if head > clearance.expires_block or datetime.now(UTC).timestamp() > clearance.expires_at:
            return "its clearance expired unsigned"
        if held(self._state, row):
            return "the wallet was stopped before it was signed"
        return None

    def _judge_again(self, row: IntentRow, clearance: Clearance, why: str) -> None:
        """The signer never signed it and never will: the nonce is free."""
        with self._state.database.transaction():
            self._state.journal.void_attempt(clearance.signing_hash)
            self._state.journal.move(row.intent, State.APPROVED, self._state.now(), why=why)

    async def _unsigned(self, row: IntentRow, clearance: Clearance, refused: ClearanceRefused) -> None:
        """The signer refused, and promises never to sign under this clearance: the nonce and the budget are free."""
        if await self._state.signer.retire(clearance) is not None:
            raise TreasurerError(f"the signer signed {row.intent} and refuses to say so: {refused}") from refused
        if datetime.now(UTC).timestamp() > clearance.expires_at:
            self._judge_again(row, clearance, "its clearance expired unsigned")
            return
        now = self._state.now()
        with self._state.database.transaction():
            self._state.journal.void_attempt(clearance.signing_hash)
            self._state.journal.move(row.intent, State.REFUSED, now, why=str(refused))
            self._state.log.append(
                "failed", run_of(self._state, row), {"key": row.key, "intent": row.intent, "why": str(refused)}
            )
            break_off(self._state, row, now)


def held(state: GuardState, row: IntentRow) -> bool:
    """Whether the wallet was stopped after this was cleared; what was cleared while stopped may pass."""
    facts = cleared_facts(state, row) if state.stopped else None
    return facts is not None and not facts.stopped


def run_of(state: GuardState, row: IntentRow) -> str:
    """The Run that an intent belongs to."""
    stored = state.journal.proposal(row.key)
    if stored is None:
        raise TreasurerError(f"intent {row.intent} has no proposal")
    return stored.run
