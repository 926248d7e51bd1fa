"""A MultiSend is its calls where our own Safe runs the pinned library, and a delegatecall everywhere else."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.decode import derive_effects
from treasurer.policies.decode.accounts.multisend import unwrapped_multisend
from treasurer.policies.decode.draft.abi import NotCanonical
from treasurer.policies.effect import Effect
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call, Operation

LIBRARY = "0x38869bf66a61cf6bdb996a6ae40d5853fd43b526"
PINNED = SimpleNamespace(label="multisend", kind="safe-multisend", code_hash="0x" + "11" * 32)
SAFE = SimpleNamespace(label="safe", kind="safe", code_hash=None)


class SafeBook:
    """The little world, where the account is a Safe and the library is ``library``."""

    def __init__(self, book: Any, account: str, safe: Any = SAFE, library: Any = PINNED) -> None:
        self.book, self.venues = book, {account: safe, LIBRARY: library}

    def token(self, address: str, chain_id: int) -> Any:
        return self.book.token(address, chain_id)

    def venue(self, address: str, chain_id: int) -> Any:
        return self.venues.get(address) or self.book.venue(address, chain_id)

    def declared(self, address: str, chain_id: int, called: bytes) -> Any:
        return self.book.declared(address, chain_id, called)

    def knows(self, address: str, chain_id: int) -> bool:
        return address in self.venues or self.book.knows(address, chain_id)


def _packed(*calls: Call) -> bytes:
    return b"".join(
        bytes([call.operation])
        + bytes.fromhex((call.to or "")[2:])
        + call.value.to_bytes(32, "big")
        + len(call.data).to_bytes(32, "big")
        + call.data
        for call in calls
    )


def _multisend(packed: bytes, operation: Operation = Operation.DELEGATECALL, value: int = 0) -> Call:
    return Call.encode(LIBRARY, "multiSend(bytes)", packed, value=value).model_copy(update={"operation": operation})


def _effects(book: Any, call: Call, plain: Proposal) -> tuple[Effect, ...]:
    return derive_effects(plain.narrowed((call,)), book)


@pytest.fixture
def proposal(who: SimpleNamespace) -> Proposal:
    return Proposal(
        chain_id=1, account=who.self, intent_key="0x" + "00" * 32, run="run", expires_at="2027-01-01T00:00:00Z"
    )


def test_our_safe_s_multisend_is_the_calls_inside(book: Any, who: SimpleNamespace, proposal: Proposal) -> None:
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.pool, 5)
    supply = Call.encode(who.pool, "supply(address,uint256,address,uint16)", who.usdc, 5, who.self, 0)
    packed = _packed(approve, supply, Call(to=who.alice, value=3))
    effects = _effects(SafeBook(book, who.self), _multisend(packed), proposal)
    assert [effect.kind for effect in effects] == ["approval", "supply", "transfer"]
    assert effects[0].settled_by == 1
    assert {effect.call for effect in effects} == {0}


def test_a_delegatecall_inside_is_one(book: Any, who: SimpleNamespace, proposal: Proposal) -> None:
    inner = Call(to=who.stranger, data=b"\1\2\3\4", operation=Operation.DELEGATECALL)
    effects = _effects(SafeBook(book, who.self), _multisend(_packed(inner)), proposal)
    assert [(effect.kind, effect.counterparty) for effect in effects] == [("delegatecall", who.stranger)]


def test_anything_else_stays_a_delegatecall(book: Any, who: SimpleNamespace, proposal: Proposal) -> None:
    good = _multisend(_packed(Call(to=who.alice, value=3)))
    unpinned = SimpleNamespace(label="multisend", kind="safe-multisend", code_hash=None)
    other = SimpleNamespace(label="other", kind="multicall3", code_hash="0x" + "11" * 32)
    for world in (
        SafeBook(book, who.self, safe=None),
        SafeBook(book, who.self, safe=other),
        SafeBook(book, who.self, library=unpinned),
        SafeBook(book, who.self, library=other),
        SafeBook(book, who.self, library=None),
    ):
        assert [effect.kind for effect in _effects(world, good, proposal)] == ["delegatecall"]
    safe = SafeBook(book, who.self)
    with_value = _multisend(_packed(Call(to=who.alice, value=3)), value=1)
    assert [effect.kind for effect in _effects(safe, with_value, proposal)] == ["delegatecall"]
    called = _multisend(_packed(Call(to=who.alice, value=3)), operation=Operation.CALL)
    assert {effect.kind for effect in _effects(safe, called, proposal)} == {"unknown"}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda it: it[:-1],
        lambda packed: packed + b"\0",
        lambda packed: b"\2" + packed[1:],
        lambda packed: packed[:1] + bytes(20) + packed[21:],
    ],
    ids=["cut", "trailing", "operation", "no address"],
)
def test_broken_packing_is_unknown(book: Any, who: SimpleNamespace, proposal: Proposal, spoil: Any) -> None:
    call = _multisend(spoil(_packed(Call(to=who.alice, value=3, data=b"abcd"))))
    safe = SafeBook(book, who.self)
    with pytest.raises(NotCanonical):
        unwrapped_multisend(call, who.self, 1, safe)
    assert [effect.kind for effect in _effects(safe, call, proposal)] == ["unknown", "delegatecall"]
