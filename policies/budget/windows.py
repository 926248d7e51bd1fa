"""Windows: what one account was let through, kept so that a batch of any length is judged in constant time a line.

Entries are summed in bands: one band for each limit's window, by which windows an entry is still in. A band shows
itself to the judge as one row a counter and asset, dated so that exactly its windows see it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from ..conditions.amounts import NOTHING
from ..effect import Effect, Kind
from ..facts import Counter, Spent
from ..judgement.valuation import EXACT
from ..language.policy import Policy

_Key = tuple[Counter, str | None, int | None]


class _Sum:
    """Rows of one counter and asset in one band."""

    __slots__ = ("base_units", "rows", "unpriced", "usd")

    def __init__(self) -> None:
        self.rows = self.base_units = self.unpriced = 0
        self.usd = NOTHING

    def add(self, row: Spent, sign: int) -> None:
        self.rows += sign
        self.base_units += sign * row.base_units
        if row.usd is None:
            self.unpriced += sign
        else:
            self.usd = EXACT.add(self.usd, row.usd if sign > 0 else -row.usd)

    def row(self, key: _Key, at: datetime | None) -> Spent:
        return Spent.model_construct(
            intent="",
            counter=key[0],
            asset=key[1],
            chain_id=key[2],
            base_units=self.base_units,
            usd=None if self.unpriced else Decimal(self.usd),
            recipient=None,
            standing=at is None,
            at=at,
        )


class _Band:
    def __init__(self, seconds: int) -> None:
        self.length = timedelta(seconds=seconds)
        self.entries: deque[tuple[datetime, tuple[Spent, ...]]] = deque()
        self.sums: dict[_Key, _Sum] = {}

    def add(self, at: datetime, rows: tuple[Spent, ...]) -> None:
        self.entries.append((at, rows))
        self._sum(rows, 1)

    def pop(self) -> tuple[datetime, tuple[Spent, ...]]:
        at, rows = self.entries.popleft()
        self._sum(rows, -1)
        return at, rows

    def _sum(self, rows: Iterable[Spent], sign: int) -> None:
        for row in rows:
            key: _Key = (row.counter, row.asset, row.chain_id)
            total = self.sums.setdefault(key, _Sum())
            total.add(row, sign)
            if total.rows == 0:
                del self.sums[key]


class Windows:
    """The windows of one account. Times must not run backwards."""

    def __init__(self, policy: Policy) -> None:
        self._bands = [_Band(seconds) for seconds in sorted({limit.window for limit in policy.limits})]
        self._standing: dict[tuple[str | None, str | None, int | None], list[Spent]] = {}

    def spent(self, now: datetime) -> tuple[Spent, ...]:
        """What counts at ``now``, as few rows."""
        self._age(now)
        rows = [row for standing in self._standing.values() for row in standing]
        youngest = now
        for band in self._bands:
            rows += [total.row(key, youngest) for key, total in band.sums.items()]
            youngest = now - band.length
        return tuple(rows)

    def add(self, spent: Sequence[Spent], at: datetime) -> None:
        """Counts what was let through at ``at``; an allowance left open stays until it is revoked."""
        if not self._bands:
            return
        for row in spent:
            if row.standing:
                self._standing.setdefault((row.asset, row.recipient, row.chain_id), []).append(row)
        passing = tuple(row for row in spent if not row.standing)
        if passing:
            self._bands[0].add(at, passing)

    def revoke(self, effects: Sequence[Effect], chain_id: int, at: datetime) -> None:
        """A revocation that was let through: the allowance may have been spent until then, so from then on it ages."""
        for effect in effects:
            if effect.kind is Kind.REVOCATION and self._bands:
                rows = self._standing.pop((effect.asset, effect.counterparty, chain_id), None)
                if rows:
                    self._bands[0].add(at, tuple(rows))

    def _age(self, now: datetime) -> None:
        """Moves what has left a band's window on to the next longer one."""
        for position, band in enumerate(self._bands):
            while band.entries and band.entries[0][0] <= now - band.length:
                at, rows = band.pop()
                if position + 1 < len(self._bands):
                    self._bands[position + 1].add(at, rows)
