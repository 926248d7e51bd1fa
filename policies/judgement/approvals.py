"""Whose approvals an escalate rule asks for now, and why nobody need be asked where they can never be enough."""

from __future__ import annotations

from ..facts import Facts
from ..language.approvals import ApprovalTerms
from ..language.rules import Rule
from ..verdict import Approvals, Reason

_WHO = {"asker": "who asked for this", "author": "who signed the policy in force"}


def asked(rule: Rule, facts: Facts) -> Approvals | Reason:
    """The approvals of an escalate rule without those who may not give one; else why it is denied at once."""
    terms = rule.approvals
    assert terms is not None
    excluded: set[str] = set()
    for role in terms.separate:
        people = (facts.asker,) if role == "asker" else facts.authors
        if people is None or None in people or not people:
            return _reason(rule, terms, f"{_WHO[role]} is unknown", f"{_WHO[role]} must be known to be kept apart")
        excluded.update(label for label in people if label is not None)
    approvals = terms.terms(frozenset(excluded))
    left = [label for label in terms.of if label not in approvals.excluded]
    if len(left) < terms.quorum:
        why = (
            f"{', '.join(approvals.excluded)} may not approve it, and {terms.quorum} approvals never come from the rest"
        )
        return _reason(rule, terms, f"{len(left)} of {', '.join(terms.of)} may approve", why)
    return approvals


def _reason(rule: Rule, terms: ApprovalTerms, actual: str, why: str) -> Reason:
    limit = f"{terms.quorum} of {', '.join(terms.of)}, apart from {' and '.join(_WHO[role] for role in terms.separate)}"
    return Reason(
        rule=rule.id,
        condition="approvals",
        actual=actual,
        limit=limit,
        message=f"{rule.id} asks for {limit}: {why}",
    )
