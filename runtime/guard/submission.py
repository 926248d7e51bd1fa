"""Submission: a proposal comes in, is judged on the newest block, its budget taken, and the first answer written
down.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ...policies.explain.render import render_effect
from ...policies.facts import Facts
from ...policies.judgement.judge import judge
from ...policies.observation.observe import observe, worst_fees
from ...policies.proposal import Proposal, Provenance
from ...policies.verdict import GuardRule, Reason, Verdict
from ...wallets.call import Operation
from ...wallets.chain import FeeQuote
from ...wallets.journal import State, StoredProposal
from ...wallets.values import checksum
from .approvals import MAX_PENDING
from .ending import end_unsigned
from .halt import stop_if_tripped
from .own_facts import with_own_facts
from .plugins import ask_plugins
from .requests import REVOCATION
from .state import GuardState

_ADDRESS = re.compile(r"(?<![0-9a-z])0x[0-9a-f]{40}(?![0-9a-z])")


def with_own_provenance(state: GuardState, proposal: Proposal) -> Proposal:
    """The proposal with the labels that the guard can stand for: what an agent says of itself may only narrow.

    ``user`` holds where a person's registered message of this Run literally contains the address; ``untrusted`` and
    ``chain`` stay, every other label is dropped (the book makes its own addresses ``operator``).
    """
    heard = set(_ADDRESS.findall(state.said.heard(proposal.run).lower()))
    labels: dict[str, Provenance] = {}
    for address, label in proposal.provenance.items():
        if label in (Provenance.UNTRUSTED, Provenance.CHAIN):
            labels[address] = label
        elif address in heard:
            labels[address] = Provenance.USER
    return proposal.model_copy(update={"provenance": labels})


async def look(state: GuardState, proposal: Proposal) -> tuple[Facts, FeeQuote]:
    """Facts on the newest block, without the ledger, which only a transaction may read; and the fees they count."""
    bundle = state.bundle
    facts, quote = await asyncio.gather(observe(state.chain, bundle.book, proposal, at=state.now()), state.chain.fees())
    facts = await state.history.complete(facts, bundle.policy, bundle.book, proposal)
    if facts.block is not None:
        state.aware_of(facts.block.timestamp)
    fees = worst_fees(facts.simulation, quote)
    facts = facts.model_copy(update={"at": state.now(), "engine": state.engine, "fees": fees})
    if bundle.policy.plugins:
        effects = judge(bundle.policy, bundle.book, proposal, facts).effects
        plugins = await ask_plugins(bundle.policy.plugins, effects, proposal, facts)
        facts = facts.model_copy(update={"plugins": plugins, "at": state.now()})
    return facts, quote


@dataclass(frozen=True)
class Judgement:
    """What was judged, on what, and the answer."""

    proposal: Proposal
    facts: Facts
    verdict: Verdict

    def body(self, state: GuardState) -> dict[str, Any]:
        """Its part of a record's body."""
        return {
            "policy": state.policy_link,
            "proposal": self.proposal.to_json(),
            "facts": self.facts.model_dump(mode="json"),
            "verdict": self.verdict.model_dump(mode="json"),
        }


def by_policy(state: GuardState, proposal: Proposal, facts: Facts) -> Judgement:
    """The policy's verdict."""
    return Judgement(proposal, facts, judge(state.bundle.policy, state.bundle.book, proposal, facts))


def settle_facts(state: GuardState, facts: Facts, proposal: Proposal) -> Facts:
    """The same facts with the ledger as it is now, the proposal's own reservation left out. Inside a transaction."""
    since = facts.at - timedelta(seconds=state.bundle.policy.longest_window())
    first = "first dealings" in state.bundle.policy.remembers
    spent = state.ledger.spent(
        state.account, now=facts.at, without_intent=proposal.intent_key, since=since, first_dealings=first
    )
    breakers = state.bundle.policy.breakers
    if breakers and facts.portfolio_usd is not None:
        state.portfolio.note(facts.at, facts.portfolio_usd)
    peaks = state.portfolio.peaks(breakers, facts.at)
    settled = facts.model_copy(update={"spent": spent, "stopped": state.stopped, "portfolio_peaks_usd": peaks})
    return with_own_facts(state, settled, proposal)


def judged(state: GuardState, proposal: Proposal, facts: Facts) -> Judgement:
    """The policy's verdict on a proposal that is new, turned into a denial where the guard has reasons of its own."""
    judgement = by_policy(state, proposal, facts)
    own = _own_denials(state, judgement)
    if not own:
        return judgement
    verdict = judgement.verdict
    denied = verdict.model_copy(update={"decision": "deny", "reasons": (*verdict.reasons, *own)})
    return replace(judgement, verdict=denied)


async def check(state: GuardState, proposal: Proposal) -> dict[str, Any]:
    """The verdict that ``submit`` would give now; nothing is reserved and nothing is recorded. Raises KeyConflict."""
    while True:
        bundle = state.bundle
        received, digest = _received(state, proposal)
        facts, _ = await look(state, received)
        with state.database.transaction():
            known = state.journal.known(received.intent_key, digest)
            if known is not None:
                return known.answer
            if state.bundle is not bundle:
                continue  # the policy changed while we looked
            judgement = judged(state, received, settle_facts(state, facts, received))
        return describe_verdict(state, judgement, digest)


