"""People: what they may ask about proposals that wait for them, and what they answer."""

from __future__ import annotations

from typing import Any

from ...policies.proposal import Proposal
from ...policies.verdict import Approvals as NeededApprovals
from ...wallets.digest import Approvable
from ...wallets.journal import State
from .approvals import ApprovalRefused, approver
from .ending import end_unsigned
from .execution import Execution
from .outcome import outcome, stored_under
from .requests import ApproveRequest, DigestRequest, Nothing, RefuseRequest
from .state import GuardState
from .submission import expire


class People:
    """The requests about approvals."""

    def __init__(self, state: GuardState, execution: Execution) -> None:
        self._state = state
        self._execution = execution

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
        digest, stored = item["digest"], stored_under(self._state, item["key"])
        needed = [NeededApprovals.model_validate(one) for one in stored.answer["approvals"]]
        eligible = {label for one in needed for label in one.eligible}
        barred = {label for one in needed for label in one.excluded} - eligible
        person, address = approver(digest, request.signature, self._state.bundle.book, eligible, barred)
        now = self._state.now()
        with self._state.database.transaction():
            if person in self._state.approvals.people(digest):
                raise ApprovalRefused(f"{person} has approved this already")
            self._state.approvals.add(digest, person, address, request.signature, now)
            body = {"digest": digest, "person": person, "address": address, "signature": "0x" + request.signature.hex()}
            self._state.log.append("approved", stored.run, body)
            have = self._state.approvals.people(digest)
            complete = bool(needed) and all(len(have & one.eligible) >= one.quorum for one in needed)
            if complete:
                self._state.approvals.close(digest, "approved")
                for row in self._state.journal.intents(stored.key):
                    self._state.journal.move(row.intent, State.APPROVED, now)
        if complete:
            self._execution.start(stored.key)
        return {**outcome(self._state, stored), "approved_by": sorted(have), "complete": complete}

    async def refuse(self, request: RefuseRequest) -> dict[str, Any]:
        """A person says no: the proposal ends and its budget is free again."""
        item = self._state.approvals.find(request.digest)
        stored, now = stored_under(self._state, item["key"]), self._state.now()
        body = {"digest": item["digest"], "person": request.person, "reason": request.reason}
        with self._state.database.transaction():
            self._state.log.append("refused", stored.run, body)
            self._state.approvals.close(item["digest"], "refused")
            why = f"{request.person or 'a person'} refused it: {request.reason or 'no reason given'}"
            end_unsigned(self._state, stored.key, State.REFUSED, why, now)
        await self._execution.announce()
        return outcome(self._state, stored)

    def _waiting(self, item: dict[str, Any]) -> dict[str, Any]:
        stored = stored_under(self._state, item["key"])
        have = sorted(self._state.approvals.people(item["digest"]))
        names = ("verdict", "rendered", "reasons", "approvals", "purpose")
        return {**item, **{name: stored.answer[name] for name in names}, "approved_by": have}

    def _approvable(self, key: str) -> Approvable:
        stored = stored_under(self._state, key)
        return Proposal.model_validate(stored.proposal).approvable(stored.policy_cid)
