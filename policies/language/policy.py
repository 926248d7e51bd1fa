"""Policy: what policy.yaml says, read with the book at hand, so that a label which the book lacks is a fault with its
line.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from ..effect import Kind
from .book import Book
from .breakers import Breaker
from .documents import Fault, Written, located, read_document
from .fields import ChainIds, read_version
from .limits import Limit
from .rules import Rule


class Policy(Written):
    """A whole policy.yaml. The order of rules never matters."""

    version: Annotated[int, BeforeValidator(read_version)]
    name: Annotated[str, Field(min_length=1, max_length=200, strict=True)]
    chains: ChainIds
    limits: tuple[Limit, ...] = ()
    rules: tuple[Rule, ...] = ()
    breakers: tuple[Breaker, ...] = ()

    @classmethod
    def read(cls, source: bytes, book: Book, name: str = "policy.yaml") -> Self:
        """The policy that ``source`` is. Raises DocumentError that names every fault with its line."""
        return read_document(cls, source, name, context={"book": book})

    @model_validator(mode="after")
    def _distinct_ids(self) -> Self:
        owners: dict[str, str] = {}
        faults: list[Fault] = []
        for section in ("limits", "rules", "breakers"):
            for position, item in enumerate(getattr(self, section)):
                place = f"{section}[{position}]"
                other = owners.setdefault(item.id, place)
                if other != place:
                    faults.append(((section, position, "id"), f'the id "{item.id}" is already taken by {other}'))
        if len(set(self.chains)) != len(self.chains):
            faults.append((("chains",), "a chain stands here twice"))
        if faults:
            raise located(faults)
        return self

    @cached_property
    def _rules_by_kind(self) -> dict[Kind, tuple[Rule, ...]]:
        return {kind: tuple(rule for rule in self.rules if kind in rule.kinds) for kind in Kind}

    def rules_for(self, kind: Kind) -> tuple[Rule, ...]:
        """The rules that speak of effects of this kind."""
        return self._rules_by_kind[kind]

    def longest_window(self) -> int:
        """Seconds of the longest window of any limit; 0 without limits. The ledger need not be read further back."""
        return max((limit.window for limit in self.limits), default=0)
