"""Limits: what a proposal counts in each counter, at its worst case and rounded against us, and whether a window
holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ...wallets.values import NATIVE, UINT256_MAX
from ..book.book import Book
from ..conditions.bounds import write_number
from ..documents.duration import write_seconds
from ..effect import Effect, Kind
from ..facts import EVERY_RULE, Counter, Facts, Movements, Spent, allowance_key
from ..kinds import KEPT, LETS_TAKE, SENT, WRAPS
from ..language.limits import Limit
from ..language.policy import Policy
from ..proposal import Proposal
from ..trusted import made
from ..verdict import Reason
from ..worth import EXACT, NOTHING, Unknown, in_usd, whole_units, written_usd

Used = dict[str | None, Decimal | Unknown]
"""What each window of a limit holds, by the recipient or asset that it is for; None names the only one."""


def counted(
    effects: Sequence[Effect],
    proposal: Proposal,
    book: Book,
    facts: Facts,
    rules: Sequence[tuple[str, ...]] = (),
) -> tuple[Spent, ...]:
    """What the proposal counts, never netted: outflow, turnover and borrow of its effects, its gas where known, itself
    (``count`` without a recipient), and once each that it deals with (``count`` with that recipient).

    ``rules``: ids of the rules that let each effect through. An amount that is not known counts as 2^256 - 1 base
    units; USD is None where there is no price, and no limit in USD lets that pass.
    """
    count = _Count(proposal, book, facts)
    for index, effect in enumerate(effects):
        count.effect(effect, rules[index] if rules else ())
    count.proposal(tuple(sorted(set().union(*rules))))
    return tuple(count.rows)


class _Count:
    def __init__(self, proposal: Proposal, book: Book, facts: Facts) -> None:
        self._proposal = proposal
        self._book = book
        self._facts = facts
        self._rules: tuple[str, ...] = ()
        self._dealt: dict[str, tuple[str, ...]] = {}
        self.rows: list[Spent] = []

    def effect(self, effect: Effect, rules: tuple[str, ...]) -> None:
        """Counts one effect."""
        kind, asset, recipient = effect.kind, effect.asset, effect.counterparty
        self._rules = rules
        self._deal(effect)
        if asset is None or (kind in WRAPS and recipient is None):
            return
        amount = UINT256_MAX if effect.amount is None else effect.amount
        if kind in SENT:
            if not self._own(recipient):
                self.add("outflow", asset, amount, recipient)
        elif kind in KEPT:
            if not self._own(effect.on_behalf_of):
                self.add("outflow", asset, amount, effect.on_behalf_of)
        elif kind is Kind.SWAP:
            self.add("turnover", asset, amount, recipient)
            self._swap(effect, asset, amount)
        elif kind in LETS_TAKE:
            if effect.settled_by is None:
                before = self._facts.allowances.get(allowance_key(asset, recipient or "", effect.keeper), 0)
                self.add("outflow", asset, max(amount, before), recipient, standing=True, keeper=effect.keeper)
        elif kind is Kind.BORROW:
            self.add("borrow", asset, amount, recipient or effect.on_behalf_of)
        elif kind is Kind.DELEGATION:
            self.add("borrow", asset, amount, recipient, standing=True, keeper=effect.keeper)
            self.add("outflow", asset, amount, recipient, standing=True, keeper=effect.keeper)

    def proposal(self, rules: tuple[str, ...]) -> None:
        """Counts what belongs to no effect: gas, the proposal itself, and those that it deals with."""
        self._rules = rules
        if self._facts.fees is not None and self._proposal.calls:
            self.add("gas", NATIVE, self._facts.fees.worst_wei)
        self._row("count", None, 1, None, None)
        for recipient, let_through in self._dealt.items():
            self._rules = let_through
            self._row("count", None, 1, None, recipient)

    def add(
        self,
        counter: Counter,
        asset: str,
        base_units: int,
        recipient: str | None = None,
        *,
        standing: bool = False,
        keeper: str | None = None,
    ) -> None:
        """Counts an amount at its full worth."""
        worth = in_usd(asset, base_units, self._book, self._proposal.chain_id, self._facts)
        usd = None if isinstance(worth, Unknown) else worth
        self._row(counter, asset, base_units, usd, recipient, standing=standing, keeper=keeper)

    def _deal(self, effect: Effect) -> None:
        """Remembers with whom: an approval that is used up deals with nobody, and a revocation ends a dealing."""
        if effect.kind is Kind.REVOCATION or effect.settled_by is not None:
            return
        for address in (effect.counterparty, effect.on_behalf_of):
            if address is not None and address != self._proposal.account:
                known = self._dealt.get(address)
                self._dealt[address] = self._rules if known is None else tuple(sorted({*known, *self._rules}))

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
        asset: str | None,
        base_units: int,
        usd: Decimal | None,
        recipient: str | None,
        *,
        standing: bool = False,
        keeper: str | None = None,
    ) -> None:
        self.rows.append(
            made(
                Spent,
                {
                    "intent": self._proposal.intent_key,
                    "counter": counter,
                    "asset": asset,
                    "base_units": base_units,
                    "usd": usd,
                    "recipient": recipient,
                    "chain_id": self._proposal.chain_id,
                    "rules": self._rules,
                    "standing": standing,
                    "keeper": keeper,
                },
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
    reasons: list[Reason] = []
    skipped = []
    place = _Place(book, proposal.account, proposal.chain_id)
    earlier = _Earlier(facts)
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
        reasons += _hold(limit, place, earlier, now)
    return reasons, skipped


def used(limit: Limit, spent: Iterable[Spent], at: datetime, book: Book, chain_id: int, account: str) -> Used:
    """What the windows of ``limit`` hold at ``at``, in its unit (USD, whole units of its asset, or proposals).

    One window, named None; or one for each recipient or asset that ``per`` says, named by its address.
    """
    place = _Place(book, account, chain_id)
    start = at - timedelta(seconds=limit.window)
    within = (row for row in spent if row.standing or row.at is None or row.at > start)
    if limit.per is None:
        return {None: _total(limit, (row for row in within if _is_meant(limit, row, place)), place)}
    windows: dict[str | None, list[Spent]] = {}
    for row in within:
        if _is_meant(limit, row, place):
            windows.setdefault(_window_of(limit, row), []).append(row)
    everyones = windows.pop(None, [])
    return {name: _total(limit, [*everyones, *rows], place) for name, rows in windows.items()}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a limit is held: what tells names and decimals."""

    book: Book
    account: str
    chain_id: int


