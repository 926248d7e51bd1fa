"""The condition on votes: at which governor, and how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo

from ..documents.yaml_document import Written
from ..effect import Kind
from ..language.fields import one_or_more
from .condition import Condition, Subject, Truth, listed
from .names import Addresses

_SUPPORT = {"against": 0, "for": 1, "abstain": 2}
"""As OpenZeppelin's GovernorCountingSimple and Compound's GovernorBravo count them (VoteType)."""
_WORDS = {number: word for word, number in _SUPPORT.items()}
_Word = Literal["against", "for", "abstain"]


class _Terms(Written):
    governor: Any = None
    support: Annotated[tuple[_Word, ...], BeforeValidator(one_or_more), Field(min_length=1)] | None = None


@dataclass(frozen=True)
class Vote(Condition):
    """A vote at one of these governors, in one of these ways. What is no vote fails it."""

    name: ClassVar[str] = "vote"
    how: ClassVar[str] = "{governor: [our-dao], support: [for, abstain]}"
    governors: Addresses | None
    support: tuple[_Word, ...] | None

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{governor: [our-dao], support: [for, abstain]}``, or one of the two."""
        terms = _Terms.model_validate(value, context=info.context)
        if terms.governor is None and terms.support is None:
            raise ValueError("say at least one of governor, support")
        governors = None if terms.governor is None else Addresses.parse(terms.governor, info, section="venues")
        return cls(governors, terms.support)

    def judge(self, subject: Subject) -> Truth:
        """Whether governor and support are among these; Unknown where the calldata does not tell the support."""
        effect = subject.effect
        if effect.kind is not Kind.VOTE or effect.target is None:
            return False
        if self.governors is not None and not self.governors.contains(effect.target, subject):
            return False
        if self.support is None:
            return True
        if effect.support is None:
            return subject.unknown("how it votes")
        return _WORDS.get(effect.support) in self.support

    def actual(self, subject: Subject) -> str:
        """The vote."""
        effect = subject.effect
        if effect.kind is not Kind.VOTE:
            return "no vote"
        how = "unknown" if effect.support is None else _WORDS.get(effect.support, f"support {effect.support}")
        return f"{how} at {subject.name(effect.target)}"

    def limit(self) -> str:
        """What is asked for."""
        parts = [] if self.support is None else [listed(self.support)]
        parts += [] if self.governors is None else [f"at {self.governors.words()}"]
        return " ".join(parts)
