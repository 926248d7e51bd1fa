"""Verdict: allow, escalate (people must approve) or deny, with every reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

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

    @property
    def eligible(self) -> frozenset[str]:
        """Those whose approval counts."""
        return frozenset(self.of) - frozenset(self.excluded)


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

    @classmethod
    def told_later(
        cls,
        decision: Decision,
        effects: tuple[Effect, ...],
        approvals: tuple[Approvals, ...],
        skipped: tuple[str, ...],
        *,
        reasons: Callable[[], tuple[Reason, ...]],
        spent: Callable[[], tuple[Spent, ...]],
    ) -> Self:
        """A verdict whose reasons are worded, and whose movements are counted, when somebody first asks for them.

        Most verdicts of a batch or a search are never read to the last word, and the words cost more than the judging.
        Both functions are pure. Nobody can tell such a verdict from any other: dumps, comparisons and copies look at
        the whole, and find it whole.
        """
        verdict = _new(cls)
        fields = {
            "decision": decision,
            "effects": effects,
            "approvals": approvals,
            "skipped": skipped,
            _LATER: {"reasons": reasons, "spent": spent},
        }
        _set_own_fields(verdict, fields)
        _set(verdict, "__pydantic_fields_set__", _FIELDS.copy())
        _set(verdict, "__pydantic_extra__", None)
        _set(verdict, "__pydantic_private__", None)
        return verdict

    if not TYPE_CHECKING:  # what follows changes when fields are found, never which there are

        def __getattr__(self, name: str) -> Any:
            fields = _own_fields(self)
            if name not in fields.get(_LATER, ()):
                return super().__getattr__(name)
            found = fields[name] = fields[_LATER][name]()
            return found

        @property
        def __dict__(self) -> dict[str, Any]:
            """All fields in their order. Everything that looks at the whole of a model comes here."""
            if _LATER in _own_fields(self):
                _set_own_fields(self, {name: getattr(self, name) for name in type(self).model_fields})
            return _own_fields(self)

        @__dict__.setter
        def __dict__(self, fields: dict[str, Any]) -> None:
            _set_own_fields(self, fields)


_LATER = "(later)"
"""Where a verdict keeps how to find what it was not asked for yet; no attribute can be called so."""
_FIELDS = set(Verdict.model_fields)
_new, _set = object.__new__, object.__setattr__
_own_fields = BaseModel.__dict__["__dict__"].__get__
_set_own_fields = BaseModel.__dict__["__dict__"].__set__
"""A model's own dictionary, behind Verdict's."""
