"""Execution: carries each approved intent through clear, sign, store, checkpoint, broadcast and receipt, in that order.

The loop acts on the state that the database holds, and nothing else: what runs after a crash is what runs without one.
``boundary`` is called with a name at each point where a crash would be most harmful; tests end the process there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from eth_utils.crypto import keccak

from ...policies.proposal import Proposal
from ...wallets.chain import NonceTooLow
from ...wallets.clearance import Clearance
from ...wallets.errors import ChainError, ClearanceRefused, RpcRefused, TreasurerError
from ...wallets.journal import IN_FLIGHT, IntentRow, State, StoredProposal
from ...wallets.transaction import Transaction, transaction_hash
from ...wallets.values import parse_hex, to_hex
from ..ipc import NotRunning
from .clearing import Refused, clear
from .inclusion import inclusion_body, left_the_chain
from .sequence import drop_rest, revoke_opened
from .state import GuardState
from .submission import judgement_body

POLL_SECONDS = 0.1
"""Between looks at the chain while a transaction waits on a devnet; far below a block of any public chain."""
SLOW_POLL_SECONDS = 2.0
RETRY_SECONDS = 2.0
"""Between attempts to reach a chain or a signer that does not answer."""
REBROADCAST_SECONDS = 30.0
"""A node may lose its mempool: the same bytes are sent again this often while they wait."""


class Execution:
    """Drives intents to inclusion, one task a proposal, and to finality in the background."""

    def __init__(self, state: GuardState, *, boundary: Callable[[str], None]) -> None:
        self._state = state
        self._boundary = boundary
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._in_order = asyncio.Lock()
        self._changed = asyncio.Condition()

    @property
    def busy(self) -> bool:
        """Whether any intent is being carried now."""
        return bool(self._tasks)

    def start(self, key: str) -> None:
        """Carry the proposal of ``key`` in the background, if it is not being carried already."""
        if key not in self._tasks:
            task = asyncio.create_task(self._run(key), name=f"execution {key}")
            self._tasks[key] = task
            task.add_done_callback(lambda _: self._tasks.pop(key, None))

    def recover(self) -> None:
        """Take up everything that was on its way when the last guard ended."""
        for row in self._state.journal.in_states(IN_FLIGHT | {State.INCLUDED}):
            self.start(row.key)

    async def close(self) -> None:
        """Stop working; the database says where to go on."""
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def wait_for_change(self, seconds: float) -> None:
        """Return when any intent has moved, or after ``seconds``."""
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait(), seconds)
            except TimeoutError:
                return

    async def announce(self) -> None:
        """Wake everybody who waits for a change."""
        async with self._changed:
            self._changed.notify_all()

    async def _run(self, key: str) -> None:
        while True:
            try:
                await self._carry(key)
                return
            except (ChainError, NotRunning) as error:
                self._complain(key, error)
                await asyncio.sleep(RETRY_SECONDS)
            except TreasurerError as error:
                self._complain(key, error)
                await self.announce()
                return

    def _complain(self, key: str, error: TreasurerError) -> None:
        stored = self._state.journal.proposal(key)
        said = f"{key}: {error}"
        if self._state.approvals.recall("complaint") == said:
            return
        with self._state.database.transaction():
            self._state.approvals.remember("complaint", said)
            self._state.log.append("error", stored.run if stored else "guard", {"message": said})

    async def _carry(self, key: str) -> None:
        """One intent after the other: each is cleared only after its predecessor succeeded."""
        for row in self._state.journal.intents(key):
            reached = await self._carry_one(row.intent)
            if reached is not State.CONFIRMED:
                drop_rest(self._state, key)
                await self.announce()
                revocation = await revoke_opened(self._state, key, row.position)
                if revocation is not None and revocation.decision == "allow":
                    self.start(revocation.key)
                return

    async def _carry_one(self, intent: str) -> State:
        steps = {
            State.APPROVED: self._clear_sign_and_send,
            State.CLEARED: self._sign_and_send,
            State.SIGNED: self._send,
            State.REORGED: self._send,
            State.BROADCAST: self._include,
            State.INCLUDED: self._confirm,
        }
        while True:
            row = self._state.journal.intent(intent)
            if row.state is State.FINALIZED:
                return State.CONFIRMED
            step = steps.get(row.state)
            if step is None:
                return row.state
            await step(row)
            await self.announce()

    async def _clear_sign_and_send(self, row: IntentRow) -> None:
        async with self._in_order:
            self._boundary("before clear")
            try:
                await clear(self._state, row)
            except Refused as refused:
                self._refuse(row, refused)
                return
            self._boundary("cleared")
            await self._sign(self._state.journal.intent(row.intent))
            current = self._state.journal.intent(row.intent)
            if current.state is State.SIGNED:
                await self._send(current)

    async def _sign_and_send(self, row: IntentRow) -> None:
        async with self._in_order:
            await self._sign(row)

    async def _sign(self, row: IntentRow) -> None:
        """The signer answers the same clearance with the same bytes, so asking again after a crash is safe."""
        attempt = self._state.journal.attempt(row.intent)
        if attempt is None:
            raise TreasurerError(f"intent {row.intent} is cleared and has no attempt")
        clearance = Clearance.model_validate(attempt.clearance)
        transaction = Transaction.model_validate(attempt.transaction)
        try:
            raw = await self._state.signer.sign_transaction(clearance, transaction)
        except ClearanceRefused as refused:
            await self._unsigned(row, clearance, refused)
            return
        self._boundary("signer answered")
        now = self._state.now()
        stored = self._proposal(row)
        hashed = transaction_hash(raw)
        with self._state.database.transaction():
            self._state.journal.store_signed(attempt.signing_hash, to_hex(raw), hashed)
            self._state.log.append(
                "broadcast",
                stored.run,
                {
                    "intent": row.key,
                    "hash": hashed,
                    "signing_hash": attempt.signing_hash,
                    "nonce": transaction.nonce,
                    "raw_hash": to_hex(keccak(raw)),
                },
            )
            self._state.journal.move(row.intent, State.SIGNED, now, hash=hashed)
        self._boundary("signed")

    async def _unsigned(self, row: IntentRow, clearance: Clearance, refused: ClearanceRefused) -> None:
        """The signer refused: where it never signed and the clearance has run out, the nonce is free and we judge
        again.
        """
        if await self._state.signer.lookup(clearance.hash()) is not None:
            raise TreasurerError(f"the signer signed {row.intent} and refuses to say so: {refused}") from refused
        expired = datetime.now(UTC).timestamp() > clearance.expires_at
        now = self._state.now()
        with self._state.database.transaction():
            self._state.journal.void_attempt(clearance.signing_hash)
            if expired:
                self._state.journal.move(row.intent, State.APPROVED, now, why="its clearance expired unsigned")
                return
            self._state.journal.move(row.intent, State.REFUSED, now, why=str(refused))
            body = {"intent": row.key, "why": str(refused)}
            self._state.log.append("failed", self._proposal(row).run, body)

    async def _send(self, row: IntentRow) -> None:
        """The log's head is signed before the bytes leave; bytes that the node has already are no error."""
        self._state.log.checkpoint()
        self._boundary("checkpointed")
        await self._broadcast(row)
        self._boundary("sent")
        with self._state.database.transaction():
            self._state.journal.move(row.intent, State.BROADCAST, self._state.now())

    async def _broadcast(self, row: IntentRow) -> None:
        attempt = self._state.journal.attempt(row.intent)
        if attempt is None or attempt.raw is None or attempt.hash is None:
            raise TreasurerError(f"intent {row.intent} is signed and its bytes are missing")
        try:
            await self._state.chain.send_raw(parse_hex(attempt.raw))
        except NonceTooLow:
            if await self._state.chain.receipt(attempt.hash) is None:
                self._foreign(row, attempt.hash)
        except RpcRefused as refused:
            self._complain(row.key, refused)

    def _foreign(self, row: IntentRow, hashed: str) -> None:
        """Somebody else used our nonce: the wallet stops until a person looks (invariant 4)."""
        why = f"nonce {row.nonce} was used by a transaction that this guard did not sign"
        with self._state.database.transaction():
            self._state.log.append("foreign_transaction", "guard", {"nonce": row.nonce, "why": why})
            self._state.log.append("stopped", "guard", {"by": "guard", "reason": why})
        self._state.folder.stop_file.write_text(why + "\n")
        raise TreasurerError(
            f"{why} ({hashed} cannot be included): the wallet is stopped", next_command="treasurer status"
        )

    async def _include(self, row: IntentRow) -> None:
        assert row.hash is not None
        waited = 0.0
        while (receipt := await self._state.chain.receipt(row.hash)) is None:
            pause = POLL_SECONDS if waited < 10 else SLOW_POLL_SECONDS
            await asyncio.sleep(pause)
            waited += pause
            if waited >= REBROADCAST_SECONDS:
                waited = 0.0
                await self._broadcast(row)
        self._state.aware_of((await self._state.chain.block(receipt.block_number)).timestamp)
        stored = self._proposal(row)
        body = await inclusion_body(self._state, row, receipt)
        self._boundary("included")
        with self._state.database.transaction():
            self._state.log.append("included", stored.run, body)
            self._state.journal.move(
                row.intent, State.INCLUDED, self._state.now(),
                block_number=receipt.block_number, block_hash=receipt.block_hash,
            )  # fmt: skip

    async def _confirm(self, row: IntentRow) -> None:
        assert row.hash is not None
        receipt = await self._state.chain.receipt(row.hash)
        now = self._state.now()
        with self._state.database.transaction():
            if receipt is None or receipt.block_hash != row.block_hash:
                left_the_chain(self._state, row, self._proposal(row).run)
            elif receipt.succeeded:
                self._state.journal.move(row.intent, State.CONFIRMED, now)
            else:
                why = "the transaction was included and reverted"
                body = {"intent": row.key, "why": why, "hash": row.hash}
                self._state.log.append("failed", self._proposal(row).run, body)
                self._state.journal.move(row.intent, State.FAILED, now, why=why)

    def _refuse(self, row: IntentRow, refused: Refused) -> None:
        now = self._state.now()
        stored = self._proposal(row)
        with self._state.database.transaction():
            if refused.verdict is not None and refused.facts is not None:
                body = judgement_body(
                    self._state, row.key, row.digest, "clear", self._rest(stored, row), refused.facts, refused.verdict
                )
                self._state.log.append("judged", stored.run, body)
            self._state.log.append("failed", stored.run, {"intent": row.key, "why": str(refused)})
            self._state.journal.move(row.intent, State.REFUSED, now, why=str(refused))

    def _rest(self, stored: StoredProposal, row: IntentRow) -> dict[str, Any]:
        whole = Proposal.model_validate(stored.proposal)
        return whole.narrowed(whole.calls[row.position :]).model_dump(mode="json", by_alias=True)

    def _proposal(self, row: IntentRow) -> StoredProposal:
        stored = self._state.journal.proposal(row.key)
        if stored is None:
            raise TreasurerError(f"intent {row.intent} has no proposal")
        return stored
