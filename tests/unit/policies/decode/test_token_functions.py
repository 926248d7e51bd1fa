"""The further functions of tokens: what leaves at most, who gets it, and what hands something over."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE, ZERO_ADDRESS

Effects = Callable[..., tuple[Effect, ...]]
R, S = b"\1" * 32, b"\2" * 32


def one(effects: tuple[Effect, ...]) -> tuple[Any, ...]:
    """Kind, asset, amount and counterparty of the only effect."""
    (effect,) = effects
    return effect.kind, effect.asset, effect.amount, effect.counterparty


@pytest.mark.parametrize("data", [(), (b"now",)])
def test_erc1363_calls_are_the_transfer_or_the_approval_before_them(
    effects_of: Effects, who: SimpleNamespace, data: tuple[bytes, ...]
) -> None:
    more = ",bytes" * len(data)
    paid = Call.encode(who.usdc, f"transferAndCall(address,uint256{more})", who.alice, 5, *data)
    assert one(effects_of(paid)) == (Kind.TRANSFER, who.usdc, 5, who.alice)
    ours = Call.encode(who.usdc, f"transferFromAndCall(address,address,uint256{more})", who.self, who.alice, 5, *data)
    assert one(effects_of(ours)) == (Kind.TRANSFER, who.usdc, 5, who.alice)
    theirs = Call.encode(who.usdc, f"transferFromAndCall(address,address,uint256{more})", who.alice, who.self, 5, *data)
    assert one(effects_of(theirs))[0] == Kind.PULL
    allowed = Call.encode(who.usdc, f"approveAndCall(address,uint256{more})", who.stranger, 2**96, *data)
    assert [effect.kind for effect in effects_of(allowed)] == [Kind.APPROVAL, Kind.UNLIMITED_APPROVAL]


def test_what_is_burnt_is_gone_to_nobody(effects_of: Effects, who: SimpleNamespace) -> None:
    burnt = Call.encode(who.usdc, "burn(uint256)", 5)
    assert one(effects_of(burnt)) == (Kind.TRANSFER, who.usdc, 5, ZERO_ADDRESS)
    taken = Call.encode(who.usdc, "burnFrom(address,uint256)", who.alice, 5)
    assert one(effects_of(taken)) == (Kind.PULL, who.usdc, 5, ZERO_ADDRESS)


def test_an_authorization_by_call_is_its_transfer_however_the_signature_is_packed(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    head = "address,address,uint256,uint256,uint256,bytes32"
    for name in ("transferWithAuthorization", "receiveWithAuthorization"):
        for types, signature in (("uint8,bytes32,bytes32", (27, R, S)), ("bytes", (R + S + b"\x1b",))):
            arguments = (who.self, who.stranger, 5, 0, 99, R, *signature)
            (effect,) = effects_of(Call.encode(who.usdc, f"{name}({head},{types})", *arguments))
            assert (effect.kind, effect.amount, effect.counterparty) == (Kind.TRANSFER, 5, who.stranger)
            assert effect.deadline == 99
            (pulled,) = effects_of(
                Call.encode(who.usdc, f"{name}({head},{types})", who.alice, who.self, 5, 0, 99, R, *signature)
            )
            assert pulled.kind == Kind.PULL


def test_only_our_own_authorization_can_be_cancelled_by_us(effects_of: Effects, who: SimpleNamespace) -> None:
    for types, signature in (("uint8,bytes32,bytes32", (27, R, S)), ("bytes", (b"\1",))):
        call = f"cancelAuthorization(address,bytes32,{types})"
        (ours,) = effects_of(Call.encode(who.usdc, call, who.self, R, *signature))
        (theirs,) = effects_of(Call.encode(who.usdc, call, who.alice, R, *signature))
        assert (ours.kind, theirs.kind) == (Kind.CALL, Kind.UNKNOWN)


def test_a_permit_with_a_packed_signature_is_a_permit(effects_of: Effects, who: SimpleNamespace) -> None:
    call = Call.encode(who.dai, "permit(address,address,uint256,uint256,bytes)", who.self, who.stranger, 5, 99, b"\1")
    assert one(effects_of(call)) == (Kind.PERMIT, who.dai, 5, who.stranger)


def test_delegations_by_signature_are_delegations(effects_of: Effects, who: SimpleNamespace) -> None:
    votes = "delegateBySig(address,uint256,uint256,uint8,bytes32,bytes32)"
    (effect,) = effects_of(Call.encode(who.dai, votes, who.stranger, 0, 99, 27, R, S))
    assert (effect.kind, effect.counterparty, effect.note) == (Kind.DELEGATION, who.stranger, "votes")
    debt = "delegationWithSig(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    (ours,) = effects_of(Call.encode(who.debt, debt, who.self, who.stranger, 5, 99, 27, R, S))
    assert (ours.kind, ours.amount, ours.counterparty, ours.deadline) == (Kind.DELEGATION, 5, who.stranger, 99)
    (theirs,) = effects_of(Call.encode(who.debt, debt, who.alice, who.self, 5, 99, 27, R, S))
    assert theirs.kind == Kind.UNKNOWN


def test_wrapping_for_another_is_a_transfer(effects_of: Effects, who: SimpleNamespace) -> None:
    kept = Call.encode(who.weth, "depositTo(address)", who.self, value=5)
    (wrapped,) = effects_of(kept)
    assert (wrapped.kind, wrapped.amount, wrapped.bought, wrapped.bought_minimum) == (Kind.WRAP, 5, who.weth, 5)
    given = Call.encode(who.weth, "depositTo(address)", who.stranger, value=5)
    assert one(effects_of(given)) == (Kind.TRANSFER, NATIVE, 5, who.stranger)
    (unwrapped,) = effects_of(Call.encode(who.weth, "withdrawTo(address,uint256)", who.self, 5))
    assert (unwrapped.kind, unwrapped.amount, unwrapped.bought) == (Kind.UNWRAP, 5, NATIVE)
    out = Call.encode(who.weth, "withdrawTo(address,uint256)", who.stranger, 5)
    assert one(effects_of(out)) == (Kind.TRANSFER, who.weth, 5, who.stranger)


def test_a_burnt_token_is_sent_to_nobody_and_its_permit_hands_it_over(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    (burnt,) = effects_of(Call.encode(who.punks, "burn(uint256)", 7))
    assert (burnt.kind, burnt.counterparty, burnt.token_ids) == (Kind.NFT_TRANSFER, ZERO_ADDRESS, (7,))
    for types, signature in (("uint8,bytes32,bytes32", (27, R, S)), ("bytes", (b"\1",))):
        call = Call.encode(who.punks, f"permit(address,uint256,uint256,{types})", who.stranger, 7, 99, *signature)
        (effect,) = effects_of(call)
        assert (effect.kind, effect.counterparty, effect.deadline) == (Kind.OPERATOR_APPROVAL, who.stranger, 99)


def test_erc1155_tokens_burn_one_by_one_and_in_batches(effects_of: Effects, who: SimpleNamespace) -> None:
    things = "0x" + "6" * 40
    batch = Call.encode(things, "burnBatch(address,uint256[],uint256[])", who.self, [7, 8], [1, 2])
    effects = effects_of(batch, venues={things: "erc1155"})
    assert (effects[0].kind, effects[0].token_ids) == (Kind.NFT_TRANSFER, (7, 8))
    (pulled, _) = effects_of(
        Call.encode(things, "burn(address,uint256,uint256)", who.alice, 7, 1), venues={things: "erc1155"}
    )
    assert (pulled.kind, pulled.on_behalf_of) == (Kind.PULL, who.alice)
