"""Transactions of Safes, UserOperations, delegations, ballots: judged by what whoever holds them may do."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.typed_data import TypedData

from .signatures import (
    DELEGATION_MANAGER,
    ENTRY_POINT,
    ZERO,
    kinds,
    listing,
    operation_of,
    safe_tx,
    struct,
    typed,
    witnessed,
)

Effects = Callable[..., tuple[Effect, ...]]
KEY = "0x" + "46" * 32


def test_a_transaction_of_our_safe_is_the_call_that_it_makes(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(typed_data=safe_tx(who, who.self))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, who.usdc, 5, who.alice)
    assert effect.call is None
    assert "delegatecall" in kinds(effects_of(typed_data=safe_tx(who, who.self, operation=1)))
    assert kinds(effects_of(typed_data=safe_tx(who, who.self, operation=2))) == ["unknown"]
    assert kinds(effects_of(typed_data=safe_tx(who, who.self, to=who.stranger, value="9", data="0x"))) == ["transfer"]


def test_a_refund_of_gas_goes_to_a_stranger(effects_of: Effects, who: SimpleNamespace) -> None:
    terms = {"gasPrice": "10", "safeTxGas": "7", "baseGas": "3", "gasToken": who.dai, "refundReceiver": who.stranger}
    _, refund, unknown = effects_of(typed_data=safe_tx(who, who.self, **terms))
    assert (refund.kind, refund.asset, refund.amount, refund.counterparty) == (
        Kind.TRANSFER,
        who.dai,
        100,
        who.stranger,
    )
    assert (unknown.kind, unknown.beside) == (Kind.UNKNOWN, 1)
    _, coin, _ = effects_of(typed_data=safe_tx(who, who.self, gasPrice="1"))
    assert (coin.asset, coin.counterparty) == ("native", None)


def test_what_another_safe_does_is_unknown_and_its_dangers_have_names(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    assert kinds(effects_of(typed_data=safe_tx(who, who.stranger))) == ["unknown"]
    assert kinds(effects_of(typed_data=safe_tx(who, who.stranger, operation=1))) == ["unknown", "delegatecall"]


def test_a_safe_s_message_may_stand_for_anything(effects_of: Effects, who: SimpleNamespace) -> None:
    typed_data = typed(struct("SafeMessage"), who.self, {"message": "0x" + "11" * 32})
    assert kinds(effects_of(typed_data=typed_data)) == ["raw_signature"]


@pytest.mark.usefixtures("venues")
def test_a_user_operation_is_a_call_of_the_account_to_itself_and_its_gas(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    call, gas = effects_of(typed_data=operation_of(who))
    assert call.kind == Kind.CALL
    assert (gas.kind, gas.asset, gas.amount, gas.counterparty) == (Kind.TRANSFER, "native", 350 * 3, ENTRY_POINT)
    strange = effects_of(typed_data=operation_of(who, callData="0x12345678"))
    assert "unknown" in kinds(strange)
    assert "unknown" in kinds(effects_of(typed_data=operation_of(who, sender=who.alice)))


@pytest.mark.usefixtures("venues")
def test_a_paymaster_is_noted_and_code_that_comes_along_is_named(effects_of: Effects, who: SimpleNamespace) -> None:
    (paid,) = effects_of(typed_data=operation_of(who, paymasterAndData=who.alice + "00" * 32))
    assert who.alice in paid.note
    assert kinds(effects_of(typed_data=operation_of(who, paymasterAndData=who.alice))) == ["call", "unknown"]
    assert "contract_creation" in kinds(effects_of(typed_data=operation_of(who, initCode=who.alice + "00")))
    assert "set_code" in kinds(effects_of(typed_data=operation_of(who, initCode="0x7702" + "00" * 18)))


def test_an_entry_point_is_one_of_the_book(effects_of: Effects, who: SimpleNamespace) -> None:
    assert kinds(effects_of(typed_data=operation_of(who))) == ["call", "transfer", "unknown"]


@pytest.mark.usefixtures("venues")
@pytest.mark.parametrize("caveats", [0, 1])
def test_to_delegate_an_account_is_to_hand_over_everything(
    effects_of: Effects, who: SimpleNamespace, caveats: int
) -> None:
    message = {
        "delegate": who.alice,
        "delegator": who.self,
        "authority": "0x" + "ff" * 32,
        "caveats": [{"enforcer": who.router, "terms": "0x1234"}] * caveats,
        "salt": 0,
    }
    encoded = struct("Delegation", "caveats")
    effects = effects_of(typed_data=typed(encoded, DELEGATION_MANAGER, message))
    assert kinds(effects) == ["delegation", "unknown"]
    assert "everything" in effects[0].note
    theirs = effects_of(typed_data=typed(encoded, DELEGATION_MANAGER, message | {"delegator": who.alice}))
    assert kinds(theirs) == ["delegation", "unknown", "unknown"]


def test_votes_and_debt_are_delegated(effects_of: Effects, who: SimpleNamespace) -> None:
    votes = {"delegatee": who.alice, "nonce": 0, "expiry": 1900}
    encoded = struct("Delegation", "expiry")
    (effect,) = effects_of(typed_data=typed(encoded, who.usdc, votes))
    assert (effect.kind, effect.asset, effect.counterparty) == (Kind.DELEGATION, who.usdc, who.alice)
    assert kinds(effects_of(typed_data=typed(encoded, who.fake, votes))) == ["delegation", "unknown"]
    debt = {"delegatee": who.alice, "value": 5, "nonce": 0, "deadline": 1900}
    (owed,) = effects_of(typed_data=typed(struct("DelegationWithSig"), who.debt, debt))
    assert (owed.amount, owed.deadline, owed.note) == (5, 1900, "debt, by signature")
    endless = typed(struct("DelegationWithSig"), who.debt, debt | {"value": 2**256 - 1})
    assert kinds(effects_of(typed_data=endless)) == ["delegation", "unlimited_approval"]
    assert kinds(effects_of(typed_data=typed(struct("DelegationWithSig"), who.usdc, debt))) == [
        "delegation",
        "unknown",
    ]


def test_ballots_are_votes_of_the_account_at_a_governor_of_the_book(effects_of: Effects, who: SimpleNamespace) -> None:
    plain = {"proposalId": 7, "support": 1}
    assert kinds(effects_of(typed_data=typed(struct("Ballot", "uint8"), who.governor, plain))) == ["vote"]
    assert kinds(effects_of(typed_data=typed(struct("Ballot", "uint8"), who.pool, plain))) == [
        "vote",
        "unknown",
    ]
    theirs = plain | {"voter": who.alice, "nonce": 0}
    assert kinds(effects_of(typed_data=typed(struct("Ballot", "voter"), who.governor, theirs))) == [
        "vote",
        "unknown",
    ]
    extended = plain | {"reason": "because", "params": "0x"}
    encoded = struct("ExtendedBallot", "support,string")
    assert kinds(effects_of(typed_data=typed(encoded, who.governor, extended))) == ["vote"]


def test_a_permit_of_an_nft_makes_an_operator(effects_of: Effects, who: SimpleNamespace) -> None:
    message = {"spender": who.alice, "tokenId": 7, "nonce": 0, "deadline": 1900}
    encoded = struct("Permit", "tokenId")
    (effect,) = effects_of(typed_data=typed(encoded, who.punks, message))
    assert (effect.kind, effect.counterparty, effect.deadline) == (Kind.OPERATOR_APPROVAL, who.alice, 1900)
    assert effect.token_ids == (7,)
    assert kinds(effects_of(typed_data=typed(encoded, who.usdc, message))) == ["operator_approval", "unknown"]
    assert kinds(effects_of(typed_data=typed(encoded, who.punks, message | {"spender": ZERO}))) == ["revocation"]
    everything = {"operator": who.alice, "approved": True, "nonce": 0, "deadline": 1900}
    assert kinds(effects_of(typed_data=typed(struct("PermitForAll"), who.punks, everything))) == ["operator_approval"]


@pytest.mark.parametrize(
    ("name", "member", "hashed"),
    [
        # From the sources named in each module: SEAPORT's _ORDER_TYPEHASH, SAFE_TX_TYPEHASH, PACKED_USEROP_TYPEHASH.
        ("OrderComponents", "", "fa445660b7e21515a59617fcd68910b487aa5808b8abda3d78bc85df364b2c2f"),
        ("SafeTx", "", "bb8310d486368db6bd6f849402fdd73ad53d316b5a4b2644ad6efe0f941286d8"),
        ("SafeMessage", "", "60b3cbf8b4a223d68d641b3b6ddf9a298e7f33710cf3d3a9d1146b5a6150fbca"),
        ("Permit", "tokenId", "49ecf333e5b8c95c40fdafc95c1ad136e8914a8fb55e9dc8bb01eaa83a2df9ad"),
        ("Permit", "owner", "6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9"),
        ("Permit", "holder", "ea2aa0a1be11a07ed86d755c93467f4f82362b452371d1ba94d1715123511acb"),
        ("Delegation", "expiry", "e48329057bfd03d55e49b547132e39cffd9c1820ad7b9d4c5307691425d15adf"),
        ("Ballot", "uint8 support)", "150214d74d59b7d1e90c73fc22ef3d991dd0a76b046543d4d80ab92d2a50328f"),
        ("TransferWithAuthorization", "", "7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267"),
        ("ReceiveWithAuthorization", "", "d099cc98ef71107a616c4f0f941f04c322d8e254fe26b3c6668db87aae413de8"),
    ],
)
def test_the_structs_have_the_type_hashes_that_the_contracts_publish(name: str, member: str, hashed: str) -> None:
    assert keccak(text=struct(name, member)).hex() == hashed


def test_what_is_decoded_is_what_a_wallet_signs(who: SimpleNamespace) -> None:
    for typed_data in (listing(who), safe_tx(who, who.self), operation_of(who), witnessed(who)):
        signed = Account.sign_typed_data(KEY, full_message=typed_data)
        assert "0x" + signed.message_hash.hex() == TypedData.model_validate(typed_data).signing_hash()
        signer = Account._recover_hash(signed.message_hash, signature=signed.signature)
        assert signer == Account.from_key(KEY).address


scalars = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.binary(max_size=40).map(lambda b: b.hex())
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
)


@settings(max_examples=300)
@given(st.data())
def test_no_typed_data_makes_it_raise(effects_of: Effects, who: SimpleNamespace, data: st.DataObject) -> None:
    built = [
        listing(who),
        safe_tx(who, who.self),
        safe_tx(who, who.alice),
        operation_of(who),
        witnessed(who),
    ]
    drawn = data.draw(st.sampled_from(built))
    place: Any = drawn["message"]
    while isinstance(place, dict | list) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(values)
            break
        place = place[key]
    assert effects_of(typed_data=drawn)


@pytest.mark.usefixtures("venues")
def test_what_a_user_operation_executes_is_ours(
    effects_of: Effects, who: SimpleNamespace, book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    venue = type(next(iter(book.venues.values())))
    monkeypatch.setattr(
        book, "venues", book.venues | {who.self: venue("account", "simple-account-0.8", "0x" + "11" * 32)}
    )
    inner = Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5).data
    call = Call.encode(who.self, "execute(address,uint256,bytes)", who.usdc, 0, inner)
    transfer, gas = effects_of(typed_data=operation_of(who, callData="0x" + call.data.hex()))
    assert (transfer.kind, transfer.asset, transfer.amount, transfer.counterparty) == (
        Kind.TRANSFER,
        who.usdc,
        5,
        who.alice,
    )
    assert (transfer.call, gas.note) == (None, "the gas of a UserOperation")


@pytest.mark.usefixtures("venues")
def test_what_another_account_is_called_with_is_not_ours(effects_of: Effects, who: SimpleNamespace) -> None:
    call = Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5)
    first = effects_of(typed_data=operation_of(who, sender=who.usdc, callData="0x" + call.data.hex()))[0]
    assert first.kind == Kind.UNKNOWN
