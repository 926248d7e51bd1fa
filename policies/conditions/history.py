"""Conditions on what was let through before: cooldown, duplicate_within, recipient_known_for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, Self

from pydantic import ValidationInfo

from ..documents.duration import Seconds, parse_seconds, write_seconds
from ..documents.yaml_document import Written
from ..effect import Effect
from ..facts import EVERY_RULE, Spent
from ..kinds import COUNTED_AS, KEPT, LETS_TAKE, WRAPS
from ..worth import Unknown
from .addresses import position_of, recipient_of
from .condition import Condition, Memory, Subject, Truth


class _CooldownTerms(Written):
    min: Seconds
    per: Literal["recipient"] | None = None


@dataclass(frozen=True)
class Cooldown(Condition):
    """How long ago this rule last let something through; with ``per: recipient``, to this recipient.

    What is let through and not yet on the chain was let through just now.
    """

    name: ClassVar[str] = "cooldown"
    how: ClassVar[str] = "{min: 1h} or {min: 1h, per: recipient}"
    remembers: ClassVar[Memory] = "dealings"
    rule: str
    seconds: int
    per_recipient: bool

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{min: 1h}``; the rule's own id is what it asks the past for."""
        if info.data.get("deny") is not None:
            raise ValueError("a rule that denies lets nothing through: cooldown is for allow and escalate rules")
        terms = _CooldownTerms.model_validate(value, context=info.context)
        return cls(str(info.data.get("id", "")), terms.min, terms.per is not None)

    @property
    def lookback_seconds(self) -> int:
        """The time that must have passed."""
        return self.seconds

    def judge(self, subject: Subject) -> Truth:
        """Whether nothing was let through so lately."""
        recipient: str | None = None
        if self.per_recipient:
            found = _party(subject)
            if found is None or isinstance(found, Unknown):
                return found or False
            recipient = found
        return next(self._lately(subject, recipient), None) is None

    def actual(self, subject: Subject) -> str:
        """The last time."""
        found = _party(subject) if self.per_recipient else None
        if isinstance(found, Unknown):
            return found.what
        lately = list(self._lately(subject, found))
        if not lately:
            return "nobody to wait for" if self.per_recipient and found is None else "nothing so lately"
        times = [row.at for row in lately]
        newest = None if None in times else max(at for at in times if at is not None)
        return "let through, and not on the chain yet" if newest is None else f"last at {newest.isoformat()}"

    def limit(self) -> str:
        """The time that must have passed."""
        return f"{write_seconds(self.seconds)} after the last{' to this recipient' if self.per_recipient else ''}"

    def _lately(self, subject: Subject, recipient: str | None) -> Iterator[Spent]:
        start = subject.facts.at - timedelta(seconds=self.seconds)
        for row in subject.facts.spent:
            if (
                row.counter == "count"
                and row.recipient == recipient
                and (row.at is None or row.at > start)
                and (self.rule in row.rules or EVERY_RULE in row.rules)
            ):
                yield row