async def submit(state: GuardState, proposal: Proposal) -> StoredProposal:
    """Judge, reserve, record. The same key and digest returns the first answer; raises KeyConflict for another
    digest.
    """
    while True:
        bundle = state.bundle
        received, digest = _received(state, proposal)
        known = state.journal.known(received.intent_key, digest)
        if known is not None:
            return known
        facts, _ = await look(state, received)
        with state.database.transaction():
            known = state.journal.known(received.intent_key, digest)
            if known is not None:
                return known
            if state.bundle is not bundle:
                continue  # the policy changed while we looked: what was read, and the digest, belong to the old one
            judgement = judged(state, received, settle_facts(state, facts, received))
            stored = _write_down(state, judgement, digest)
        state.shadow.judge(judgement, bundle, state.account, digest)
        return stored


def _received(state: GuardState, proposal: Proposal) -> tuple[Proposal, str]:
    """The proposal as the guard takes it, and its digest under the policy in force."""
    proposal = with_own_provenance(state, proposal)
    return proposal, proposal.approvable(state.bundle.cid).digest()


def _own_denials(state: GuardState, judgement: Judgement) -> list[Reason]:
    """Time, wallet, what it cannot carry out, gas without a bound, and too many proposals waiting."""
    proposal, facts = judgement.proposal, judgement.facts
    reasons: list[Reason] = []
    if proposal.expires_at <= facts.at:
        reasons.append(_reason("expired", f"the proposal expired at {proposal.expires_at.isoformat()}"))
    if proposal.account != state.account or proposal.chain_id != state.chain_id:
        reasons.append(
            _reason("wallet", f"this guard drives {checksum(state.account)} on chain {state.chain_id} alone")
        )
    signed = (proposal.typed_data, proposal.message, proposal.raw_hash)
    if proposal.authorizations or any(item is not None for item in signed):
        reasons.append(
            _reason("signatures", "this wallet signs transactions; messages and authorizations are only judged")
        )
    if any(call.operation is not Operation.CALL for call in proposal.calls):
        reasons.append(_reason("signatures", "the wallet is a plain key: it cannot run another contract's code"))
    if proposal.calls and not proposal.fee_ceiling:
        reasons.append(_reason("fee-ceiling", "it bounds its gas by nothing: give it a fee ceiling, wei in all"))
    elif facts.fees is not None and facts.fees.worst_wei > proposal.fee_ceiling:
        worst = facts.fees.worst_wei
        reasons.append(_reason("fee-ceiling", f"gas may cost {worst} wei, over its ceiling of {proposal.fee_ceiling}"))
    if judgement.verdict.decision == "escalate" and len(state.approvals.waiting()) >= MAX_PENDING:
        reasons.append(_reason("pending", f"{MAX_PENDING} proposals wait for people already: answer those first"))
    return reasons


def _reason(rule: GuardRule, message: str) -> Reason:
    return Reason(rule=rule, message=message)


def _write_down(state: GuardState, judgement: Judgement, digest: str) -> StoredProposal:
    proposal, facts, verdict = judgement.proposal, judgement.facts, judgement.verdict
    key = proposal.intent_key
    head = {"key": key, "digest": digest}
    body = judgement.body(state)
    state.log.append("proposed", proposal.run, {**head, "proposal": body["proposal"]})
    state.log.append("judged", proposal.run, {**head, "stage": "submit", **body})
    stop_if_tripped(state, verdict)
    stored = StoredProposal(
        key=key, digest=digest, run=proposal.run, proposal=body["proposal"],
        answer=describe_verdict(state, judgement, digest), decision=verdict.decision, policy_cid=state.bundle.cid,
    )  # fmt: skip
    state.journal.store_proposal(stored, facts.at)
    if proposal.run != REVOCATION:
        state.conduct.judged(denied=verdict.decision == "deny")
    if verdict.decision == "deny":
        return stored
    state.ledger.reserve(state.account, key, verdict.spent)
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


def expire(state: GuardState) -> None:
    """End the escalations whose time has run out."""
    now = state.now()
    for item in state.approvals.waiting():
        if datetime.fromisoformat(item["expires_at"]) <= now:
            with state.database.transaction():
                end_unsigned(state, item["key"], State.EXPIRED, "nobody approved it in time", now)


def describe_verdict(state: GuardState, judgement: Judgement, digest: str) -> dict[str, Any]:
    """What whoever asked is told: decision, reasons, and the effects in words and in numbers."""
    proposal, verdict = judgement.proposal, judgement.verdict
    rendered = [
        render_effect(effect, state.bundle.book, proposal.chain_id, judgement.facts, account=proposal.account)
        for effect in verdict.effects
    ]
    plain = verdict.model_dump(mode="json")
    return {
        "verdict": verdict.decision,
        "digest": digest,
        **{name: plain[name] for name in ("reasons", "effects", "approvals")},
        "rendered": rendered,
        "purpose": proposal.purpose,
    }
