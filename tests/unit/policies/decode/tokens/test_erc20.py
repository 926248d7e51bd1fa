"""ERC-20 calls become the effects that policy.md names."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
UNLIMITED = 2**256 - 1


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def test_a_transfer_names_token_amount_and_recipient(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, who.usdc, 5, who.alice)
    assert effect.exact
    assert effect.call == 0


def test_transfer_from_self_is_the_same_effect_and_from_another_is_a_pull(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    signature = "transferFrom(address,address,uint256)"
    (plain,) = effects_of(Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5))
    (own,) = effects_of(Call.encode(who.usdc, signature, who.self, who.alice, 5))
    (foreign,) = effects_of(Call.encode(who.usdc, signature, who.alice, who.self, 5))
    assert own == plain
    assert foreign.kind == Kind.PULL
    assert foreign.on_behalf_of == who.alice


def test_the_token_contract_itself_is_never_a_recipient(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(Call.encode(who.usdc, "transfer(address,uint256)", who.usdc, 5))
    assert _kinds(effects) == ["transfer", "unknown"]
    assert effects[1].beside == 0


def test_value_sent_along_a_function_that_takes_none_is_a_transfer_to_a_stranger(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    effects = effects_of(Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5, value=7))
    assert _kinds(effects) == ["transfer", "unknown", "transfer"]
    assert (effects[0].asset, effects[0].amount) == (NATIVE, 7)


@pytest.mark.parametrize(
    ("amount", "supplies", "kinds"),
    [
        (0, {}, ["revocation"]),
        (1, {}, ["approval"]),
        (2**96 - 2, {}, ["approval"]),
        (2**96 - 1, {}, ["approval", "unlimited_approval"]),
        (UNLIMITED, {}, ["approval", "unlimited_approval"]),
        (1001, {"usdc": 1000}, ["approval", "unlimited_approval"]),
        (1000, {"usdc": 1000}, ["approval"]),
    ],
)
def test_an_approval_is_unlimited_from_2_96_or_above_the_total_supply(
    effects_of: Effects, who: SimpleNamespace, amount: int, supplies: dict[str, int], kinds: list[str]
) -> None:
    supplies = {getattr(who, label): amount for label, amount in supplies.items()}
    effects = effects_of(Call.encode(who.usdc, "approve(address,uint256)", who.router, amount), total_supplies=supplies)
    assert _kinds(effects) == kinds
    assert all(effect.counterparty == who.router for effect in effects)
    assert [effect.beside for effect in effects[1:]] == [0] * len(effects[1:])


def test_increase_allowance_is_unknown_without_the_chain_and_says_so(effects_of: Effects, who: SimpleNamespace) -> None:
    call = Call.encode(who.usdc, "increaseAllowance(address,uint256)", who.router, 5)
    approval, unknown = effects_of(call)
    assert (approval.kind, approval.amount) == (Kind.APPROVAL, None)
    assert "--static" in approval.unknown[0]
    assert unknown.kind == Kind.UNKNOWN


def test_increase_allowance_adds_to_what_the_chain_or_the_proposal_says(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    increase = Call.encode(who.usdc, "increaseAllowance(address,uint256)", who.router, 5)
    approve = Call.encode(who.usdc, "approve(address,uint256)", who.router, 100)
    known = {f"{who.usdc}:{who.router}": 10}
    (from_chain,) = effects_of(increase, allowances=known, static=False)
    _, from_proposal = effects_of(approve, increase, allowances=known, static=False)
    assert from_chain.amount == 15
    assert from_proposal.amount == 105
    assert _kinds(effects_of(increase, allowances={f"{who.usdc}:{who.router}": UNLIMITED}, static=False)) == [
        "approval",
        "unlimited_approval",
    ]


@pytest.mark.parametrize(("subtracted", "kind"), [(4, "approval"), (10, "revocation"), (11, "unknown")])
def test_decrease_allowance_down_to_zero_is_a_revocation(
    effects_of: Effects, who: SimpleNamespace, subtracted: int, kind: str
) -> None:
    call = Call.encode(who.usdc, "decreaseAllowance(address,uint256)", who.router, subtracted)
    (effect,) = effects_of(call, allowances={f"{who.usdc}:{who.router}": 10}, static=False)
    assert effect.kind == kind


PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"


def test_a_permit_by_call_is_a_permit_of_the_account_on_a_token_that_has_one(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    def kinds(token: str, owner: str) -> list[str]:
        return _kinds(effects_of(Call.encode(token, PERMIT, owner, who.router, 5, 1900, 27, b"r" * 32, b"s" * 32)))

    assert kinds(who.usdc, who.self) == ["permit"]
    assert kinds(who.weth, who.self) == ["permit", "unknown"]
    assert kinds(who.permitless, who.self) == ["permit", "unknown"]
    assert kinds(who.usdc, who.alice) == ["unknown"]


def test_dai_s_permit_is_all_or_nothing(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)"
    effects = effects_of(Call.encode(who.dai, signature, who.self, who.router, 0, 1900, True, 27, b"r" * 32, b"s" * 32))
    assert _kinds(effects) == ["permit", "unlimited_approval"]


def test_weth_wraps_and_unwraps_and_a_plain_payment_to_it_wraps(effects_of: Effects, who: SimpleNamespace) -> None:
    deposit = effects_of(Call.encode(who.weth, "deposit()", value=9))
    assert deposit == effects_of(Call(to=who.weth, value=9))
    assert (deposit[0].kind, deposit[0].asset, deposit[0].amount) == (Kind.WRAP, NATIVE, 9)
    (unwrap,) = effects_of(Call.encode(who.weth, "withdraw(uint256)", 9))
    assert (unwrap.kind, unwrap.asset, unwrap.amount, unwrap.bought) == (Kind.UNWRAP, who.weth, 9, NATIVE)


def test_weth_s_fallback_answers_anything_so_what_it_lacks_is_unknown(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    (effect,) = effects_of(Call.encode(who.weth, "increaseAllowance(address,uint256)", who.router, 5))
    assert effect.kind == Kind.UNKNOWN


def test_votes_and_debt_are_delegated(effects_of: Effects, who: SimpleNamespace) -> None:
    votes, debt = effects_of(
        Call.encode(who.usdc, "delegate(address)", who.alice),
        Call.encode(who.debt, "approveDelegation(address,uint256)", who.alice, 7),
    )
    assert (votes.kind, votes.counterparty) == (Kind.DELEGATION, who.alice)
    assert (debt.kind, debt.counterparty, debt.amount) == (Kind.DELEGATION, who.alice, 7)


def test_an_authorized_transfer_of_ours_is_a_transfer(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
    tail = (0, 1900, b"n" * 32, 27, b"r" * 32, b"s" * 32)
    (ours,) = effects_of(Call.encode(who.usdc, signature, who.self, who.alice, 5, *tail))
    (foreign,) = effects_of(Call.encode(who.usdc, signature, who.alice, who.self, 5, *tail))
    assert (ours.kind, ours.amount, ours.deadline) == (Kind.TRANSFER, 5, 1900)
    assert foreign.kind == Kind.PULL
