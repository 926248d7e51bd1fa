"""Submission: a proposal comes in, is judged on the newest block, its budget taken, and the first answer written
down.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from ...policies.facts import Facts
from ...policies.judge import judge
from ...policies.limits import counted
from ...policies.observe import observe
from ...policies.proposal import Proposal, Provenance
from ...policies.render import render_effect
from ...policies.verdict import GuardRule, Reason, Verdict
from ...wallets.call import Operation
from ...wallets.journal import State, StoredProposal
from ...wallets.values import checksum
from .approvals import MAX_PENDING
from .state import GuardState

_ADDRESS = re.compile(r"(?<![0-9a-z])0x[0-9a-f]{40}(?![0-9a-z])")


def with_own_provenance(state: GuardState, proposal: Proposal) -> Proposal:
    """The proposal with the labels that the guard can stand for: what an agent says of itself may only narrow.

    ``user`` holds where a person's registered message of this Run literally contains the address; ``untrusted`` and
    ``chain`` stay, every other label is dropped (the book makes its own addresses ``operator``).
    """
    heard = set(_ADDRESS.findall(state.approvals.heard(proposal.run).lower()))
    labels: dict[str, Provenance] = {}
    for address, label in proposal.provenance.items():
        if label in (Provenance.UNTRUSTED, Provenance.CHAIN):
            labels[address] = label
        elif address in heard:
            labels[address] = Provenance.USER
    return proposal.model_copy(update={"provenance": labels})


async def look(state: GuardState, proposal: Proposal, **known: Any) -> Facts:
    """Facts on the newest block, without the ledger, which only a transaction may read."""
    facts = await observe(state.chain, state.bundle.book, proposal, at=state.now(), **known)
    if facts.block is not None:
        state.aware_of(facts.block.timestamp)
    return facts.model_copy(update={"at": state.now(), "engine": state.engine})


def settle_facts(state: GuardState, facts: Facts, key: str) -> Facts:
    """The same facts with the ledger as it is now, this key's own reservation left out. Inside a transaction."""
    since = facts.at - timedelta(seconds=state.bundle.policy.longest_window())
    spent = state.ledger.spent(state.account, now=facts.at, without_intent=key, since=since)
    breakers = state.bundle.policy.breakers
    if breakers and facts.portfolio_usd is not None:
        state.portfolio.note(facts.at, facts.portfolio_usd)
    peaks = state.portfolio.peaks(breakers, facts.at)
    return facts.model_copy(update={"spent": spent, "stopped": state.stopped, "portfolio_peaks_usd": peaks})


def judged(state: GuardState, proposal: Proposal, facts: Facts) -> Verdict:
    """The policy's verdict, and the denials that hold whatever the policy says."""
    return judge(state.bundle.policy, state.bundle.book, proposal, facts)


async def check(state: GuardState, proposal: Proposal) -> dict[str, Any]:
    """The verdict that ``submit`` would give now; nothing is reserved and nothing is recorded."""
    proposal = with_own_provenance(state, proposal)
    facts = await look(state, proposal, quote=await state.chain.fees())
    with state.database.transaction():
        facts = settle_facts(state, facts, proposal.intent_key)
    verdict = judged(state, proposal, facts)
    return describe_verdict(state, proposal, verdict, facts, proposal.approvable(state.bundle.cid).digest())


async def submit(state: GuardState, proposal: Proposal) -> StoredProposal:
    """Judge, reserve, record. The same key and digest returns the first answer; raises KeyConflict for another
    digest.
    """
    proposal = with_own_provenance(state, proposal)
    digest = proposal.approvable(state.bundle.cid).digest()
    known = state.journal.known(proposal.intent_key, digest)
    if known is not None:
        return known
    facts = await look(state, proposal, quote=await state.chain.fees())
    with state.database.transaction():
        known = state.journal.known(proposal.intent_key, digest)
        if known is not None:
            return known
        facts = settle_facts(state, facts, proposal.intent_key)
        verdict = _bounded(state, proposal, judged(state, proposal, facts), facts.at)
        return _write_down(state, proposal, digest, verdict, facts)


def _bounded(state: GuardState, proposal: Proposal, verdict: Verdict, at: datetime) -> Verdict:
    """Denials that are the guard's own: time, wallet, what it cannot carry out, and too many proposals waiting."""
    reasons: list[Reason] = []
    if proposal.expires_at <= at:
        reasons.append(_reason("expired", f"the proposal expired at {proposal.expires_at.isoformat()}"))
    if proposal.account != state.account or proposal.chain_id != state.chain_id:
        reasons.append(
            _reason("wallet", f"this guard drives {checksum(state.account)} on chain {state.chain_id} alone")
        )
    if proposal.typed_data is not None or proposal.authorizations:
        reasons.append(
            _reason("signatures", "this wallet signs transactions; typed data and authorizations are only judged")
        )
    if any(call.operation is not Operation.CALL for call in proposal.calls):
        reasons.append(_reason("signatures", "the wallet is a plain key: it cannot run another contract's code"))
    if verdict.decision == "escalate" and len(state.approvals.waiting()) >= MAX_PENDING:
        reasons.append(_reason("pending", f"{MAX_PENDING} proposals wait for people already: answer those first"))
    if not reasons:
        return verdict
    return verdict.model_copy(update={"decision": "deny", "reasons": (*verdict.reasons, *reasons)})


