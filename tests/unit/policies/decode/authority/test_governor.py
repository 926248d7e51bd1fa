"""Governors: votes are ours, whatever way they are cast; an execution is the governor's own."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
HASH = b"\7" * 32
PLAN = "address[],uint256[],bytes[]"


@pytest.mark.parametrize(
    ("signature", "more"),
    [
        ("castVote(uint256,uint8)", ()),
        ("castVoteWithReason(uint256,uint8,string)", ("why",)),
        ("castVoteWithReasonAndParams(uint256,uint8,string,bytes)", ("why", b"")),
        ("castVoteBySig(uint256,uint8,uint8,bytes32,bytes32)", (27, HASH, HASH)),
        (
            "castVoteWithReasonAndParamsBySig(uint256,uint8,string,bytes,uint8,bytes32,bytes32)",
            ("why", b"", 27, HASH, HASH),
        ),
        ("castVoteBySig(uint256,uint8,address,bytes)", ("self", b"")),
        ("castVoteWithReasonAndParamsBySig(uint256,uint8,address,string,bytes,bytes)", ("self", "why", b"", b"")),
    ],
)
def test_each_way_to_vote_is_a_vote(effects_of: Effects, who: SimpleNamespace, signature: str, more: Any) -> None:
    arguments = [who.self if one == "self" else one for one in more]
    (effect,) = effects_of(Call.encode(who.governor, signature, 42, 1, *arguments))
    assert (effect.kind, effect.support, effect.note) == (Kind.VOTE, 1, "proposal 42, support 1")


def test_handing_in_somebody_elses_vote_is_a_call(effects_of: Effects, who: SimpleNamespace) -> None:
    call = Call.encode(who.governor, "castVoteBySig(uint256,uint8,address,bytes)", 42, 1, who.alice, b"")
    assert effects_of(call)[0].kind == Kind.CALL


def test_proposing_queueing_and_cancelling_move_nothing(effects_of: Effects, who: SimpleNamespace) -> None:
    calls = [
        Call.encode(who.governor, f"propose({PLAN},string)", [who.usdc], [0], [b""], "why"),
        Call.encode(who.governor, f"queue({PLAN},bytes32)", [who.usdc], [0], [b""], HASH),
        Call.encode(who.governor, "queue(uint256)", 1),
        Call.encode(who.governor, f"cancel({PLAN},bytes32)", [who.usdc], [0], [b""], HASH),
        Call.encode(who.governor, "cancel(uint256)", 1),
    ]
    assert [effect.kind for effect in effects_of(*calls)] == [Kind.CALL] * 5


def test_an_execution_is_made_by_the_governor_and_takes_what_is_allowed_to_it(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    pull = Call.encode(who.usdc, "transferFrom(address,address,uint256)", who.self, who.stranger, 5).data
    call = Call.encode(who.governor, f"execute({PLAN},bytes32)", [who.usdc], [0], [pull], HASH, value=3)
    sent, unknown, taken = effects_of(call)
    assert (sent.kind, sent.asset, sent.amount, sent.counterparty) == (Kind.TRANSFER, NATIVE, 3, who.governor)
    assert unknown.kind == Kind.UNKNOWN
    assert (taken.kind, taken.asset, taken.amount, taken.counterparty) == (Kind.TRANSFER, who.usdc, 5, who.stranger)
    uneven = Call.encode(who.governor, f"execute({PLAN},bytes32)", [who.usdc], [], [pull], HASH)
    assert [effect.kind for effect in effects_of(uneven)] == [Kind.UNKNOWN]
    assert effects_of(Call.encode(who.governor, "execute(uint256)", 1))[0].kind == Kind.UNKNOWN
