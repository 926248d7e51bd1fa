"""GuardService: the guard's answers to the agent, to commands and to people's programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ...wallets.journal import ENDED, UNSIGNED, State
from ...wallets.orders import ResumeOrder, signer_of
from ...wallets.values import checksum
from ..processes.ipc import IpcError
from .budget import budget
from .change import apply_orders
from .ending import end_unsigned
from .execution import Execution
from .halt import halt, lift, notice
from .logbook import Logbook
from .outcome import outcome, stored_under
from .people import People
from .requests import (
    ApproveRequest,
    AttestRequest,
    DigestRequest,
    IntentRequest,
    KeyRequest,
    LogRequest,
    Nothing,
    PageRequest,
    ProposalRequest,
    RecordRequest,
    RefuseRequest,
    Request,
    ResumeRequest,
    RunRequest,
    SaidRequest,
    StopRequest,
)
from .state import GuardState
from .stuck import stuck
from .submission import check, expire, submit

Method = Callable[[Any], Awaitable[dict[str, Any]]]


class GuardService:
    """One method a request; the table says which parameters each takes."""

    def __init__(self, state: GuardState, execution: Execution) -> None:
        self._state = state
        self._execution = execution
        people, logbook = People(state, execution), Logbook(state)
        self._methods: dict[str, tuple[type[Request], Method]] = {
            "status": (Nothing, self.status),
            "submit": (ProposalRequest, self.submit),
            "check": (ProposalRequest, self.check),
            "wait": (IntentRequest, self.wait),
            "withdraw": (KeyRequest, self.withdraw),
            "proposal": (KeyRequest, self.proposal),
            "approvals": (Nothing, people.approvals),
            "approval_show": (DigestRequest, people.approval_show),
            "approve": (ApproveRequest, people.approve),
            "refuse": (RefuseRequest, people.refuse),
            "stop": (StopRequest, self.stop),
            "resume_order": (Nothing, self.resume_order),
            "resume": (ResumeRequest, self.resume),
            "in_force": (Nothing, self.in_force),
            "apply_policy": (Nothing, self.apply_policy),
            "open_run": (RunRequest, self.open_run),
            "said": (SaidRequest, self.said),
            "attest": (AttestRequest, self.attest),
            "budget": (Nothing, self.budget),
            "journal": (PageRequest, self.journal),
            "audit_log": (LogRequest, logbook.audit_log),
            "audit_show": (RecordRequest, logbook.audit_show),
            "audit_export": (Nothing, logbook.audit_export),
        }

    async def handle(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Answer one request. Raises TreasurerError for a refusal, pydantic's ValidationError for malformed
        parameters.
        """
        if method not in self._methods:
            raise IpcError(f"the guard has no method {method}")
        model, answer = self._methods[method]
        return await answer(model.model_validate(params))

    async def submit(self, request: ProposalRequest) -> dict[str, Any]:
        """Judge and reserve; execution begins at once where the verdict is allow."""
        stored = await submit(self._state, request.proposal)
        if stored.decision == "allow":
            self._execution.start(stored.key)
        return outcome(self._state, stored)

    async def check(self, request: ProposalRequest) -> dict[str, Any]:
        """The verdict that submit would give now."""
        return await check(self._state, request.proposal)

    async def wait(self, request: IntentRequest) -> dict[str, Any]:
        """How the proposal stands, once all its intents have ended or the time is over."""
        until = time.monotonic() + request.seconds
        while True:
            answer = outcome(self._state, stored_under(self._state, request.key))
            left = until - time.monotonic()
            if answer["ended"] or left <= 0:
                return answer
            await self._execution.wait_for_change(min(left, 5))

    async def proposal(self, request: KeyRequest) -> dict[str, Any]:
        """What was proposed under a key, or None: whoever asks again under it sends the very same."""
        stored = self._state.journal.proposal(request.key)
        return {"proposal": None if stored is None else stored.proposal}

    async def withdraw(self, request: KeyRequest) -> dict[str, Any]:
        """Take a proposal back, if nothing of it was cleared: ``withdrawn``, else ``too_late``."""
        rows = self._state.journal.intents(stored_under(self._state, request.key).key)
        if not rows or any(row.state not in UNSIGNED for row in rows):
            return {"result": "too_late"}
        with self._state.database.transaction():
            end_unsigned(self._state, request.key, State.WITHDRAWN, "taken back before signing", self._state.now())
        await self._execution.announce()
        return {"result": "withdrawn"}

    async def stop(self, request: StopRequest) -> dict[str, Any]:
        """Set the kill switch; set already, it stays as it was."""
        notice(self._state)
        return {"stopped": True, "record": halt(self._state, request.by, request.reason or "no reason given")}

    async def resume_order(self, _: Nothing) -> dict[str, Any]:
        """What an owner signs to resume."""
        notice(self._state)
        return {"stopped": self._state.stopped, "typed_data": self._resume_order().to_typed_data()}

    async def resume(self, request: ResumeRequest) -> dict[str, Any]:
        """Lift the kill switch by an owner's signature over the order for this stop."""
        if not self._state.stopped:
            return {"stopped": False}
        notice(self._state)
        owner = signer_of(self._resume_order(), request.signature, self._state.owners)
        lift(self._state, owner, request.signature)
        return {"stopped": False, "by": checksum(owner)}

    async def in_force(self, _: Nothing) -> dict[str, Any]:
        """The policy and the owners that this guard obeys."""
        return self._in_force()

    async def apply_policy(self, _: Nothing) -> dict[str, Any]:
        """Obey the policy and the owners that an owner's order names; ``voided``: keys of what that ended."""
        before = self._state.force.policy.order.version, self._state.force.owners.version
        voided = apply_orders(self._state)
        await self._execution.announce()
        now = self._in_force()
        return {**now, "changed": before != (now["version"], now["owners_version"]), "voided": voided}

    def _in_force(self) -> dict[str, Any]:
        policy, owners = self._state.force.policy, self._state.force.owners
        return {
            "policy": policy.bundle.policy.name,
            "policy_cid": policy.bundle.cid,
            "version": policy.order.version,
            "by": checksum(policy.by),
            "owners": [checksum(owner) for owner in owners.owners],
            "owners_version": owners.version,
        }

    async def open_run(self, request: RunRequest) -> dict[str, Any]:
        """Record that a Run begins, once."""
        begun = next(self._state.log.records(kind="run_started", run=request.run), None)
        if begun is None:
            with self._state.database.transaction():
                body = {"trigger": request.trigger, "asked_by": request.asked_by}
                return {"record": self._state.log.append("run_started", request.run, body), "first": True}
        return {"record": begun.cid, "first": False}

    async def said(self, request: SaidRequest) -> dict[str, Any]:
        """Record a person's words; addresses in them carry provenance ``user`` in this Run."""
        with self._state.database.transaction():
            self._state.said.hear(request.run, request.person, request.words)
            body = {"person": request.person, "words": request.words}
            return {"record": self._state.log.append("said", request.run, body)}

    async def attest(self, request: AttestRequest) -> dict[str, Any]:
        """Record what the agent says of itself."""
        with self._state.database.transaction():
            return {"record": self._state.log.append(request.kind, request.run, request.body, origin="attested")}

    async def budget(self, _: Nothing) -> dict[str, Any]:
        """Each limit of the policy: what its window holds now, and its bound."""
        return {"limits": budget(self._state)}

    async def journal(self, request: PageRequest) -> dict[str, Any]:
        """Rows of the journal, oldest first, a page at a time: a message is bounded."""
        rows = []
        for row in self._state.journal.page(request.since, request.limit):
            plain = row.model_dump(mode="json")
            rows.append({**plain, "account": checksum(row.account)})
        return {"rows": rows}

    async def status(self, _: Nothing) -> dict[str, Any]:
        """What a person wants to know at a glance."""
        expire(self._state)
        state = self._state
        block, quote = await asyncio.gather(state.chain.block(), state.chain.fees())
        state.aware_of(block.timestamp)
        signer: dict[str, Any]
        try:
            signer = await asyncio.wait_for(state.signer.status(), 5)
        except (IpcError, TimeoutError) as error:
            signer = {"error": str(error)}
        return {
            "name": state.configuration.name,
            "mode": state.configuration.mode,
            "stopped": state.stopped,
            "account": checksum(state.account),
            "chain_id": state.chain_id,
            "block": block.number,
            "max_fee_per_gas": str(quote.max_fee_per_gas),
            "time": state.now().isoformat(),
            "policy": state.bundle.policy.name,
            "policy_cid": state.bundle.cid,
            "waiting": len(state.approvals.waiting()),
            "in_flight": len(state.journal.in_states(frozenset(State) - ENDED)),
            "stuck": stuck(state),
            "shadow": state.shadow.told(),
            "log": {"size": state.log.size, "head": state.log.head},
            "signer": signer,
        }

    def _resume_order(self) -> ResumeOrder:
        return ResumeOrder(
            chain_id=self._state.chain_id,
            account=self._state.account,
            stop_record=self._state.memory.recall("stop") or "",
        )