@dataclass(frozen=True)
class DuplicateWithin(Condition):
    """The same amount of the same asset for the same recipient: let through so lately, or before it in this proposal.

    What stays with the account or goes to an account of its own is no payment, and no duplicate of one.
    """

    name: ClassVar[str] = "duplicate_within"
    how: ClassVar[str] = "24h"
    remembers: ClassVar[Memory] = "movements"
    seconds: int

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``24h``."""
        if info.data.get("allow") is not None:
            raise ValueError("it finds what should be stopped: duplicate_within is for deny and escalate rules")
        return cls(parse_seconds(value))

    @property
    def lookback_seconds(self) -> int:
        """The time within which a second one is a duplicate."""
        return self.seconds

    def judge(self, subject: Subject) -> Truth:
        """Whether there was one; unknown where the amount or the recipient is, or since when an allowance stands."""
        effect = subject.effect
        counter = COUNTED_AS.get(effect.kind)
        if counter is None or effect.is_of_votes:
            return False
        party = _receiver(effect, subject)
        if party == subject.proposal.account and effect.kind in WRAPS:
            return False
        if effect.asset is None or effect.amount is None:
            return subject.unknown("the amount")
        if isinstance(party, Unknown):
            return party
        own = party == subject.proposal.account or subject.book.is_own(party, subject.chain_id)
        if own and counter == "outflow" and effect.kind not in LETS_TAKE:
            return False
        if any(_is_same(effect, other) for other in subject.effects[: subject.index]):
            return True
        start = subject.facts.at - timedelta(seconds=self.seconds)
        truth: Truth = False
        for row in subject.facts.spent:
            if row.base_units != effect.amount or row.recipient != party:
                continue
            if row.counter != counter or row.asset != effect.asset:
                continue
            if row.standing and row.at is None:
                truth = Unknown("since when the same allowance stands")
            elif row.at is None or row.at > start:
                return True
        return truth

    def actual(self, subject: Subject) -> str:
        """What there was."""
        truth = self.judge(subject)
        return truth.what if isinstance(truth, Unknown) else "the same again" if truth else "nothing like it"

    def limit(self) -> str:
        """The time."""
        return f"the same within {write_seconds(self.seconds)}"


@dataclass(frozen=True)
class RecipientKnownFor(Condition):
    """Since when the recipient is known: let through as a counterparty, or in the signed book, so long ago."""

    name: ClassVar[str] = "recipient_known_for"
    how: ClassVar[str] = "{min: 7d}"
    remembers: ClassVar[Memory] = "first dealings"
    seconds: int

    @classmethod
    def parse(cls, value: Any, info: ValidationInfo) -> Self:
        """``{min: 7d}``."""
        return cls(_KnownTerms.model_validate(value, context=info.context).min)

    @property
    def lookback_seconds(self) -> int:
        """How long ago."""
        return self.seconds

    def judge(self, subject: Subject) -> Truth:
        """Whether it is; unknown for an address of the book of which nobody tells since when it is there."""
        address = _party(subject)
        if address is None or isinstance(address, Unknown):
            return address or False
        facts = subject.facts
        start = facts.at - timedelta(seconds=self.seconds)
        if address == subject.proposal.account:
            return True
        for row in facts.spent:
            if row.counter == "count" and row.recipient == address and row.at is not None and row.at <= start:
                return True
        since = facts.known_since.get(address)
        if since is not None:
            return since <= start.timestamp()
        if subject.book.knows(address, subject.chain_id):
            return Unknown(f"since when the book has {subject.name(address)}")
        return False

    def actual(self, subject: Subject) -> str:
        """Since when it is known."""
        address = _party(subject)
        if address is None or isinstance(address, Unknown):
            return "nobody" if address is None else address.what
        truth = self.judge(subject)
        if isinstance(truth, Unknown):
            return truth.what
        return f"{subject.name(address)} is known {'long enough' if truth else 'not so long'}"

    def limit(self) -> str:
        """How long."""
        return f"known for {write_seconds(self.seconds)}"


class _KnownTerms(Written):
    min: Seconds


def _party(subject: Subject) -> str | Unknown | None:
    """With whom the effect deals: its recipient or spender, else whose position it changes."""
    return recipient_of(subject) or position_of(subject)


def _receiver(effect: Effect, subject: Subject) -> str | Unknown:
    """The recipient as the ledger writes it down."""
    if effect.kind in KEPT:
        return effect.on_behalf_of or subject.unknown("whose position it changes")
    if effect.kind in WRAPS and effect.counterparty is None:
        return subject.proposal.account
    return effect.counterparty or effect.on_behalf_of or subject.unknown("the recipient")


def _is_same(effect: Effect, other: Effect) -> bool:
    return (
        other.kind is effect.kind
        and other.asset == effect.asset
        and other.amount == effect.amount
        and other.counterparty == effect.counterparty
        and other.on_behalf_of == effect.on_behalf_of
        and other.settled_by is None
    )
