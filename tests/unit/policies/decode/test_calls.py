"""What any call is, before its function is known: coin, code, authority, or unknown."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Authorization, Call, Operation
from treasurer.wallets.values import NATIVE

Effects = Callable[..., tuple[Effect, ...]]
TRANSFER = "transfer(address,uint256)"


def test_value_without_data_is_a_transfer_of_native_coin(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(Call(to=who.alice, value=3))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, NATIVE, 3, who.alice)


def test_no_value_and_no_data_runs_code_that_nobody_knows(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(Call(to=who.alice))
    assert effect.kind == Kind.UNKNOWN
    assert who.alice in effect.unknown[0]


@pytest.mark.parametrize("target", ["usdc", "router", "pool", "permit2"])
def test_value_to_a_contract_that_takes_none_is_lost(effects_of: Effects, who: SimpleNamespace, target: str) -> None:
    transfer, unknown = effects_of(Call(to=getattr(who, target), value=3))
    assert (transfer.kind, transfer.amount) == (Kind.TRANSFER, 3)
    assert (unknown.kind, unknown.beside) == (Kind.UNKNOWN, 0)


def test_nothing_has_no_effects(effects_of: Effects) -> None:
    assert effects_of() == ()


def test_a_contract_creation_and_a_delegatecall_are_named(effects_of: Effects, who: SimpleNamespace) -> None:
    created, delegated = effects_of(
        Call(to=None, data=b"\x60\x00"),
        Call(to=who.usdc, data=Call.encode(who.usdc, TRANSFER, who.alice, 1).data, operation=Operation.DELEGATECALL),
    )
    assert (created.kind, delegated.kind) == (Kind.CONTRACT_CREATION, Kind.DELEGATECALL)


@pytest.mark.parametrize(
    ("chain_id", "kinds"), [(1, ["set_code"]), (0, ["set_code", "unknown"]), (10, ["set_code", "unknown"])]
)
def test_an_authorization_sets_code_and_for_another_chain_nobody_knows_what(
    effects_of: Effects, who: SimpleNamespace, chain_id: int, kinds: list[str]
) -> None:
    effects = effects_of(authorizations=(Authorization(chain_id=chain_id, address=who.stranger, nonce=0),))
    assert [effect.kind for effect in effects] == kinds
    assert effects[0].counterparty == who.stranger


def test_calls_outside_the_book_are_unknown_and_say_selector_and_address(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    (effect,) = effects_of(Call.encode(who.fake, TRANSFER, who.alice, 1, value=5))
    assert effect.kind == Kind.UNKNOWN
    assert "0xa9059cbb" in effect.unknown[0]
    assert who.fake in effect.unknown[0]
    assert (effect.asset, effect.amount) == (NATIVE, 5)


def test_the_book_of_another_chain_names_nothing_here(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(Call.encode(who.usdc, TRANSFER, who.alice, 1), chain_id=10)
    assert effect.kind == Kind.UNKNOWN


@pytest.mark.parametrize("data", ["00", "a9059c", "deadbeef"])
def test_unknown_and_cut_selectors_of_a_known_token_are_unknown(
    effects_of: Effects, who: SimpleNamespace, data: str
) -> None:
    (effect,) = effects_of(Call(to=who.usdc, data=bytes.fromhex(data)))
    assert effect.kind == Kind.UNKNOWN
    assert effect.unknown


def test_non_canonical_calldata_is_unknown_and_says_where(effects_of: Effects, who: SimpleNamespace) -> None:
    good = Call.encode(who.usdc, TRANSFER, who.alice, 1).data
    for data, words in (
        (good + b"\0", "follow"),
        (good[:-1], "end inside"),
        (good[:4] + b"\1" + good[5:], "dirty padding"),
    ):
        (effect,) = effects_of(Call(to=who.usdc, data=data))
        assert effect.kind == Kind.UNKNOWN
        assert words in effect.unknown[0]


@pytest.mark.parametrize("target", ["usdc", "fake", "self", "pool"])
@pytest.mark.parametrize(
    ("signature", "arguments", "kind"),
    [
        ("transferOwnership(address)", ("stranger",), Kind.OWNERSHIP_CHANGE),
        ("renounceOwnership()", (), Kind.OWNERSHIP_CHANGE),
        ("grantRole(bytes32,address)", (b"\0" * 32, "stranger"), Kind.OWNERSHIP_CHANGE),
        ("upgradeTo(address)", ("stranger",), Kind.OWNERSHIP_CHANGE),
        ("upgradeToAndCall(address,bytes)", ("stranger", b""), Kind.OWNERSHIP_CHANGE),
        ("changeAdmin(address)", ("stranger",), Kind.OWNERSHIP_CHANGE),
        ("swapOwner(address,address,address)", ("sender", "alice", "stranger"), Kind.OWNERSHIP_CHANGE),
        ("addOwnerWithThreshold(address,uint256)", ("stranger", 1), Kind.OWNERSHIP_CHANGE),
        ("changeThreshold(uint256)", (1,), Kind.OWNERSHIP_CHANGE),
        ("enableModule(address)", ("stranger",), Kind.MODULE_CHANGE),
        ("setGuard(address)", ("stranger",), Kind.MODULE_CHANGE),
        ("setFallbackHandler(address)", ("stranger",), Kind.MODULE_CHANGE),
        ("setApprovalForAll(address,bool)", ("stranger", True), Kind.OPERATOR_APPROVAL),
    ],
)
def test_authority_is_named_wherever_it_is_handed_over(
    effects_of: Effects, who: SimpleNamespace, target: str, signature: str, arguments: tuple[object, ...], kind: Kind
) -> None:
    resolved = [getattr(who, value) if isinstance(value, str) else value for value in arguments]
    effects = effects_of(Call.encode(getattr(who, target), signature, *resolved))
    assert [effect.kind for effect in effects] == [kind]


def test_an_unlimited_approval_is_named_on_a_token_that_the_book_lacks(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    unknown, unlimited = effects_of(Call.encode(who.fake, "approve(address,uint256)", who.router, 2**256 - 1))
    assert (unknown.kind, unlimited.kind, unlimited.beside) == (Kind.UNKNOWN, Kind.UNLIMITED_APPROVAL, 0)


def test_collectibles_move_and_are_revoked_where_the_book_names_them(effects_of: Effects, who: SimpleNamespace) -> None:
    signature = "safeTransferFrom(address,address,uint256)"
    moved = effects_of(Call.encode(who.punks, signature, who.self, who.alice, 9))
    pulled = effects_of(Call.encode(who.punks, signature, who.alice, who.self, 9))
    revoked = effects_of(Call.encode(who.punks, "setApprovalForAll(address,bool)", who.router, False))
    elsewhere = effects_of(Call.encode(who.fake, signature, who.self, who.alice, 9))
    assert [effect.kind for effect in moved] == ["nft_transfer"]
    assert [effect.kind for effect in pulled] == ["pull"]
    assert [effect.kind for effect in revoked] == ["revocation"]
    assert [effect.kind for effect in elsewhere] == ["nft_transfer", "unknown"]


def test_a_vote_is_a_vote_in_a_governor_of_the_book(effects_of: Effects, who: SimpleNamespace) -> None:
    (vote,) = effects_of(Call.encode(who.governor, "castVote(uint256,uint8)", 7, 1))
    assert vote.kind == Kind.VOTE
