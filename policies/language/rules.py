"""Rule: one sentence of a policy: allow, escalate or deny some kinds of effects, when every condition holds."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, ConfigDict, model_validator

from ..conditions import Condition, read_conditions
from ..documents.yaml_document import Fault, Written, located
from ..effect import Kind
from ..kinds import ALLOWABLE
from ..verdict import Decision
from .approvals import ApprovalTerms
from .fields import Id, Kinds


class Rule(Written):
    """One rule: allow, escalate or deny some kinds of effects when every condition holds."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: Id
    allow: Kinds | None = None
    escalate: Kinds | None = None
    deny: Kinds | None = None
    when: Annotated[tuple[Condition, ...], BeforeValidator(read_conditions)] = ()
    approvals: ApprovalTerms | None = None

    @model_validator(mode="after")
    def _one_decision(self) -> Self:
        given = [word for word in ("allow", "escalate", "deny") if getattr(self, word) is not None]
        if len(given) != 1:
            raise ValueError("a rule says exactly one of allow, escalate, deny")
        if given == ["escalate"] and self.approvals is None:
            raise ValueError("an escalate rule says whose approvals: {quorum: 1, of: [..], expires: 1h}")
        faults: list[Fault] = []
        if given != ["escalate"] and self.approvals is not None:
            faults.append((("approvals",), "only an escalate rule asks for approvals"))
        if given != ["deny"]:
            for position, kind in enumerate(self.kinds):
                if kind not in ALLOWABLE:
                    faults.append(((given[0], position), f"{kind} can only be denied: no rule can let it through"))
        if faults:
            raise located(faults)
        return self

    @property
    def decision(self) -> Decision:
        """What the rule says of an effect that it matches."""
        return "deny" if self.deny is not None else "escalate" if self.escalate is not None else "allow"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of effects that it speaks of."""
        return self.deny or self.escalate or self.allow or ()
