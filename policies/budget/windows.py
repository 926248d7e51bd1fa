"""Windows: what one account was let through, kept so that a batch of any length is judged in constant time a line.

Entries are summed in bands: one band for each length of time that limits or conditions look back, by which windows an
entry is still in. A band shows itself to the judge as one row a counter and asset (and recipient and rules, where the
policy tells them apart), dated as its newest, so that exactly its windows see it. Where a condition asks for each
movement by itself the rows are shown as they are, and the sums beside them to whoever only adds up
(``facts.Movements``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ..effect import Effect, Kind
from ..facts import Counter, Movements, Spent
from ..language.policy import Policy
from ..trusted import made
from ..worth import EXACT, NOTHING

_Key = tuple[Counter, str | None, int | None, str | None, tuple[str, ...]]


class _Sum:
    """Rows of one counter and asset in one band."""

    __slots__ = ("_shown", "at", "base_units", "rows", "unpriced", "usd")

    def __init__(self) -> None:
        self.rows = self.base_units = self.unpriced = 0
        self.usd = NOTHING
        self.at: datetime | None = None
        self._shown: Spent | None = None

    def add(self, row: Spent, at: datetime) -> None:
        self.at = at
        self._change(row, 1)

    def remove(self, row: Spent) -> None:
        self._change(row, -1)

    def row(self, key: _Key) -> Spent:
        """All of them as one, dated as the newest: exactly the windows that they are in see it."""
        if self._shown is None:
            fields = {
                "intent": "",
                "counter": key[0],
                "asset": key[1],
                "chain_id": key[2],
                "base_units": self.base_units,
                "usd": None if self.unpriced else self.usd,
                "recipient": key[3],
                "rules": key[4],
                "at": self.at,
            }
            self._shown = made(Spent, fields)
        return self._shown

    def _change(self, row: Spent, sign: int) -> None:
        self._shown = None
        self.rows += sign
        self.base_units += sign * row.base_units
        if row.usd is None:
            self.unpriced += sign
        else:
            self.usd = EXACT.add(self.usd, row.usd if sign > 0 else -row.usd)


class _Band:
    def __init__(self, seconds: int, key: Callable[[Spent], _Key]) -> None:
        self.length = timedelta(seconds=seconds)
        self.entries: deque[tuple[datetime, tuple[Spent, ...]]] = deque()
        self._sums: dict[_Key, _Sum] = {}
        self._key = key

    def add(self, at: datetime, rows: tuple[Spent, ...]) -> None:
        self.entries.append((at, rows))
        for row in rows:
            self._sums.setdefault(self._key(row), _Sum()).add(row, at)

    def pop(self) -> tuple[datetime, tuple[Spent, ...]]:
        at, rows = self.entries.popleft()
        for row in rows:
            key = self._key(row)
            self._sums[key].remove(row)
            if self._sums[key].rows == 0:
                del self._sums[key]
        return at, rows

    def sums(self) -> list[Spent]:
        """What is in the band, summed."""
        return [total.row(key) for key, total in self._sums.items()]


def _plain(row: Spent) -> _Key:
    return (row.counter, row.asset, row.chain_id, None, ())


def _by_dealing(row: Spent) -> _Key:
    return (row.counter, row.asset, row.chain_id, row.recipient, row.rules)


class Windows:
    """The windows of one account. Times must not run backwards."""

    def __init__(self, policy: Policy) -> None:
        needed = policy.remembers
        self._plain = not needed
        self._each = "movements" in needed
        self._bands = [_Band(seconds, _by_dealing if needed else _plain) for seconds in policy.window_lengths]
        self._standing: dict[tuple[str | None, str | None, str | None, int | None], list[Spent]] = {}
        self._first: dict[str, Spent] | None = {} if "first dealings" in needed else None

    def spent(self, now: datetime) -> tuple[Spent, ...]:
        """What counts at ``now``, as few rows."""
        self._age(now)
        always = [row for standing in self._standing.values() for row in standing]
        sums = [row for band in self._bands for row in band.sums()]
        if self._first and self._bands:
            gone = now - self._bands[-1].length
            always += [row for row in self._first.values() if row.at is not None and row.at <= gone]
        if not self._each:
            return (*always, *sums)
        each = [row for band in self._bands for _, rows in band.entries for row in rows]
        return Movements((*always, *each), sums=(*always, *sums))

    def add(self, spent: Sequence[Spent], at: datetime) -> None:
        """Counts what was let through at ``at``; an allowance left open stays until it is revoked."""
        if not self._bands:
            return
        for row in spent:
            if row.standing:
                self._standing.setdefault((row.asset, row.recipient, row.keeper, row.chain_id), []).append(row)
            elif self._first is not None and row.counter == "count" and row.recipient is not None:
                self._first.setdefault(row.recipient, row.model_copy(update={"at": at}))
        passing = tuple(
            row
            for row in spent
            if not row.standing and not (self._plain and row.counter == "count" and row.recipient is not None)
        )
        if passing:
            self._bands[0].add(at, self._dated(passing, at))

    def revoke(self, effects: Sequence[Effect], chain_id: int, at: datetime) -> None:
        """A revocation that was let through: the allowance may have been spent until then, so from then on it ages."""
        for effect in effects:
            if effect.kind is Kind.REVOCATION and not effect.may_fail and self._bands:
                rows = self._standing.pop((effect.asset, effect.counterparty, effect.keeper, chain_id), None)
                if rows:
                    self._bands[0].add(at, self._dated(rows, at))

    def _dated(self, rows: Sequence[Spent], at: datetime) -> tuple[Spent, ...]:
        if not self._each:
            return tuple(rows)
        return tuple(row.model_copy(update={"at": at, "standing": False}) for row in rows)

    def _age(self, now: datetime) -> None:
        """Moves what has left a band's window on to the next longer one."""
        for position, band in enumerate(self._bands):
            while band.entries and band.entries[0][0] <= now - band.length:
                at, rows = band.pop()
                if position + 1 < len(self._bands):
                    self._bands[position + 1].add(at, rows)
