"""GuardService: the guard's answers to the agent, to commands and to people's programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ...policies.proposal import Proposal
from ...policies.verdict import Approvals as NeededApprovals
from ...wallets.digest import Approvable
from ...wallets.journal import ENDED, SUCCEEDED, UNSIGNED, IntentRow, State, StoredProposal
from ...wallets.values import checksum
from ..audit import export, list_rows, show
from ..folder import BotFolder
from ..ipc import IpcError
from ..orders import OrderRefused, ResumeOrder, signer_of
from .approvals import ApprovalRefused, approver
from .budget import budget
from .execution import Execution
from .halt import halt, lift, notice
from .requests import (
    ApproveRequest,
    AttestRequest,
    DigestRequest,
    ExportRequest,
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
from .submission import check, end_unsigned, expire, submit

Method = Callable[[Any], Awaitable[dict[str, Any]]]


class GuardService:
    """One method a request; the table says which parameters each takes."""

    def __init__(self, state: GuardState, execution: Execution) -> None:
        self._state = state
        self._execution = execution
        self._methods: dict[str, tuple[type[Request], Method]] = {
            "status": (Nothing, self.status),
            "submit": (ProposalRequest, self.submit),
            "check": (ProposalRequest, self.check),
            "wait": (IntentRequest, self.wait),
            "withdraw": (KeyRequest, self.withdraw),
            "proposal": (KeyRequest, self.proposal),
            "approvals": (Nothing, self.approvals),
            "approval_show": (DigestRequest, self.approval_show),
            "approve": (ApproveRequest, self.approve),
            "refuse": (RefuseRequest, self.refuse),
            "stop": (StopRequest, self.stop),
            "resume_order": (Nothing, self.resume_order),
            "resume": (ResumeRequest, self.resume),
            "open_run": (RunRequest, self.open_run),
            "said": (SaidRequest, self.said),
            "attest": (AttestRequest, self.attest),
            "budget": (Nothing, self.budget),
            "journal": (PageRequest, self.journal),
            "audit_log": (LogRequest, self.audit_log),
            "audit_show": (RecordRequest, self.audit_show),
            "audit_export": (ExportRequest, self.audit_export),
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
        return self._outcome(stored)

    async def check(self, request: ProposalRequest) -> dict[str, Any]:
        """The verdict that submit would give now."""
        return await check(self._state, request.proposal)

    async def wait(self, request: IntentRequest) -> dict[str, Any]:
        """How the proposal stands, once all its intents have ended or the time is over."""
        until = time.monotonic() + request.seconds
        while True:
            outcome = self._outcome(self._stored(request.key))
            left = until - time.monotonic()
            if outcome["ended"] or left <= 0:
                return outcome
            await self._execution.wait_for_change(min(left, 5))

    async def proposal(self, request: KeyRequest) -> dict[str, Any]:
        """What was proposed under a key, or None: whoever asks again under it sends the very same."""
        stored = self._state.journal.proposal(request.key)
        return {"proposal": None if stored is None else stored.proposal}

    async def withdraw(self, request: KeyRequest) -> dict[str, Any]:
        """Take a proposal back, if nothing of it was cleared: ``withdrawn``, else ``too_late``."""
        rows = self._state.journal.intents(self._stored(request.key).key)
        if not rows or any(row.state not in UNSIGNED for row in rows):
            return {"result": "too_late"}
        with self._state.database.transaction():
            end_unsigned(self._state, request.key, State.WITHDRAWN, "taken back before signing", self._state.now())
        await self._execution.announce()
        return {"result": "withdrawn"}

    async def approvals(self, _: Nothing) -> dict[str, Any]:
        """What waits for people."""
        expire(self._state)
        return {"waiting": [self._waiting(item) for item in self._state.approvals.waiting()]}

    async def approval_show(self, request: DigestRequest) -> dict[str, Any]:
        """One waiting proposal, with the EIP-712 object that a person signs."""
        item = self._state.approvals.find(request.digest)
        return {**self._waiting(item), "typed_data": self._approvable(item["key"]).to_typed_data()}

    async def approve(self, request: ApproveRequest) -> dict[str, Any]:
        """Add a person's signature; when every rule has its quorum, execution begins."""
        expire(self._state)
        item = self._state.approvals.find(request.digest)
        digest, stored = item["digest"], self._stored(item["key"])
        needed = [NeededApprovals.model_validate(one) for one in stored.answer["approvals"]]
        eligible = {label for one in needed for label in one.of}
        person, address = approver(digest, request.signature, self._state.bundle.book, eligible)
        now = self._state.now()
        with self._state.database.transaction():
            if person in self._state.approvals.people(digest):
                raise ApprovalRefused(f"{person} has approved this already")
            self._state.approvals.add(digest, person, address, request.signature, now)
            body = {"digest": digest, "person": person, "address": address, "signature": "0x" + request.signature.hex()}
            self._state.log.append("approved", stored.run, body)
            have = self._state.approvals.people(digest)
            complete = bool(needed) and all(len(have & set(one.of)) >= one.quorum for one in needed)
            if complete:
                self._state.approvals.close(digest, "approved")
                for row in self._state.journal.intents(stored.key):
                    self._state.journal.move(row.intent, State.APPROVED, now)
        if complete:
            self._execution.start(stored.key)
        return {**self._outcome(stored), "approved_by": sorted(have), "complete": complete}

    async def refuse(self, request: RefuseRequest) -> dict[str, Any]:
        """A person says no: the proposal ends and its budget is free again."""
        item = self._state.approvals.find(request.digest)
        stored, now = self._stored(item["key"]), self._state.now()
        body = {"digest": item["digest"], "person": request.person, "reason": request.reason}
        with self._state.database.transaction():
            self._state.log.append("refused", stored.run, body)
            self._state.approvals.close(item["digest"], "refused")
            why = f"{request.person or 'a person'} refused it: {request.reason or 'no reason given'}"
            end_unsigned(self._state, stored.key, State.REFUSED, why, now)
        await self._execution.announce()
        return self._outcome(stored)

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
        owner = signer_of(self._resume_order(), request.signature, list(self._state.owners))
        lift(self._state, owner, request.signature)
        return {"stopped": False, "by": checksum(owner)}

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
            self._state.approvals.hear(request.run, request.person, request.words)
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

    async def audit_log(self, request: LogRequest) -> dict[str, Any]:
        """Rows of the audit log."""
        rows = list_rows(self._state.log, since=request.since, limit=request.limit, kind=request.kind, run=request.run)
        return {"rows": rows}

    async def audit_show(self, request: RecordRequest) -> dict[str, Any]:
        """One record, whole."""
        return show(self._state.log, request.name)

    async def audit_export(self, request: ExportRequest) -> dict[str, Any]:
        """Write the log as a CAR file, never over or among the bot's own files: whoever asks is not trusted."""
        return export(self._state.log, exportable(self._state.folder, request.path))

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
            "log": {"size": state.log.size, "head": state.log.head},
            "signer": signer,
        }

    def _stored(self, key: str) -> StoredProposal:
        stored = self._state.journal.proposal(key)
        if stored is None:
            raise ApprovalRefused(f"nothing was proposed under {key}", next_command="treasurer wallet journal")
        return stored

    def _outcome(self, stored: StoredProposal) -> dict[str, Any]:
        """The first answer to a proposal, and how its intents stand now."""
        rows = self._state.journal.intents(stored.key)
        unfinished = [row for row in rows if row.state not in SUCCEEDED]
        failed = next((row for row in rows if row.state in ENDED and row in unfinished), None)
        current = failed or (unfinished[0] if unfinished else rows[-1] if rows else None)
        final = failed is not None or not unfinished
        return {
            **stored.answer,
            "key": stored.key,
            "run": stored.run,
            "intent": rows[0].intent if rows else None,
            "state": _state_shown(rows, current),
            "why": "" if current is None else current.why,
            "hash": current.hash if current is not None else None,
            "hashes": [row.hash for row in rows if row.hash],
            "intents": [
                row.model_dump(mode="json", include={"intent", "state", "nonce", "hash", "why"}) for row in rows
            ],
            "ended": final,
        }

    def _waiting(self, item: dict[str, Any]) -> dict[str, Any]:
        stored = self._stored(item["key"])
        have = sorted(self._state.approvals.people(item["digest"]))
        names = ("verdict", "rendered", "reasons", "approvals", "purpose")
        return {**item, **{name: stored.answer[name] for name in names}, "approved_by": have}

    def _approvable(self, key: str) -> Approvable:
        stored = self._stored(key)
        return Proposal.model_validate(stored.proposal).approvable(stored.policy_cid)

    def _resume_order(self) -> ResumeOrder:
        return ResumeOrder(
            chain_id=self._state.chain_id,
            account=self._state.account,
            stop_record=self._state.approvals.recall("stop") or "",
        )


def _state_shown(rows: list[IntentRow], current: IntentRow | None) -> str:
    """One word for a whole proposal; finality is the journal's business, not the asker's."""
    if current is None:
        return "denied"
    if all(row.state in SUCCEEDED for row in rows):
        return str(State.CONFIRMED)
    return str(State.FAILED if current.state is State.REVERTED else current.state)


def exportable(folder: BotFolder, named: str) -> Path:
    """Where an export may be written. Raises OrderRefused."""
    path = Path(named).resolve()
    own = {folder.guard, folder.signer, folder.agent, folder.sockets}
    if own & {path, *path.parents} or (path.parent == folder.root and path.suffix != ".car"):
        raise OrderRefused(f"{path} is the bot's own: export elsewhere", next_command="treasurer audit export out.car")
    if path.exists() and not is_car(path):
        raise OrderRefused(f"{path} exists and is no export: nothing else is overwritten")
    return path


def is_car(path: Path) -> bool:
    """Whether a file begins as a CAR v1 does: a length, then a map of ``roots`` and ``version``."""
    try:
        with path.open("rb") as file:
            return b"eroots" in file.read(64)
    except OSError:
        return False
