"""Reports: what came of a step and of a scenario; and the state of the world that expectations are held against."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

TREASURY = "treasury"


@dataclass(frozen=True)
class Used:
    """What a limit of the policy holds now, in its unit (USD, or an asset)."""

    counts: str
    unit: str
    used: Decimal
    max: Decimal


@dataclass(frozen=True)
class State:
    """Balances in whole units by holder and asset, USD by asset, the health factor (None without debt), the budget.

    ``lent_usd`` and ``owed_usd``: the treasury's position on Aave.
    """

    balances: dict[str, dict[str, Decimal]]
    prices: dict[str, Decimal]
    lent_usd: Decimal
    owed_usd: Decimal
    health_factor: Decimal | None
    budget: dict[str, Used] = field(default_factory=dict)

    def balance(self, key: str) -> Decimal:
        """Of ``WHO ASSET``. Raises KeyError where the world has no such holder or asset."""
        who, _, asset = key.partition(" ")
        return self.balances[who][asset]

    def worth(self, who: str, asset: str) -> Decimal:
        """In USD."""
        return self.balances[who][asset] * self.prices[asset]

    def to_json(self) -> dict[str, Any]:
        """Non-zero balances as decimal texts, the treasury's health factor, and the budget."""
        return {
            "balances": {
                who: {asset: f"{amount:f}" for asset, amount in held.items() if amount}
                for who, held in self.balances.items()
            },
            "lent_usd": f"{self.lent_usd:.2f}",
            "owed_usd": f"{self.owed_usd:.2f}",
            "health_factor": None if self.health_factor is None else f"{self.health_factor:.4f}",
            "budget": {
                name: {"counts": one.counts, "unit": one.unit, "used": f"{one.used:.2f}", "max": f"{one.max:f}"}
                for name, one in self.budget.items()
            },
        }


class StepReport(BaseModel):
    """What a step did. ``differences``: what was expected of it and did not hold.

    ``understood``: the calls that the request was read as; ``read_by``: the parser, the model, code or a script.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    did: str
    outcome: str | None = None
    message: str = ""
    verdicts: list[str] = []
    reasons: list[str] = []
    rendered: list[str] = []
    hashes: list[str] = []
    run: str | None = None
    understood: list[str] = []
    read_by: str | None = None
    seconds: float = 0
    differences: list[str] = []

    def why(self) -> str:
        """Reasons, or the message."""
        return "; ".join(self.reasons) or self.message or "no reason was given"


class Audit(BaseModel):
    """The log's head and what the verifier found in its export."""

    model_config = ConfigDict(frozen=True)

    head: str
    records: int
    verified: int
    refuted: int
    unverifiable: int
    refutations: list[str] = []


@dataclass(frozen=True)
class ScenarioReport:
    """A scenario, played. ``folder``: the bot's; ``car``: the log's export."""

    scenario: str
    steps: tuple[StepReport, ...]
    differences: tuple[str, ...]
    before: State
    after: State
    audit: Audit
    folder: str
    car: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every expectation held."""
        return not self.differences and not any(step.differences for step in self.steps)

    def transactions(self) -> list[str]:
        """Every transaction, in order."""
        return list(dict.fromkeys(hashed for step in self.steps for hashed in step.hashes))

    def verdicts(self) -> dict[str, int]:
        """How often each verdict was given."""
        counted = Counter(verdict for step in self.steps for verdict in step.verdicts)
        return {verdict: counted[verdict] for verdict in ("allow", "escalate", "deny")}

    def to_json(self) -> dict[str, Any]:
        """One object: contract.md's shape of ``demo``, and the balances, budget, folder and export."""
        return {
            "ok": self.ok,
            "scenario": self.scenario,
            "steps": [{**step.model_dump(mode="json"), "ok": not step.differences} for step in self.steps],
            "transactions": self.transactions(),
            "verdicts": self.verdicts(),
            "audit": self.audit.model_dump(mode="json"),
            "differences": list(self.differences),
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "folder": self.folder,
            "export": self.car,
            "seconds": round(self.seconds, 1),
        }
