"""Limits: what a proposal counts in each counter, at its worst case and rounded against us, and whether a window
holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from ...wallets.values import NATIVE, UINT256_MAX
from ..conditions.amounts import NOTHING
from ..conditions.bounds import write_number
from ..effect import Effect, Kind
from ..facts import Counter, Facts, Spent
from ..language.book import Book
from ..language.duration import write_seconds
from ..language.limits import Limit
from ..language.policy import Policy
from ..proposal import Proposal
from ..verdict import Reason
from .valuation import EXACT, Unknown, in_usd, whole_units, written_usd

_SENT = frozenset({Kind.TRANSFER, Kind.WITHDRAW, Kind.WRAP, Kind.UNWRAP})
"""Nothing where the recipient is ours; a withdrawal is for its recipient."""
_KEPT = frozenset({Kind.SUPPLY, Kind.REPAY})
"""Nothing where the position is ours."""


def counted(effects: Sequence[Effect], proposal: Proposal, book: Book, facts: Facts) -> tuple[Spent, ...]:
    """What the proposal counts, never netted: outflow, turnover and borrow of its effects, its gas where known, and
    itself.

    An amount that is not known counts as 2^256 - 1 base units; USD is None where there is no price, and no limit in
    USD lets that pass.
    """
    count = _Count(proposal, book, facts)
    for effect in effects:
        count.effect(effect)
    if facts.fees is not None and proposal.calls:
        count.add("gas", NATIVE, facts.fees.worst_wei)
    count.rows.append(
        Spent.model_construct(intent=proposal.intent_key, counter="count", base_units=1, chain_id=proposal.chain_id)
    )
    return tuple(count.rows)


class _Count:
    def __init__(self, proposal: Proposal, book: Book, facts: Facts) -> None:
        self._proposal = proposal
        self._book = book
        self._facts = facts
        self.rows: list[Spent] = []

    def effect(self, effect: Effect) -> None:
        """Counts one effect."""
        kind, asset, recipient = effect.kind, effect.asset, effect.counterparty
        if asset is None or (kind in (Kind.WRAP, Kind.UNWRAP) and recipient is None):
            return
        amount = UINT256_MAX if effect.amount is None else effect.amount
        if kind in _SENT:
            if not self._own(recipient):
                self.add("outflow", asset, amount, recipient)
        elif kind in _KEPT:
            if not self._own(effect.on_behalf_of):
                self.add("outflow", asset, amount, effect.on_behalf_of)
        elif kind is Kind.SWAP:
            self.add("turnover", asset, amount)
            self._swap(effect, asset, amount)
        elif kind in (Kind.APPROVAL, Kind.PERMIT):
            if effect.settled_by is None:
                before = self._facts.allowances.get(f"{asset}:{recipient}", 0)
                self.add("outflow", asset, max(amount, before), recipient, standing=True)
        elif kind is Kind.BORROW:
            self.add("borrow", asset, amount)
        elif kind is Kind.DELEGATION:
            self.add("borrow", asset, amount, recipient, standing=True)
            self.add("outflow", asset, amount, recipient, standing=True)

    def add(
        self, counter: Counter, asset: str, base_units: int, recipient: str | None = None, *, standing: bool = False
    ) -> None:
        """Counts an amount at its full worth."""
        worth = in_usd(asset, base_units, self._book, self._proposal.chain_id, self._facts)
        self._row(counter, asset, base_units, None if isinstance(worth, Unknown) else worth, recipient, standing)

    def _swap(self, effect: Effect, asset: str, amount: int) -> None:
        """Max(0, sold - guaranteed minimum) in USD; what cannot be priced or does not come to us is worth nothing
        here.
        """
        chain_id = self._proposal.chain_id
        sold = in_usd(asset, amount, self._book, chain_id, self._facts)
        if isinstance(sold, Unknown):
            self._row("outflow", asset, amount, None, effect.counterparty)
            return
        bought: Decimal | Unknown = NOTHING
        if effect.bought is not None and effect.bought_minimum is not None and self._own(effect.counterparty):
            bought = in_usd(effect.bought, effect.bought_minimum, self._book, chain_id, self._facts)
        back = NOTHING if isinstance(bought, Unknown) else bought
        self._row("outflow", asset, amount, max(NOTHING, EXACT.subtract(sold, back)), effect.counterparty)

    def _row(
        self,
        counter: Counter,
        asset: str,
        base_units: int,
        usd: Decimal | None,
        recipient: str | None,
        standing: bool = False,
    ) -> None:
        self.rows.append(
            Spent.model_construct(
                intent=self._proposal.intent_key,
                counter=counter,
                asset=asset,
                base_units=base_units,
                usd=usd,
                recipient=recipient,
                chain_id=self._proposal.chain_id,
                standing=standing,
                at=None,
            )
        )

    def _own(self, address: str | None) -> bool:
        if address is None:
            return False
        return address == self._proposal.account or self._book.is_own(address, self._proposal.chain_id)


def held(
    policy: Policy, book: Book, proposal: Proposal, facts: Facts, now: Sequence[Spent]
) -> tuple[list[Reason], list[str]]:
    """Reasons of the limits that ``now`` would break, with what the windows hold already; and ids of limits not held
    at all.
    """
    reasons, skipped = [], []
    for limit in policy.limits:
        if limit.counts == "gas" and facts.fees is None and proposal.calls:
            if "gas" in facts.not_held:
                skipped.append(limit.id)
            else:
                reasons.append(_unknown(limit, "the gas of these calls"))
            continue
        if limit.counts == "gas" and "gas" in facts.not_held:
            skipped.append(limit.id)
            continue
        reason = _hold(limit, book, proposal.chain_id, facts, now)
        if reason is not None:
            reasons.append(reason)
    return reasons, skipped


def used(limit: Limit, spent: Iterable[Spent], at: datetime, book: Book, chain_id: int) -> Decimal | Unknown:
    """What the window of ``limit`` holds at ``at``, in its unit: USD, whole units of its asset, or proposals."""
    start = at - timedelta(seconds=limit.window)
    return _total(limit, (row for row in spent if row.standing or row.at is None or row.at > start), book, chain_id)


def _hold(limit: Limit, book: Book, chain_id: int, facts: Facts, now: Sequence[Spent]) -> Reason | None:
    here = _total(limit, now, book, chain_id)
    if here == NOTHING:
        return None  # a proposal that adds nothing breaks no limit, also where one is already broken
    before = used(limit, facts.spent, facts.at, book, chain_id)
    for part in (here, before):
        if isinstance(part, Unknown):
            return _unknown(limit, part.what)
    assert isinstance(here, Decimal)
    assert isinstance(before, Decimal)
    total = EXACT.add(here, before)
    if total <= limit.max:
        return None
    window = write_seconds(limit.window)
    return Reason(
        rule=limit.id,
        condition=f"{limit.counts} in {window}",
        actual=_write(total, limit),
        limit=_write(limit.max, limit),
        message=(
            f"{limit.id}: {_write(here, limit)} more {limit.counts} makes {_write(total, limit)} within {window}, "
            f"at most {_write(limit.max, limit)}"
        ),
    )


def _total(limit: Limit, rows: Iterable[Spent], book: Book, chain_id: int) -> Decimal | Unknown:
    total = NOTHING
    for row in rows:
        if row.counter != limit.counts:
            continue
        worth = _worth(limit, row, book, row.chain_id or chain_id)
        if isinstance(worth, Unknown):
            return worth
        total = EXACT.add(total, worth)
    return total


def _worth(limit: Limit, row: Spent, book: Book, chain_id: int) -> Decimal | Unknown:
    if limit.counts == "count":
        return Decimal(row.base_units)
    if row.asset is None:
        return Unknown("the asset of a movement")
    if limit.asset == "usd":
        return (
            Unknown(f"the price of {book.label_of(row.asset, chain_id) or row.asset}") if row.usd is None else row.usd
        )
    token = book.token(row.asset, chain_id)
    if token is None or token.label != limit.asset:
        return NOTHING
    return whole_units(row.asset, row.base_units, book, chain_id)


def _write(amount: Decimal, limit: Limit) -> str:
    if limit.counts == "count":
        return write_number(amount)
    return f"USD {written_usd(amount)}" if limit.asset == "usd" else f"{write_number(amount)} {limit.asset}"


def _unknown(limit: Limit, what: str) -> Reason:
    return Reason(
        rule=limit.id,
        condition=f"{limit.counts} in {write_seconds(limit.window)}",
        actual=f"{what} is unknown",
        limit=_write(limit.max, limit),
        message=f"{limit.id}: {what} is unknown, so the limit cannot be held",
    )