def _reason(rule: GuardRule, message: str) -> Reason:
    return Reason(rule=rule, message=message)


def _write_down(state: GuardState, proposal: Proposal, digest: str, verdict: Verdict, facts: Facts) -> StoredProposal:
    key = proposal.intent_key
    plain = proposal.to_json()
    state.log.append("proposed", proposal.run, {"key": key, "digest": digest, "proposal": plain})
    state.log.append("judged", proposal.run, judgement_body(state, key, digest, "submit", plain, facts, verdict))
    _stop_if_tripped(state, verdict)
    answer = describe_verdict(state, proposal, verdict, facts, digest)
    stored = StoredProposal(
        key=key, digest=digest, run=proposal.run, proposal=plain, answer=answer,
        decision=verdict.decision, policy_cid=state.bundle.cid,
    )  # fmt: skip
    state.journal.store_proposal(stored, facts.at)
    if verdict.decision == "deny":
        return stored
    spent = counted(verdict.effects, proposal, state.bundle.book, facts)
    state.ledger.reserve(state.account, key, spent)
    for position in range(len(proposal.calls)):
        state.journal.open(
            key=key, position=position, chain_id=state.chain_id, account=state.account, digest=digest, at=facts.at
        )
    if state.configuration.mode == "observe":
        end_unsigned(state, key, State.WITHDRAWN, "the bot observes: judged and recorded, not signed", facts.at)
    elif verdict.decision == "escalate":
        wait = min((item.expires_seconds for item in verdict.approvals), default=0)
        state.approvals.escalate(digest, key, min(proposal.expires_at, facts.at + timedelta(seconds=wait)))
    else:
        for row in state.journal.intents(key):
            state.journal.move(row.intent, State.APPROVED, facts.at)
    return stored


def _stop_if_tripped(state: GuardState, verdict: Verdict) -> None:
    """A breaker that tripped stops the wallet, until an owner resumes it."""
    breakers = {breaker.id for breaker in state.bundle.policy.breakers}
    tripped = [reason for reason in verdict.reasons if reason.rule in breakers and "unknown" not in reason.actual]
    if tripped and not state.stopped:
        body = {"by": "guard", "reason": tripped[0].message}
        state.approvals.remember("stop", state.log.append("stopped", "guard", body))
        state.folder.stop_file.write_text(tripped[0].message + "\n")


def judgement_body(  # noqa: PLR0917 - the members of the record, in their order
    state: GuardState, key: str, digest: str, stage: str, proposal: dict[str, Any], facts: Facts, verdict: Verdict
) -> dict[str, Any]:
    """The body of a ``judged`` record."""
    return {
        "key": key,
        "digest": digest,
        "stage": stage,
        "policy": state.policy_link,
        "proposal": proposal,
        "facts": facts.model_dump(mode="json"),
        "verdict": verdict.model_dump(mode="json"),
    }


def end_unsigned(state: GuardState, key: str, to: State, why: str, at: datetime) -> None:
    """Every intent of a key ends before anything was signed; its budget is free again. Inside a transaction."""
    for row in state.journal.intents(key):
        state.journal.move(row.intent, to, at, why=why)
        state.approvals.close(row.digest, str(to))
    state.ledger.release(key)
    kind = {State.EXPIRED: "expired", State.DROPPED: "dropped", State.WITHDRAWN: "withdrawn"}.get(to, "failed")
    stored = state.journal.proposal(key)
    run = stored.run if stored is not None else "guard"
    state.log.append(kind, run, {"key": key, "why": why})


def expire(state: GuardState) -> None:
    """End the escalations whose time has run out."""
    now = state.now()
    for item in state.approvals.waiting():
        if datetime.fromisoformat(item["expires_at"]) <= now:
            with state.database.transaction():
                end_unsigned(state, item["key"], State.EXPIRED, "nobody approved it in time", now)


def void_by_policy(state: GuardState) -> None:
    """End what waits for people under a policy that is no longer in force: any change voids an approval."""
    for item in state.approvals.waiting():
        stored = state.journal.proposal(item["key"])
        if stored is not None and stored.policy_cid != state.bundle.cid:
            with state.database.transaction():
                why = "the policy changed while it waited for people: propose it again"
                end_unsigned(state, item["key"], State.WITHDRAWN, why, state.now())


def describe_verdict(
    state: GuardState, proposal: Proposal, verdict: Verdict, facts: Facts, digest: str
) -> dict[str, Any]:
    """What whoever asked is told: decision, reasons, and the effects in words and in numbers."""
    rendered = [
        render_effect(effect, state.bundle.book, proposal.chain_id, facts, account=proposal.account)
        for effect in verdict.effects
    ]
    return {
        "verdict": verdict.decision,
        "digest": digest,
        "reasons": [reason.model_dump(mode="json") for reason in verdict.reasons],
        "effects": [effect.model_dump(mode="json") for effect in verdict.effects],
        "rendered": rendered,
        "approvals": [item.model_dump(mode="json") for item in verdict.approvals],
        "purpose": proposal.purpose,
    }
