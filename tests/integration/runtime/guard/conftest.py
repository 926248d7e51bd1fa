"""A whole guard and a whole signer, on real sockets and the session's devnet, in the test's own loop."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.proposal import Claim, Proposal
from treasurer.runtime.audit.verify import verify
from treasurer.runtime.bot.configuration import read_configuration
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.orders import sign_policy
from treasurer.runtime.commands.payment import payment
from treasurer.runtime.guard.execution import Execution
from treasurer.runtime.guard.finality import follow
from treasurer.runtime.guard.foreign import look_for_foreign
from treasurer.runtime.guard.halt import notice
from treasurer.runtime.guard.service import GuardService
from treasurer.runtime.guard.state import GuardState, open_state
from treasurer.runtime.guard.submission import expire, submit
from treasurer.runtime.processes.ipc import serve
from treasurer.runtime.signer.permission import signing_permission
from treasurer.runtime.signer.process import SignerService
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.chain import fee_ceiling
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.signers import KeystoreSigner, SigningDesk, open_keystore
from treasurer.wallets.values import hash_words

WAIT_SECONDS = 20
GWEI = 10**9


@dataclass
class Running:
    """A guard that runs here: its parts, and what others may ask of it."""

    folder: BotFolder
    state: GuardState
    execution: Execution
    service: GuardService
    hooks: dict[str, Callable[[], object]] = field(default_factory=dict)

    async def ask(self, method: str, **params: Any) -> dict[str, Any]:
        return await self.service.handle(method, params)

    def pay(self, amount: str, key: str = "payment", to: str = "alice", token: str = "usdc") -> Proposal:
        return payment(self.folder, amount, token, to, key=key, at=self.state.now().isoformat(), max_fee_per_gas=GWEI)

    def proposal(self, calls: Iterable[Call], key: str = "calls", claims: tuple[Claim, ...] = ()) -> Proposal:
        return Proposal(
            chain_id=self.state.chain_id,
            account=self.state.account,
            calls=tuple(calls),
            claims=claims,
            intent_key=hash_words("test", key),
            run=key,
            fee_ceiling=fee_ceiling(2, GWEI),
            expires_at=self.state.now() + timedelta(hours=2),
        )

    async def submit(self, proposal: Proposal) -> dict[str, Any]:
        return await self.ask("submit", proposal=proposal.to_json())

    async def done(self, proposal: Proposal) -> dict[str, Any]:
        """Submitted, carried out, and how it ended."""
        await self.submit(proposal)
        return await self.ask("wait", key=proposal.intent_key, seconds=WAIT_SECONDS)

    async def tidy(self) -> None:
        """One round of the guard's housekeeping."""
        self.state.aware_of((await self.state.chain.block()).timestamp)
        await look_for_foreign(self.state)
        await follow(self.state)
        self.execution.take_up()
        expire(self.state)
        notice(self.state)

    async def verified(self) -> None:
        """Nothing in the log is refuted by a stranger who asks the chain, a last judgement's windows included.

        So every test here ends.
        """
        await submit(self.state, self.pay("60000", uuid.uuid4().hex))
        path = Path((await self.ask("audit_export"))["path"])
        report = await asyncio.to_thread(verify, path, self.state.configuration.chain.rpc[0])
        refuted = [finding for finding in report.claims if finding.result == "refuted"]
        assert not refuted, refuted

    def kinds(self) -> list[str]:
        return [record.kind for record in self.state.log.records()]

    def signed(self, digest: str) -> str:
        return "0x" + owner_of(self.folder).sign_hash(digest).hex()


def change_policy(folder: BotFolder, old: str, new: str) -> None:
    """Another policy, signed by the owner."""
    policy = folder.root / "policy.yaml"
    before = policy.read_text()
    assert old in before
    policy.write_text(before.replace(old, new))
    sign_policy(folder, owner_of(folder))


def owner_of(folder: BotFolder) -> PrivateKey:
    """The throwaway owner that a devnet bot is made with."""
    owner = folder.root / "owner"
    return open_keystore(owner / "owner.json", (owner / "password").read_text().strip())


@contextlib.asynccontextmanager
async def signing(folder: BotFolder) -> AsyncIterator[SigningDesk]:
    """The signer process's parts behind its socket."""
    folder.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = open_keystore(folder.keystore, (folder.signer / "password").read_text().strip())
    configuration = read_configuration(folder.configuration)
    desk = SigningDesk(
        folder.signer_database,
        KeystoreSigner(key),
        issuer=folder.clearance_issuer.read_text().strip(),
        chain_id=configuration.chain.id,
        may_sign=signing_permission(folder, configuration),
        now=lambda: datetime.now(UTC),
    )
    server = await serve(folder.signer_socket, SignerService(desk).handle)
    try:
        yield desk
    finally:
        await server.close()
        desk.close()


@contextlib.asynccontextmanager
async def guarding(folder: BotFolder) -> AsyncIterator[Running]:
    """The guard process's parts, as its start puts them together; housekeeping is the test's."""
    state = await open_state(folder)
    hooks: dict[str, Callable[[], object]] = {}

    def boundary(name: str) -> None:
        hook = hooks.pop(name, None)
        if hook is not None:
            hook()

    notice(state)
    execution = Execution(state, boundary=boundary)
    execution.take_up()
    running = Running(folder, state, execution, GuardService(state, execution), hooks)
    try:
        yield running
        await execution.close()
        await running.verified()
    finally:
        await execution.close()
        await state.signer.close()
        await state.chain.aclose()
        state.database.close()


@pytest.fixture
async def running(bot: BotFolder, chain: Devnet) -> AsyncIterator[Running]:
    async with signing(bot), guarding(bot) as guard:
        yield guard
