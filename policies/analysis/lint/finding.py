"""Finding: one thing that is wrong or weak, where it stands, why it matters and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...documents.yaml_document import Path_, Places, read_yaml
from ...language.bundle import PolicyBundle
from ...language.policy import Policy
from ..worlds import World

Severity = Literal["error", "warning", "note"]
FINDINGS: dict[str, tuple[Severity, str]] = {
    "unreachable-rule": ("error", "a rule that can never match"),
    "overruled-rule": ("error", "an allow or escalate rule that a deny rule always overrules"),
    "denied-approvals": ("error", "a deny rule that also denies the exact approvals which swaps and lending need"),
    "always-escalated": ("error", "an allow rule whose every match an escalate rule sends to people"),
    "shadowed-rule": ("warning", "a rule that lets through only what another of the same decision does"),
    "allow-all": ("error", "an allow rule that bounds neither recipient nor amount"),
    "no-recipient": ("error", "a rule by which value may go to a stranger"),
    "provenance-alone": ("error", "a payment to strangers admitted by provenance alone"),
    "no-outflow-limit": ("error", "value may leave, and no limit bounds outflow in USD"),
    "coin-uncounted": ("warning", "a limit on a token that may be unwrapped, and none that counts the coin"),
    "unlimited-kind": ("warning", "swaps or borrowing are let through, and no limit counts them"),
    "impossible-escalation": ("error", "an escalation that a limit can never let through whole"),
    "spender-outside-venues": ("error", "an approval may go to a spender that is no venue of the book"),
    "no-feed": ("warning", "USD is asked about a token that has no price feed"),
    "no-heartbeat": ("warning", "a feed without a heartbeat, whose age nobody bounds"),
    "deadline-without-cap": ("warning", "signatures are allowed for as long as they like"),
    "swap-without-slippage": ("error", "a swap may lose any amount"),
    "call-with-address": ("warning", "calls are allowed at a venue, and one that its book declares takes an address"),
    "carries-calls": ("error", "a function declared as a call can carry calls of somebody else's choosing"),
    "permit-unsaid": ("warning", "permits are let through, and the book does not say whether a token has one"),
    "empty-section": ("warning", "a rule that can never match while a section of the book is empty"),
    "no-code-hash": ("warning", "away from a devnet a venue has no pinned code"),
    "ens-entry": ("note", "an entry whose name may later mean another address"),
    "quorum-of-one": ("warning", "one person alone approves, and more could"),
    "short-approval": ("warning", "people have less than ten minutes to approve"),
    "ids-alike": ("warning", "two ids that people will confuse"),
    "unused-section": ("warning", "a section of one's own that no rule names"),
    "section-nearly": ("warning", "a section whose name is nearly one that has a meaning"),
    "token-is-payee": ("error", "a payee that is a token or a venue of the same book"),
    "symbol-like": ("note", "a token called like the coin, or like another by its symbol"),
    "no-never-rule": ("note", "nothing denies by name what is dangerous"),
    "no-gas-limit": ("note", "transactions are let through, and no limit counts gas"),
}
"""Every finding's id, its severity, and what it is in a line. docs/lint.md says the same at length."""


@dataclass(frozen=True)
class Finding:
    """``file:line:column: severity id: what``; ``why`` it matters, ``fix`` is what to do."""

    id: str
    severity: Severity
    file: str
    line: int
    column: int
    what: str
    why: str
    fix: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.severity} {self.id}: {self.what}"

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        return asdict(self)


class Desk:
    """A policy on the desk of its reader: the bundle, its places, and the findings so far."""

    def __init__(self, bundle: PolicyBundle, policy_name: str = "policy.yaml", book_name: str = "book.yaml") -> None:
        self.bundle = bundle
        self.world = World(bundle)
        self._names = (policy_name, book_name)
        _, policy_places = read_yaml(bundle.policy_bytes, policy_name)
        _, book_places = read_yaml(bundle.book_bytes, book_name)
        self._places: tuple[Places, Places] = (policy_places, book_places)
        self.findings: list[Finding] = []

    @property
    def policy(self) -> Policy:
        """The policy."""
        return self.bundle.policy

    def policy_says(self, finding: str, path: Path_, what: str, why: str, fix: str) -> None:
        """A finding at a place of policy.yaml."""
        self._add(finding, 0, path, what, why, fix)

    def book_says(self, finding: str, path: Path_, what: str, why: str, fix: str) -> None:
        """A finding at a place of book.yaml."""
        self._add(finding, 1, path, what, why, fix)

    def _add(self, finding: str, which: int, path: Path_, what: str, why: str, fix: str) -> None:
        line, column = self._places[which].of(path)
        severity = FINDINGS[finding][0]
        self.findings.append(Finding(finding, severity, self._names[which], line, column, what, why, fix))