class _Earlier:
    """The rows of the facts by counter and window: several limits look at the same ones."""

    def __init__(self, facts: Facts) -> None:
        self._at = facts.at
        self._rows = facts.spent.sums if isinstance(facts.spent, Movements) else facts.spent
        self._found: dict[tuple[Counter, int], list[Spent]] = {}

    def rows(self, counter: Counter, window: int) -> list[Spent]:
        found = self._found.get((counter, window))
        if found is None:
            start = self._at - timedelta(seconds=window)
            found = [
                row
                for row in self._rows
                if row.counter == counter and (row.at is None or row.at > start or row.standing)
            ]
            self._found[counter, window] = found
        return found


def _hold(limit: Limit, place: _Place, spent: _Earlier, now: Sequence[Spent]) -> list[Reason]:
    """At most one reason for each window of the limit that the proposal adds to."""
    mine = [row for row in now if _is_meant(limit, row, place)]
    if not mine:
        return []
    earlier = spent.rows(limit.counts, limit.window)
    if limit.rule is not None or limit.to is not None or limit.counts == "count":
        earlier = [row for row in earlier if _is_meant(limit, row, place)]
    if limit.per is None:
        reason = _hold_window(limit, None, place, mine, earlier)
        return [] if reason is None else [reason]
    found = []
    for window in dict.fromkeys(_window_of(limit, row) for row in mine):
        reason = _hold_window(
            limit,
            window,
            place,
            [row for row in mine if _window_of(limit, row) in (window, None)],
            [row for row in earlier if window is None or _window_of(limit, row) in (window, None)],
        )
        if reason is not None:
            found.append(reason)
    return found


def _hold_window(
    limit: Limit, window: str | None, place: _Place, mine: Sequence[Spent], earlier: Sequence[Spent]
) -> Reason | None:
    here = _total(limit, mine, place)
    if here == NOTHING:
        return None  # a proposal that adds nothing breaks no limit, also where one is already broken
    before = _total(limit, earlier, place)
    for part in (here, before):
        if isinstance(part, Unknown):
            return _unknown(limit, part.what)
    assert isinstance(here, Decimal)
    assert isinstance(before, Decimal)
    total = EXACT.add(here, before)
    if total <= limit.max:
        return None
    length = write_seconds(limit.window)
    whose = "" if window is None else f" for {place.book.label_of(window, place.chain_id) or window}"
    return Reason(
        rule=limit.id,
        condition=f"{limit.counts} in {length}{whose}",
        actual=_write(total, limit),
        limit=_write(limit.max, limit),
        message=(
            f"{limit.id}: {_write(here, limit)} more {limit.counts}{whose} makes {_write(total, limit)} within "
            f"{length}, at most {_write(limit.max, limit)}"
        ),
    )


def _is_meant(limit: Limit, row: Spent, place: _Place) -> bool:
    """Whether the limit counts this row. A movement of which it is not known whom it went to may have gone anywhere."""
    if row.counter != limit.counts:
        return False
    if limit.counts == "count" and (row.recipient is None) != (limit.per is None and limit.to is None):
        return False  # a proposal is counted once, and for each that it deals with once more
    if limit.rule is not None and EVERY_RULE not in row.rules and not any(name in limit.rule for name in row.rules):
        return False
    if limit.to is None or row.recipient is None:
        return True
    return limit.to.has(row.recipient, place.account, place.book, row.chain_id or place.chain_id)


def _window_of(limit: Limit, row: Spent) -> str | None:
    return row.recipient if limit.per == "recipient" else row.asset


def _total(limit: Limit, rows: Iterable[Spent], place: _Place) -> Decimal | Unknown:
    total = NOTHING
    for row in rows:
        worth = _worth(limit, row, place.book, row.chain_id or place.chain_id)
        if isinstance(worth, Unknown):
            return worth
        total = EXACT.add(total, worth)
    return total


def _worth(limit: Limit, row: Spent, book: Book, chain_id: int) -> Decimal | Unknown:
    if limit.asset == "usd" and row.usd is not None and row.asset is not None:
        return row.usd
    if limit.counts == "count":
        return Decimal(row.base_units)
    if row.asset is None:
        return Unknown("the asset of a movement")
    if limit.asset == "usd":
        return Unknown(f"the price of {book.label_of(row.asset, chain_id) or row.asset}")
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
