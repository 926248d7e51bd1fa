"""What the verifier answers: claims, each verified, refuted or unverifiable, with why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Result = Literal["verified", "refuted", "unverifiable"]


@dataclass(frozen=True)
class Finding:
    """One thing that the log claims, what became of it, and why, in a sentence for a person who is no programmer."""

    claim: str
    result: Result
    why: str


@dataclass
class Report:
    """Everything that was found, in the order in which it was checked. ``exit_status``: 1 where anything is refuted."""

    claims: list[Finding] = field(default_factory=list)

    @property
    def exit_status(self) -> int:
        """0 none refuted, 1 some refuted."""
        return int(self.count("refuted") > 0)

    def count(self, result: Result) -> int:
        """How many claims ended so."""
        return sum(finding.result == result for finding in self.claims)

    def verified(self, claim: str, why: str) -> None:
        """The claim holds."""
        self.claims.append(Finding(claim, "verified", why))

    def refuted(self, claim: str, why: str) -> None:
        """The claim is false."""
        self.claims.append(Finding(claim, "refuted", why))

    def unverifiable(self, claim: str, why: str) -> None:
        """What was given neither proves nor refutes the claim."""
        self.claims.append(Finding(claim, "unverifiable", why))

    def conclude(self, claim: str, faults: Sequence[str], why: str) -> None:
        """Verified with ``why`` where there is no fault; else refuted once for each fault."""
        for fault in faults:
            self.refuted(claim, fault)
        if not faults:
            self.verified(claim, why)

    def to_json(self) -> dict[str, Any]:
        """``{"claims": [{"claim", "result", "why"}..], "verified", "refuted", "unverifiable"}``."""
        return {
            "claims": [{"claim": item.claim, "result": item.result, "why": item.why} for item in self.claims],
            "verified": self.count("verified"),
            "refuted": self.count("refuted"),
            "unverifiable": self.count("unverifiable"),
        }
