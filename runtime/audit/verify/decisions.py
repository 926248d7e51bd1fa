"""Decisions: every digest recomputed, every judgement made again from the recorded facts by the recorded policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ....policies.facts import Facts
from ....policies.judgement.judge import judge
from ....policies.language.bundle import PolicyBundle
from ....policies.proposal import Proposal
from ....policies.verdict import GUARD_RULES, Verdict
from ....wallets.cid import cid_text, decode_block
from ....wallets.errors import TreasurerError
from ..pages import read_pages
from ..plain import to_plain
from ..records import Cleared, Judged, Proposed
from .bundles import Policies
from .exported import Entry, Exported
from .report import Report


@dataclass(frozen=True)
class Decision:
    """A judgement that was made again: what was judged, on what, and the recorded answer with what it spent."""

    entry: Entry
    digest: str
    proposal: Proposal
    facts: Facts
    verdict: Verdict
    bundle: PolicyBundle


@dataclass
class Decisions:
    """What the later checks need: each judgement by its record's number, and the whole proposal of each digest."""

    by_seq: dict[int, Decision] = field(default_factory=dict)
    proposals: dict[str, Proposal] = field(default_factory=dict)


def check_decisions(log: Exported, policies: Policies, report: Report) -> Decisions:
    """Report on digests and judgements."""
    decisions = Decisions()
    faults: list[str] = []
    for entry in log.of_kind("proposed", "judged", "cleared"):
        if entry.kind == "cleared" and entry.body.clearance.get("kind") == "cancel":
            continue
        try:
            _check(entry, log, policies, decisions, faults, report)
        except (ValueError, TypeError, ArithmeticError, RecursionError, TreasurerError) as error:
            why = (str(error).splitlines() or ["no reason given"])[0][:200]
            report.refuted(f"judgement {entry.seq}", f"record {entry.seq} cannot be judged again: {why}")
    report.conclude(
        "digests", faults, f"the digests of {len(decisions.proposals)} proposals are those of the recorded bytes"
    )
    return decisions


def _check(
    entry: Entry, log: Exported, policies: Policies, decisions: Decisions, faults: list[str], report: Report
) -> None:
    body: Proposed | Judged | Cleared = entry.body
    proposal = Proposal.model_validate(body.proposal)
    in_force = policies.in_force(entry.seq)
    digest = str(body.clearance.get("digest")) if isinstance(body, Cleared) else body.digest
    _check_digest(entry, digest, proposal, cid_text(in_force), decisions, faults)
    if isinstance(body, Proposed):
        return
    claim = f"judgement {entry.seq}"
    if body.policy != in_force:
        named = "none" if body.policy is None else cid_text(body.policy)
        report.refuted(claim, f"record {entry.seq} names the policy {named}, and {cid_text(in_force)} was in force")
        return
    bundle = policies.get(in_force)
    if bundle is None:
        report.unverifiable(claim, f"the policy {cid_text(in_force)} cannot be loaded from the file")
        return
    facts = Facts.model_validate(_facts(body.facts, log))
    verdict = judge(bundle.policy, bundle.book, proposal, facts)
    recorded = Verdict.model_validate(body.verdict).model_copy(update={"spent": verdict.spent})
    decisions.by_seq[entry.seq] = Decision(entry, digest, proposal, facts, recorded, bundle)
    foreign = (proposal.chain_id, proposal.account) != (log.opened.chain_id, log.opened.account.lower())
    if foreign and recorded.decision != "deny":
        report.refuted(claim, f"record {entry.seq} lets a proposal of another account than the log's pass")
        return
    _compare(entry.seq, body.verdict or {}, to_plain(verdict), report)


def _check_digest(
    entry: Entry, digest: str, proposal: Proposal, policy_cid: str, decisions: Decisions, faults: list[str]
) -> None:
    """The digest is that of the proposal, or of a whole one of which this is what was left; the intent is its key."""
    if proposal.intent_key != entry.body.key.lower():
        faults.append(f"record {entry.seq} has another intent key than the proposal in it")
    if proposal.approvable(policy_cid).digest() == digest:
        decisions.proposals.setdefault(digest, proposal)
        return
    whole = decisions.proposals.get(digest)
    left = len(proposal.calls)
    if whole is None or not left or whole.narrowed(whole.calls[-left:]) != proposal:
        faults.append(f"the digest in record {entry.seq} is not that of the proposal beside it")


def _facts(facts: object, log: Exported) -> Any:
    def block(link: bytes) -> bytes:
        if link not in log.blocks:
            raise ValueError("its facts are missing in the file")
        return log.blocks[link]

    return read_pages(decode_block(block(facts)) if isinstance(facts, bytes) else facts, block)


def _compare(seq: int, recorded: dict[str, Any], again: dict[str, Any], report: Report) -> None:
    claim = f"judgement {seq}"
    said, answer = recorded.get("decision"), again["decision"]
    if recorded == again:
        rules = sorted({reason["rule"] for reason in again["reasons"]})
        named = f" ({', '.join(rules)})" if rules else ""
        report.verified(claim, f"the policy answers {answer}{named} again on the facts of record {seq}")
    elif (own := _own_denials(recorded, again)) is not None:
        report.verified(claim, f"the policy answers {answer} again, and the guard denied for its own reason: {own}")
    elif said != answer:
        report.refuted(claim, f"record {seq} says {said}, and the policy answers {answer} on its facts")
    else:
        parts = sorted(part for part in again if recorded.get(part) != again[part])
        report.refuted(
            claim, f"the policy answers with other {' and '.join(parts) or 'fields'} than record {seq} holds"
        )


def _own_denials(recorded: dict[str, Any], again: dict[str, Any]) -> str | None:
    """The rules that the guard added, where the record is the policy's answer turned into a denial by these alone."""
    count = len(again["reasons"])
    added = recorded.get("reasons", [])[count:]
    own = {reason.get("rule") for reason in added}
    same = {**recorded, "decision": again["decision"], "reasons": recorded.get("reasons", [])[:count]} == again
    return (
        ", ".join(sorted(own)) if same and recorded.get("decision") == "deny" and own and own <= GUARD_RULES else None
    )
