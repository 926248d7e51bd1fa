"""Policy: what policy.yaml says, read with the book at hand, so that a label which the book lacks is a fault with its
line.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from ...wallets.hints import nearest
from ...wallets.values import NATIVE
from ..conditions import Condition, read_conditions
from ..conditions.bounds import Number
from ..conditions.names import book_of
from ..effect import ALLOWABLE, Kind
from ..facts import Counter
from ..verdict import GUARD_RULES, Approvals, Decision
from .book import Book
from .documents import Fault, Written, located, read_document
from .duration import Seconds

_JUDGE_IDS = ("no-rule", "malformed", "clock", "chain", "nothing", "stopped", "simulation", "claims", "code-hash")
RESERVED_IDS = GUARD_RULES.union(_JUDGE_IDS)
"""Ids that reasons use for what is in no policy."""


def _one_or_more(value: Any) -> Any:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


def _read_kind(value: Any) -> Kind:
    try:
        return Kind(value)
    except ValueError:
        raise ValueError(
            f'"{value}" is no kind of effect{nearest(str(value), [kind.value for kind in Kind])}'
        ) from None


def _read_version(value: Any) -> int:
    if value != 1 or isinstance(value, bool | Decimal):
        raise ValueError("expected version: 1")
    return 1


def _refuse_reserved(value: str) -> str:
    if value in RESERVED_IDS:
        raise ValueError(f'"{value}" is what reasons call something else: give it another id')
    return value


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$", strict=True), AfterValidator(_refuse_reserved)]
Kinds = Annotated[
    tuple[Annotated[Kind, BeforeValidator(_read_kind)], ...], BeforeValidator(_one_or_more), Field(min_length=1)
]
ChainIds = Annotated[
    tuple[Annotated[int, Field(ge=1, strict=True)], ...], BeforeValidator(_one_or_more), Field(min_length=1)
]


class ApprovalTerms(Written):
    """``quorum`` of the people ``of`` must approve within ``expires``."""

    quorum: Annotated[int, Field(ge=1, strict=True)]
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    expires: Seconds

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

    def terms(self) -> Approvals:
        """The same, as a verdict carries it."""
        return Approvals(quorum=self.quorum, of=self.of, expires_seconds=self.expires)


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


class Limit(Written):
    """At most ``max`` of a counter in any window ``(t - window, t]``: USD, or whole units of one token."""

    id: Id
    counts: Counter
    asset: str | None = None
    window: Seconds
    max: Number

    @model_validator(mode="after")
    def _possible(self, info: ValidationInfo) -> Self:
        faults: list[Fault] = []
        book = book_of(info)
        if self.counts == "count":
            if self.asset is not None:
                faults.append((("asset",), "count counts proposals, of no asset: leave asset out"))
            if self.max != self.max.to_integral_value():
                faults.append((("max",), "a number of proposals is whole"))
        elif self.asset is None:
            raise ValueError("asset is missing: usd, or a token of the book")
        elif self.counts == "gas" and self.asset not in ("usd", NATIVE):
            faults.append((("asset",), "gas is paid in native coin: count it in usd or native"))
        elif book is not None and self.asset not in ("usd", NATIVE) and self.asset not in book.labels("tokens"):
            known = {"usd", NATIVE, *book.labels("tokens")}
            faults.append((("asset",), f'the book has no token "{self.asset}"{nearest(self.asset, known)}'))
        if faults:
            raise located(faults)
        return self


class PortfolioDrop(Written):
    """The portfolio's worth fell by ``drop_pct`` percent or more from its highest within ``window``."""

    drop_pct: Annotated[Number, Field(gt=0, le=100)]
    window: Seconds


class BreakerWhen(Written):
    """What trips a breaker."""

    portfolio_usd: PortfolioDrop


class Breaker(Written):
    """Denies everything, and stops the wallet, once tripped."""

    id: Id
    when: BreakerWhen
    then: Literal["stop"]


class Policy(Written):
    """A whole policy.yaml. The order of rules never matters."""

    version: Annotated[int, BeforeValidator(_read_version)]
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
