"""The condition on a message of EIP-191: how its text begins, or who asks for a sign-in by EIP-4361."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, ValidationInfo, model_validator

from ..decode.messages import read_sign_in
from ..documents.yaml_document import Written
from .condition import Condition, Subject, Truth

_Text = Annotated[str, Field(min_length=1, strict=True)]


class _Terms(Written):
    starts_with: _Text | None = None
    siwe_domain: _Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.starts_with is None) == (self.siwe_domain is None):
            raise ValueError("say one of starts_with, siwe_domain")
        return self


@dataclass(frozen=True)
class MessageText(Condition):
    """The text that would be signed begins so, or is a sign-in of this account, on this chain, to that domain."""

    name: ClassVar[str] = "message_text"
    how: ClassVar[str] = "{siwe_domain: app.example.org}"
    starts_with: str | None
    siwe_domain: str | None

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{starts_with: text}`` or ``{siwe_domain: app.example.org}``."""
        terms = _Terms.model_validate(value, context=info.context)
        return cls(terms.starts_with, terms.siwe_domain)

    def judge(self, subject: Subject) -> Truth:
        """False where no message is signed, or it is no UTF-8 text."""
        text = _text(subject)
        if text is None:
            return False
        if self.starts_with is not None:
            return text.startswith(self.starts_with)
        sign_in = read_sign_in(text)
        return (
            sign_in is not None
            and sign_in.domain == self.siwe_domain
            and sign_in.address == subject.proposal.account
            and sign_in.chain_id == subject.chain_id
        )

    def actual(self, subject: Subject) -> str:
        """How the text begins."""
        text = _text(subject)
        return "no text" if text is None else repr(text[:80])

    def limit(self) -> str:
        """What is asked of it."""
        if self.starts_with is not None:
            return f"a text that begins with {self.starts_with!r}"
        return f"a sign-in of this account to {self.siwe_domain}, on this chain"


def _text(subject: Subject) -> str | None:
    if subject.proposal.message is None:
        return None
    try:
        return subject.proposal.message.decode("utf-8")
    except UnicodeDecodeError:
        return None
