"""Execution: carries each approved intent through clear, sign, store, checkpoint, broadcast and receipt, in that order.

The loop acts on the state that the database holds, and nothing else: what runs after a crash is what runs without one.
``boundary`` is called with a name at each point where a crash would be most harmful; tests end the process there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...wallets.chain import NonceTooLow
from ...wallets.errors import ChainError, RpcRefused, TreasurerError
from ...wallets.journal import IN_FLIGHT, SUCCEEDED, UNSIGNED, IntentRow, State
from ...wallets.values import parse_hex
from ..processes.ipc import NotRunning
from .clearing import Refused, clear
from .halt import halt, stop_if_tripped
from .inclusion import inclusion_body, left_the_chain, note_outcome
from .sequence import break_off, revoke_opened, unrevoked
from .signing import Signing, held, run_of
from .state import GuardState

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
        self._signing = Signing(state, boundary)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._complaints: dict[str, str] = {}
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

    def take_up(self) -> None:
        """Carry everything that is on its way and is not being carried: after a start, an error or a reorg."""
        for row in self._state.journal.in_states(IN_FLIGHT):
            self.start(row.key)
        for key in unrevoked(self._state):
            self.start(key)

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
        """Write an error down once, however often it comes again in a row."""
        stored = self._state.journal.proposal(key)
        said = f"{key}: {error}"
        if self._complaints.get(key) == said:
            return
        with self._state.database.transaction():
            self._state.log.append("error", stored.run if stored else "guard", {"message": said})
        self._complaints[key] = said

    async def _carry(self, key: str) -> None:
        """One intent after the other: each is cleared only after its predecessor succeeded."""
        for row in self._state.journal.intents(key):
            reached = await self._carry_one(row.intent)
            if reached in SUCCEEDED:
                continue
            await self.announce()
            if reached not in UNSIGNED:
                await self._revoke_opened(self._state.journal.intent(row.intent))
            return

    async def _revoke_opened(self, row: IntentRow) -> None:
        revocation = await revoke_opened(self._state, row)
        if revocation is None:
            return
        if revocation.decision == "allow":
            self.start(revocation.key)
        else:
            why = "; ".join(reason["message"] for reason in revocation.answer["reasons"])
            self._complain(revocation.key, TreasurerError(f"an allowance stays open, its revocation is denied: {why}"))

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
            current = self._state.journal.intent(row.intent)
            if current.state is State.CLEARED:
                await self._signing.sign(current)
            current = self._state.journal.intent(row.intent)
            if current.state is State.SIGNED:
                await self._send(current)

    async def _sign_and_send(self, row: IntentRow) -> None:
        """After a restart: a clearance that was issued in another situation is called in, and we judge again."""
        async with self._in_order:
            head = (await self._state.chain.block()).number
            await self._signing.sign(row, head)

    async def _send(self, row: IntentRow) -> None:
        """The log's head is signed before the bytes leave; bytes that the node has already are no error."""
        if row.state is State.SIGNED and held(self._state, row):
            await asyncio.sleep(RETRY_SECONDS)  # the stop came first: what was never sent waits for the owner
            return
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
                halt(self._state, "guard", f"nonce {row.nonce} was used by a transaction that this guard did not sign")
        except RpcRefused as refused:
            self._complain(row.key, refused)

    async def _include(self, row: IntentRow) -> None:
        assert row.hash is not None
        waited = 0.0
        while (receipt := await self._state.chain.receipt(row.hash)) is None:
            if self._state.journal.intent(row.intent).state is not State.BROADCAST:
                return  # another transaction took its nonce
            pause = POLL_SECONDS if waited < 10 else SLOW_POLL_SECONDS
            await asyncio.sleep(pause)
            waited += pause
            if waited >= REBROADCAST_SECONDS:
                waited = 0.0
                await self._broadcast(row)
        self._state.clock.not_before((await self._state.chain.block(receipt.block_number)).timestamp)
        body = await inclusion_body(self._state, row, receipt)
        self._boundary("included")
        with self._state.database.transaction():
            if self._state.journal.intent(row.intent).state is not State.BROADCAST:
                return
            self._state.log.append("included", run_of(self._state, row), body)
            note_outcome(self._state, row, body, self._state.now())
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
                left_the_chain(self._state, row)
            elif receipt.succeeded:
                self._state.journal.move(row.intent, State.CONFIRMED, now)
            else:
                why = "the transaction was included and reverted"
                body = {"key": row.key, "intent": row.intent, "why": why, "hash": row.hash}
                self._state.log.append("failed", run_of(self._state, row), body)
                self._state.journal.move(row.intent, State.FAILED, now, why=why)
                break_off(self._state, row, now)

    def _refuse(self, row: IntentRow, refused: Refused) -> None:
        now, run = self._state.now(), run_of(self._state, row)
        named = {"key": row.key, "intent": row.intent}
        with self._state.database.transaction():
            if refused.judgement is not None:
                head = {**named, "digest": row.digest, "stage": "clear"}
                self._state.log.append("judged", run, {**head, **refused.judgement.body(self._state)})
                stop_if_tripped(self._state, refused.judgement.verdict)
            self._state.log.append("failed", run, {**named, "why": str(refused)})
            self._state.journal.move(row.intent, State.REFUSED, now, why=str(refused))
            break_off(self._state, row, now)
