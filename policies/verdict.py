"""Verdict: allow, escalate (people must approve) or deny, with every reason."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from .effect import Effect
from .facts import Spent

Decision = Literal["allow", "escalate", "deny"]
WORST_FIRST: tuple[Decision, ...] = ("deny", "escalate", "allow")
GuardRule = Literal["expired", "wallet", "signatures", "fee-ceiling", "pending"]
"""Rules of the guard's own, which only turn an answer of the policy into a denial: the proposal's time is over, it is
of another wallet, it asks for what this wallet does not sign, its gas has no bound or passes it, or too many
proposals wait for people.
"""
GUARD_RULES: frozenset[str] = frozenset(get_args(GuardRule))


class Reason(BaseModel):
    """Why: the rule's id (or ``no-rule``, ``malformed``, a limit's id ..), the condition, what was found, the limit."""

    model_config = ConfigDict(frozen=True)

    rule: str
    condition: str = ""
    actual: str = ""
    limit: str = ""
    message: str


class Approvals(BaseModel):
    """Who must approve an escalated proposal: ``quorum`` distinct labels of ``of``, within ``expires_seconds``.

    ``excluded``: those of ``of`` who may not, because they asked for it or wrote what lets it pass.
    """

    model_config = ConfigDict(frozen=True)

    quorum: int
    of: tuple[str, ...]
    expires_seconds: int
    excluded: tuple[str, ...] = ()


class Verdict(BaseModel):
    """The answer of ``judge``: a decision, all its reasons, the effects it was given for, whose approval it needs.

    ``spent``: what the windows take from now on, unless it is denied; never part of a dump, since whoever judges again
    finds it again.
    """

    model_config = ConfigDict(frozen=True)

    decision: Decision
    reasons: tuple[Reason, ...] = ()
    effects: tuple[Effect, ...] = ()
    approvals: tuple[Approvals, ...] = ()
    skipped: tuple[str, ...] = ()
    spent: tuple[Spent, ...] = Field(default=(), exclude=True)
