"""The condition on tokens that are not fungible: of which collection, and which of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, ValidationInfo

from ..book.contract_kinds import COLLECTIONS
from ..documents.yaml_document import Written, located
from ..effect import Kind
from ..language.fields import one_or_more
from .condition import Condition, Subject, Truth, listed
from .names import Assets, book_of

_Ids = Annotated[
    tuple[Annotated[int, Field(ge=0, strict=True)], ...], Field(min_length=1), BeforeValidator(one_or_more)
]


class _Terms(Written):
    collection: Any = None
    ids: _Ids | None = None


@dataclass(frozen=True)
class Nft(Condition):
    """Every token that moves is of one of these collections, and one of these ids. What moves none fails it."""

    name: ClassVar[str] = "nft"
    how: ClassVar[str] = "{collection: [deeds], ids: [1, 2]}"
    collections: Assets | None
    ids: frozenset[int] | None

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{collection: [deeds], ids: [1, 2]}``, or one of the two."""
        terms = _Terms.model_validate(value, context=info.context)
        if terms.collection is None and terms.ids is None:
            raise ValueError("say at least one of collection, ids")
        collections = None if terms.collection is None else Assets.parse(terms.collection, info)
        book = book_of(info)
        tokens = () if book is None else book.sections.get("tokens", ())
        for label in () if collections is None or book is None else collections.labels:
            kinds = {getattr(entry, "kind", label) for entry in tokens if entry.label == label}
            if not kinds & COLLECTIONS:
                kind = ", ".join(sorted(kinds)) or "the coin"
                raise located([(("collection",), f"{label} is no collection: it is {kind}, not erc721 or erc1155")])
        return cls(
            collections=collections,
            ids=None if terms.ids is None else frozenset(terms.ids),
        )

    def judge(self, subject: Subject) -> Truth:
        """Whether collection and ids are among these; Unknown where the calldata does not tell the ids."""
        effect = subject.effect
        if effect.kind is not Kind.NFT_TRANSFER:
            return False
        if self.collections is not None:
            if effect.asset is None:
                return subject.unknown("the collection")
            if not self.collections.contains(effect.asset, subject):
                return False
        if self.ids is None:
            return True
        return self.ids.issuperset(effect.token_ids) if effect.token_ids else subject.unknown("which token it is")

    def actual(self, subject: Subject) -> str:
        """The tokens."""
        effect = subject.effect
        if effect.kind is not Kind.NFT_TRANSFER:
            return "no token that is not fungible"
        ids = ", ".join(map(str, effect.token_ids[:5])) or "unknown"
        return f"{subject.name(effect.asset)} {ids}"

    def limit(self) -> str:
        """What is asked for."""
        parts = [] if self.collections is None else [self.collections.words()]
        parts += [] if self.ids is None else [f"token {listed(str(one) for one in sorted(self.ids))}"]
        return " ".join(parts)
