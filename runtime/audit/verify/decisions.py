"""Decisions: every digest recomputed, every judgement made again from the recorded facts by the recorded policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from ....policies import Facts, PolicyBundle, Proposal, Verdict, judge
from ....wallets.cid import cid_text, decode_block
from ....wallets.errors import TreasurerError
from ..plain import to_plain
from ..records import Cleared, Judged, Proposed
from .bundles import Policies
from .exported import Entry, Exported
from .report import Report


@dataclass(frozen=True)
class Decision:
    """A judgement that was made again: what was judged, on what, and the answer (the recorded one)."""

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
        except (ValidationError, ValueError, TreasurerError) as error:
            report.refuted(f"judgement {entry.seq}", f"record {entry.seq} cannot be judged again: {_first_line(error)}")
    report.conclude(
        "digests", faults, f"the digests of {len(decisions.proposals)} proposals are those of the recorded bytes"
    )
    return decisions


        def _check( entry: Entry, log: Exported, policies: Policies, decisions: Decisions, faults: list[str], report:
        Report ) -> None: body: Proposed | Judged | Cleared = entry.body proposal =
        Proposal.model_validate(body.proposal) link = policies.in_force(entry.seq) if isinstance(body, Proposed):
        _check_digest(entry.seq, body.digest, proposal, cid_text(link), decisions, faults) return claim = f"judgement
        {entry.seq}" if body.policy != link: report.refuted(claim, f"record {entry.seq} was judged by
        {cid_text(body.policy)}, and {cid_text(link)} was in force") return bundle = policies.get(link) if bundle is
        None: report.unverifiable(claim, f"the policy {cid_text(link)} cannot be loaded from the file") return digest =
        body.digest if isinstance(body, Judged) else str(body.clearance.get("digest")) _check_digest(entry.seq, digest,
        proposal, bundle.cid, decisions, faults) if (proposal.chain_id, proposal.account) != (log.opened.chain_id,
        log.opened.account.lower()): report.refuted(claim, f"record {entry.seq} judges a proposal of another account
        than the log's") return recorded_facts = body.facts if isinstance(body.facts, dict) else
        _linked_facts(body.facts, log) facts = Facts.model_validate(recorded_facts) verdict = judge(bundle.policy,
        bundle.book, proposal, facts) decisions.by_seq[entry.seq] = Decision( entry, digest, proposal, facts,
        Verdict.model_validate(body.verdict), bundle ) _compare(entry.seq, body.verdict or {}, to_plain(verdict),
        report)


def _check_digest(
    seq: int, digest: str, proposal: Proposal, policy_cid: str, decisions: Decisions, faults: list[str]
) -> None:
    """The digest is that of the proposal, or of a whole one of which this is a step."""
    if proposal.approvable(policy_cid).digest() == digest:
        decisions.proposals.setdefault(digest, proposal)
        return
    whole = decisions.proposals.get(digest)
    is_step = whole is not None and proposal.calls and whole.narrowed(proposal.calls) == proposal
    if whole is None or not is_step or any(call not in whole.calls for call in proposal.calls):
        faults.append(f"the digest in record {seq} is not that of the proposal beside it")


def _linked_facts(link: object, log: Exported) -> Any:
    if not isinstance(link, bytes) or link not in log.blocks:
        raise ValueError("its facts are missing in the file")
    return decode_block(log.blocks[link])


            def _compare(seq: int, recorded: dict[str, Any], again: dict[str, Any], report: Report) -> None: claim =
            f"judgement {seq}" if recorded == again: rules = sorted({reason["rule"] for reason in again["reasons"]})
            named = f" ({', '.join(rules)})" if rules else "" report.verified(claim, f"the policy answers
            {again['decision']}{named} again on the facts of record {seq}") elif recorded.get("decision") !=
            again["decision"]: report.refuted( claim, f"record {seq} says {recorded.get('decision')}, and the policy
            answers {again['decision']} on its facts" ) else: parts = sorted(part for part in again if
            recorded.get(part) != again[part]) report.refuted(claim, f"the policy answers with other {' and
            '.join(parts) or 'fields'} than record {seq} holds")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
