"""Answer: never, with what forbids it; possible, with proposals that the engine let through; or unknown, said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from ...explain.render import render_effect
from ...facts import Facts
from ...proposal import Proposal
from ...verdict import Decision, Verdict
from ..worlds import World


@dataclass(frozen=True)
class Example:
    """One proposal with the time at which the engine judged it, and what it said."""

    proposal: Proposal
    at: datetime
    verdict: Verdict
    facts: Facts

    def line(self, number: int = 1) -> dict[str, Any]:
        """The proposal as a line of ``policy check``."""
        return self.written(self.proposal, self.at, number)

    @staticmethod
    def written(proposal: Proposal, at: datetime, number: int) -> dict[str, Any]:
        """A proposal as a line of ``policy check``."""
        calls = [
            {
                "to": call.to,
                "value": str(call.value),
                "data": "0x" + call.data.hex(),
                "operation": int(call.operation),
            }
            for call in proposal.calls
        ]
        typed = None if proposal.typed_data is None else proposal.typed_data.full_message()
        return {
            "id": str(number),
            "chain_id": proposal.chain_id,
            "from": proposal.account,
            "calls": calls,
            "typed_data": typed,
            "provenance": {address: label.value for address, label in proposal.provenance.items()},
            "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def words(self, world: World) -> str:
        """Its effects, for people."""
        chain_id, account = self.proposal.chain_id, self.proposal.account
        return "; ".join(
            render_effect(effect, world.bundle.book, chain_id, self.facts, account=account)
            for effect in self.verdict.effects
        )


@dataclass(frozen=True)
class Answer:
    """What was asked, and what was found.

    ``forbidden_by``: rules, limits and conditions that rule it out. ``decision``: what the engine said of the
    ``examples``. ``tried``: concrete proposals that the engine was shown on the way.
    """

    asked: str
    answer: Literal["never", "possible", "unknown"]
    why: str = ""
    forbidden_by: tuple[str, ...] = ()
    decision: Decision | None = None
    examples: tuple[Example, ...] = ()
    tried: int = 0

    def to_json(self, world: World) -> dict[str, Any]:
        """As one JSON object; the examples can be given to ``policy check`` line by line."""
        return {
            "asked": self.asked,
            "answer": self.answer,
            "why": self.why,
            "forbidden_by": list(self.forbidden_by),
            "decision": self.decision,
            "tried": self.tried,
            "examples": [
                {
                    "proposal": example.line(number),
                    "effects": example.words(world),
                    "verdict": example.verdict.decision,
                    "rules": list(dict.fromkeys(reason.rule for reason in example.verdict.reasons)),
                }
                for number, example in enumerate(self.examples, 1)
            ],
        }
