"""ApprovalTerms: whose approvals an escalate rule asks for."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from ...wallets.hints import nearest
from ..conditions.names import book_of
from ..documents.duration import Seconds
from ..documents.yaml_document import Fault, Written, located
from ..verdict import Approvals
from .fields import one_or_more

Role = Literal["asker", "author"]
"""A part that somebody has in a proposal: who asked for its Run, or who signed the policy and book in force."""


class ApprovalTerms(Written):
    """``quorum`` of the people ``of`` must approve within ``expires``.

    ``separate``: whoever asked for the Run (``asker``), or signed the policy in force (``author``), may not.
    """

    quorum: Annotated[int, Field(ge=1, strict=True)]
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    expires: Seconds
    separate: Annotated[tuple[Role, ...], BeforeValidator(one_or_more)] = ()

    @model_validator(mode="after")
    def _possible(self, info: ValidationInfo) -> Self:
        faults: list[Fault] = []
        if len(set(self.of)) != len(self.of):
            faults.append((("of",), "somebody is named twice: each person approves once"))
        if self.quorum > len(set(self.of)):
            faults.append((("quorum",), f"{self.quorum} approvals can never come from {len(set(self.of))} people"))
        book = book_of(info)
        for position, label in enumerate(self.of if book else ()):
            assert book is not None
            person = book.people.get(label)
            if person is None:
                faults.append((("of", position), f'the book has no person "{label}"{nearest(label, book.people)}'))
            elif "approve" not in person.may:
                faults.append((("of", position), f"{label} may not approve: the book must say may: [approve]"))
        if faults:
            raise located(faults)
        return self

    def terms(self, excluded: frozenset[str] = frozenset()) -> Approvals:
        """The same, as a verdict carries it: those of ``of`` who may not approve are named with it."""
        barred = tuple(label for label in self.of if label in excluded)
        return Approvals(quorum=self.quorum, of=self.of, expires_seconds=self.expires, excluded=barred)
