"""Policy: what policy.yaml says, read with the book at hand, so that a label which the book lacks is a fault with its
line.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from ...wallets.hints import nearest, nearest_or_all
from ..book.attachments import NO_ATTACHMENTS
from ..book.book import Book
from ..conditions import Memory
from ..conditions.balance_change import BalanceChange
from ..conditions.circumstances import Chain
from ..conditions.plugins import Plugin
from ..conditions.targets import Target
from ..documents.duration import Seconds
from ..documents.yaml_document import Fault, Written, located, read_document
from ..effect import Kind
from .breakers import Breaker
from .fields import ChainIds, read_version
from .limits import Limit
from .plugins import PluginName, PluginPin
from .rules import Rule


class Timelock(Written):
    """How long an address must have been in the signed ``book`` before it may be dealt with."""

    book: Seconds


class Policy(Written):
    """A whole policy.yaml. The order of rules never matters."""

    version: Annotated[int, BeforeValidator(read_version)]
    name: Annotated[str, Field(min_length=1, max_length=200, strict=True)]
    chains: ChainIds
    limits: tuple[Limit, ...] = ()
    rules: tuple[Rule, ...] = ()
    breakers: tuple[Breaker, ...] = ()
    plugins: dict[PluginName, PluginPin] = Field(default={})
    timelock: Timelock | None = None

    @classmethod
    def read(
        cls,
        source: bytes,
        book: Book,
        name: str = "policy.yaml",
        attachments: Mapping[str, bytes] = NO_ATTACHMENTS,
    ) -> Self:
        """The policy that ``source`` is. Raises DocumentError that names every fault with its line.

        Validators find ``book`` and ``attachments`` (bytes by relative path) in their context.
        """
        return read_document(cls, source, name, context={"book": book, "attachments": attachments})

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
        faults += self._wrong_rules()
        if faults:
            raise located(faults)
        return self

    def _wrong_rules(self) -> list[Fault]:
        """A limit counts what rules let through: rules that there are, and that let something through."""
        letting = {rule.id: rule.decision != "deny" for rule in self.rules}
        faults: list[Fault] = []
        for position, limit in enumerate(self.limits):
            for name in limit.rule or ():
                path = ("limits", position, "rule")
                if name not in letting:
                    faults.append((path, f'no rule is called "{name}"{nearest(name, letting)}'))
                elif not letting[name]:
                    faults.append((path, f"{name} denies: nothing that it lets through can be counted"))
        return faults

    @model_validator(mode="after")
    def _own_chains(self) -> Self:
        faults: list[Fault] = []
        for position, rule in enumerate(self.rules):
            for condition in rule.when:
                strange = sorted(set(condition.ids) - set(self.chains)) if isinstance(condition, Chain) else []
                if strange:
                    own = ", ".join(map(str, self.chains))
                    words = f"the policy is for chain {own}: chain {strange[0]} never comes"
                    faults.append((("rules", position, "when", "chain"), words))
        if faults:
            raise located(faults)
        return self

    @model_validator(mode="after")
    def _pinned_plugins(self) -> Self:
        faults: list[Fault] = []
        for position, rule in enumerate(self.rules):
            for condition in rule.when:
                if isinstance(condition, Plugin) and condition.plugin not in self.plugins:
                    hint = nearest_or_all(condition.plugin, self.plugins)
                    words = f'the policy pins no plugin "{condition.plugin}" under plugins{hint}'
                    faults.append((("rules", position, "when", "plugin"), words))
        if faults:
            raise located(faults)
        return self

    @cached_property
    def _rules_by_kind(self) -> dict[Kind, tuple[Rule, ...]]:
        return {kind: tuple(rule for rule in self.rules if kind in rule.kinds) for kind in Kind}

    @cached_property
    def balance_demands(self) -> dict[str, frozenset[tuple[str, Decimal]]]:
        """What the rules that demand changes of balances demand, by their ids."""
        demands = {rule.id: one.demands for rule in self.rules for one in rule.when if isinstance(one, BalanceChange)}
        return {name: demanded for name, demanded in demands.items() if demanded}

    @cached_property
    def prepared(self) -> dict[int, Any]:
        """What the judge makes of this policy once and keeps, by the identity of the book that it is judged with."""
        return {}

    def rules_for(self, kind: Kind) -> tuple[Rule, ...]:
        """The rules that speak of effects of this kind."""
        return self._rules_by_kind[kind]

    @cached_property
    def window_lengths(self) -> tuple[int, ...]:
        """Seconds of every length of time over which limits or conditions look back, shortest first."""
        lengths = {limit.window for limit in self.limits}
        lengths.update(condition.lookback_seconds for rule in self.rules for condition in rule.when)
        return tuple(sorted(lengths - {0}))

    @cached_property
    def remembers(self) -> frozenset[Memory]:
        """What of the past must be told apart, beyond sums by counter and asset."""
        found: set[Memory] = {condition.remembers for rule in self.rules for condition in rule.when} - {""}
        if any(limit.per or limit.to or limit.rule for limit in self.limits):
            found.add("dealings")
        return frozenset(found)

    @cached_property
    def _target_ages(self) -> dict[Kind, frozenset[int]]:
        return {
            kind: frozenset(
                condition.age_seconds
                for rule in self.rules_for(kind)
                for condition in rule.when
                if isinstance(condition, Target) and condition.age_seconds
            )
            for kind in Kind
        }

    def target_ages(self, kind: Kind) -> frozenset[int]:
        """The ages, in seconds, that rules ask of the code of a contract that does this."""
        return self._target_ages[kind]

    def longest_target_age(self) -> int:
        """Seconds of the longest such age; 0 where no rule asks."""
        return max((age for ages in self._target_ages.values() for age in ages), default=0)

    def longest_window(self) -> int:
        """Seconds of the longest time over which limits or conditions look back; 0 where none does. The ledger need
        not be read further back.
        """
        return max(self.window_lengths, default=0)
