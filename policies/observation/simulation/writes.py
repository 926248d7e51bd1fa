"""writes: which storage the calls write in tokens of the book and accounts of ours, and what of it nothing explains.

A token keeps balances and allowances in mappings: what is written at the places of those that its events name, or that
the proposal names, is what the other comparisons have counted. Sources: Solidity's and Vyper's storage layouts,
ERC-7201 as OpenZeppelin's ERC20Upgradeable uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

from eth_utils.crypto import keccak

from ....wallets.chain import Log
from ....wallets.eip712 import word
from ....wallets.values import ZERO_ADDRESS
from ..actual import APPROVAL
from ..reads.accounts import Slot
from .simulation import CODE

_PLACES = 64
"""Tokens keep their mappings among their first slots; upgradeable ones of OpenZeppelin 4 from 51 on."""
_ERC7201 = 0x52C63247E1F47DB19D5CE0460030C497F067CA4CEBF71BA98EEADABE20BACE00
"""openzeppelin.storage.ERC20: balances, allowances, total supply."""
_BASES = (*range(_PLACES), _ERC7201, _ERC7201 + 1)
_SUPPLIES = frozenset({*range(_PLACES), _ERC7201 + 2})
_SAFE_NONCE = 5
"""Safe.sol: what every execTransaction raises."""


@dataclass(frozen=True)
class Ours:
    """``account`` signs; ``accounts`` are ours too, ``safes`` those that are contracts of Safe's; ``tokens``: the
    book's. ``allowances``: keys (``allowance_key``) that the effects name.
    """

    account: str
    accounts: frozenset[str]
    safes: frozenset[str]
    tokens: frozenset[str]
    allowances: frozenset[str]


def unexplained(changed: Set[Slot], logs: Iterable[Log], ours: Ours) -> tuple[str, ...]:
    """``contract:slot`` of each write that neither the effects nor the events say; ``contract:code`` of code."""
    events: dict[str, list[Log]] = {}
    for log in logs:
        events.setdefault(log.address, []).append(log)
    found = []
    written: dict[str, set[int]] = {}
    for address, slot in sorted(changed):
        if address not in ours.accounts | ours.tokens | {ours.account}:
            continue
        if slot == CODE:
            found.append(f"{address}:{slot}")
        else:
            written.setdefault(address, set()).add(int(slot, 16))
    for address, slots in written.items():
        if address in ours.tokens:
            left = _strange(address, slots, events.get(address, []), ours, {one for one, _ in changed})
        else:
            left = slots - ({_SAFE_NONCE} if address in ours.safes else set())
        found += [f"{address}:0x{slot:064x}" for slot in sorted(left)]
    return tuple(found)


def _strange(token: str, slots: set[int], events: list[Log], ours: Ours, touched: Set[str]) -> set[int]:
    """The slots left once balances, then supplies, then allowances are taken away."""
    parties = {ours.account}.union(*(_named(log) for log in events))
    left = set(slots)
    _take(left, (slot for base in _BASES for party in parties for slot in _keyed(party, base)))
    if ZERO_ADDRESS in parties:
        left -= _SUPPLIES
    if not left:
        return left
    named = {tuple(key.split(":")[:2]) for key in ours.allowances if key.count(":") == 1}
    ours_may = {spender for asset, spender in named if asset == token}
    ours_may |= {
        "0x" + log.topics[2][-40:]
        for log in events
        if log.topics[0] == APPROVAL and len(log.topics) == 3 and "0x" + log.topics[1][-40:] == ours.account
    }
    # What others may take of ours counts only where it is named; what they allow each other is theirs.
    others = ours_may | parties | touched
    may = {owner: ours_may if owner == ours.account else others for owner in parties}
    places = ((owner, place) for base in _BASES for owner in parties for place in _keyed(owner, base))
    _take(left, (slot for owner, place in places for spender in may[owner] for slot in _keyed(spender, place)))
    return left


def _named(log: Log) -> set[str]:
    return {"0x" + topic[-40:] for topic in log.topics[1:3]}


def _take(left: set[int], places: Iterable[int]) -> None:
    """Take ``places`` away until nothing is left: hashing them all costs more than the simulation."""
    for place in places:
        left.discard(place)
        if not left:
            return


def _keyed(key: str, base: int) -> Iterator[int]:
    """Where a mapping at ``base`` keeps ``key``: Solidity hashes the key first, Vyper the place."""
    place = base.to_bytes(32, "big")
    yield int.from_bytes(keccak(word(key) + place), "big")
    yield int.from_bytes(keccak(place + word(key)), "big")
