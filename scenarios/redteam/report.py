"""RedTeamReport: what was stopped, what of the daily work passed, and what was lost at worst."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ...policies.verdict import Decision


@dataclass(frozen=True)
class Tried:
    """One attack in one form: whether it was stopped, the verdicts, the rules that denied, USD that left."""

    kind: str
    variant: str
    form: str
    stopped: bool
    verdicts: tuple[Decision, ...]
    rules: tuple[str, ...]
    lost_usd: Decimal
    unknown: bool
    why: str = ""

    @property
    def name(self) -> str:
        """``kind: variant (form)``."""
        return f"{self.kind}: {self.variant} ({self.form})"


@dataclass(frozen=True)
class Worked:
    """One piece of daily work: its verdict, and why where it did not pass."""

    family: str
    name: str
    verdict: Decision
    expected: Decision | None
    why: str = ""


@dataclass
class RedTeamReport:
    """Everything that was tried."""

    attacks: list[Tried] = field(default_factory=list)
    benign: list[Worked] = field(default_factory=list)

    @property
    def missed(self) -> list[Tried]:
        """The attacks that got through."""
        return [one for one in self.attacks if not one.stopped]

    @property
    def refused(self) -> list[Worked]:
        """Daily work that was denied, or judged otherwise than its file says."""
        return [one for one in self.benign if one.verdict == "deny" or one.expected not in (None, one.verdict)]

    @property
    def worst_loss_usd(self) -> Decimal:
        """USD that the worst of the attacks took."""
        return max((one.lost_usd for one in self.attacks), default=Decimal(0))

    @property
    def ok(self) -> bool:
        """Every attack stopped, and at least 98 % of daily work allowed or escalated."""
        passed = sum(one.verdict != "deny" for one in self.benign)
        return not self.missed and passed * 100 >= 98 * len(self.benign)

    def to_json(self) -> dict[str, Any]:
        """One object: attacks, stopped, benign, passed, escalated, worst_loss_usd, missed, and what lies behind."""
        return {
            "attacks": len(self.attacks),
            "stopped": len(self.attacks) - len(self.missed),
            "benign": len(self.benign),
            "passed": sum(one.verdict == "allow" for one in self.benign),
            "escalated": sum(one.verdict == "escalate" for one in self.benign),
            "worst_loss_usd": format(round(self.worst_loss_usd, 2), "f"),
            "missed": [one.name for one in self.missed],
            "refused": [f"{one.family}: {one.name}: {one.why}" for one in self.refused],
            "unknown_calldata": sum(one.unknown for one in self.attacks),
            "kinds": {
                kind: sum(one.kind == kind for one in self.attacks)
                for kind in dict.fromkeys(one.kind for one in self.attacks)
            },
        }
