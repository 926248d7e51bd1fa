"""What differs in the documents: entries of the book, limits, breakers, approvals. Addresses first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ....wallets.values import NATIVE, checksum
from ...book.book import Book
from ...book.entries import AnyEntry
from ...conditions.bounds import write_number
from ...documents.duration import write_seconds
from ...language.limits import Limit
from ...language.policy import Policy
from .change import Change, Weight

_Key = tuple[str, str, tuple[int, ...]]


def book_changes(before: Book, after: Book) -> Iterator[Change]:
    """Entries that changed, came and went."""
    old, new = _entries(before), _entries(after)
    for key in sorted(old.keys() & new.keys()):
        if old[key] != new[key]:
            yield _changed(key, old[key], new[key])
    for key in sorted(new.keys() - old.keys()):
        yield Change("danger", f"new in {key[0]}: {key[1]} is {_shown(new[key].address)}{_where(key)}")
    for key in sorted(old.keys() - new.keys()):
        yield Change("closed", f"no longer in {key[0]}: {key[1]}, {_shown(old[key].address)}{_where(key)}")


def _entries(book: Book) -> dict[_Key, AnyEntry]:
    return {
        (section, entry.label, tuple(getattr(entry, "chains", ()))): entry
        for section, entries in book.sections.items()
        for entry in entries
    }


def _changed(key: _Key, old: AnyEntry, new: AnyEntry) -> Change:
    name = f"{key[0]}.{key[1]}{_where(key)}"
    if old.address != new.address:
        return Change("danger", f"{name} is another address: {_shown(new.address)}, was {_shown(old.address)}")
    before, after = old.model_dump(), new.model_dump()
    parts = [
        f"{field}: {_word(after[field])}, was {_word(before[field])}"
        for field in after
        if after[field] != before[field]
    ]
    only_note = all(before[field] == after[field] for field in after if field != "note")
    return Change("changed" if only_note else "danger", f"{name} changed: {'; '.join(parts)}")


def _word(value: Any) -> str:
    return "nothing" if value in (None, (), {}, "") else str(value)


def _shown(address: str) -> str:
    return address if address == NATIVE else checksum(address)


def _where(key: _Key) -> str:
    return f" on chain {', '.join(map(str, key[2]))}" if key[2] else ""


def policy_changes(before: Policy, after: Policy) -> Iterator[Change]:
    """Limits, breakers, approvals, chains and the timelock."""
    for chain in sorted(set(after.chains) - set(before.chains)):
        yield Change("opened", f"the policy now holds on chain {chain}")
    for chain in sorted(set(before.chains) - set(after.chains)):
        yield Change("closed", f"the policy no longer holds on chain {chain}: everything there is denied")
    yield from _limits(before, after)
    old, new = {item.id: item for item in before.breakers}, {item.id: item for item in after.breakers}
    for name in sorted(old.keys() - new.keys()):
        yield Change("opened", f"the breaker {name} is gone")
    for name in sorted(new.keys() - old.keys()):
        yield Change("closed", f"the breaker {name} is new")
    for name in sorted(old.keys() & new.keys()):
        if old[name] != new[name]:
            yield Change("changed", f"the breaker {name} changed")
    yield from _approvals(before, after)
    if before.timelock != after.timelock:
        longer = after.timelock is not None and (before.timelock is None or after.timelock.book > before.timelock.book)
        said = "nothing" if after.timelock is None else write_seconds(after.timelock.book)
        yield Change("closed" if longer else "opened", f"the timelock of the book is {said}")
    if before.plugins != after.plugins:
        yield Change("danger", "the policy's plug-ins, or their pins, changed")


def _limits(before: Policy, after: Policy) -> Iterator[Change]:
    old, new = {item.id: item for item in before.limits}, {item.id: item for item in after.limits}
    for name in sorted(old.keys() - new.keys()):
        yield Change("opened", f"the limit {name} is gone: {_limit(old[name])}")
    for name in sorted(new.keys() - old.keys()):
        yield Change("closed", f"the limit {name} is new: {_limit(new[name])}")
    for name in sorted(old.keys() & new.keys()):
        first, second = old[name], new[name]
        if first != second:
            same = first.model_copy(update={"max": second.max}) == second
            weight: Weight = "changed" if not same else "opened" if second.max > first.max else "closed"
            yield Change(weight, f"the limit {name} is now {_limit(second)}, was {_limit(first)}")


def _limit(limit: Limit) -> str:
    asset = f" {limit.asset}" if limit.asset else ""
    scope = f" per {limit.per}" if limit.per else ""
    rule = f" by {', '.join(limit.rule)}" if limit.rule else ""
    to = f" to {limit.to.words()}" if limit.to else ""
    what = f"{limit.counts}{scope}{rule}{to}"
    return f"{what} of at most {write_number(limit.max)}{asset} in {write_seconds(limit.window)}"


def _approvals(before: Policy, after: Policy) -> Iterator[Change]:
    old = {item.id: item.approvals for item in before.rules if item.approvals is not None}
    new = {item.id: item.approvals for item in after.rules if item.approvals is not None}
    for name in sorted(old.keys() & new.keys()):
        first, second = old[name], new[name]
        if first != second:
            fewer = second.quorum < first.quorum or not set(second.of) <= set(first.of)
            yield Change(
                "opened" if fewer else "changed",
                f"{name} asks {second.quorum} of {', '.join(second.of)} within {write_seconds(second.expires)}, was "
                f"{first.quorum} of {', '.join(first.of)} within {write_seconds(first.expires)}",
            )
