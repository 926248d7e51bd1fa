"""Typed data is judged by what it permits, and only where it is known to the letter."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.decode.draft.eip712_struct import parse_types
from treasurer.policies.decode.tokens.permit2_permits import PERMIT2_PERMITS
from treasurer.policies.decode.tokens.permits import TOKEN_PERMITS
from treasurer.policies.decode.typed_data import STRUCTS
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Authorization, Call
from treasurer.wallets.typed_data import TypedData

Effects = Callable[..., tuple[Effect, ...]]
PERMITS = (*TOKEN_PERMITS, *PERMIT2_PERMITS)
EIP2612, DAI, TRANSFER, RECEIVE, CANCEL, SINGLE, BATCH, FROM, BATCH_FROM = (permit.encoded for permit in PERMITS)
DOMAIN_TYPE = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


def _typed(encoded: str, contract: str, message: dict[str, Any], **domain: Any) -> dict[str, Any]:
    types = parse_types(encoded)
    return {
        "types": {"EIP712Domain": DOMAIN_TYPE, **copy.deepcopy(types.members)},
        "primaryType": types.primary,
        "domain": {"name": "Any", "version": "1", "chainId": 1, "verifyingContract": contract, **domain},
        "message": message,
    }


def _permit(who: SimpleNamespace, token: str = "usdc", **changed: Any) -> dict[str, Any]:
    message = {"owner": who.self, "spender": who.router, "value": "5", "nonce": "0", "deadline": "1900", **changed}
    return _typed(EIP2612, getattr(who, token), message)


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def test_a_permit_is_an_approval_by_signature(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(typed_data=_permit(who))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.PERMIT, who.usdc, 5, who.router)
    assert effect.deadline == 1900
    assert _kinds(effects_of(typed_data=_permit(who, value=2**256 - 1))) == ["permit", "unlimited_approval"]


def test_owner_chain_and_contract_must_be_ours_ours_and_registered(effects_of: Effects, who: SimpleNamespace) -> None:
    other_chain = _permit(who)
    other_chain["domain"]["chainId"] = 10
    for typed_data in (_permit(who, owner=who.alice), _permit(who, token="fake"), other_chain):
        permit, unknown = effects_of(typed_data=typed_data)
        assert (permit.kind, unknown.kind, unknown.beside) == (Kind.PERMIT, Kind.UNKNOWN, 0)


@pytest.mark.parametrize("token", ["weth", "permitless", "punks"])
def test_a_token_without_permit_answers_nobody_knows_what(
    effects_of: Effects, who: SimpleNamespace, token: str
) -> None:
    assert _kinds(effects_of(typed_data=_permit(who, token=token))) == ["permit", "unknown"]


def test_dai_s_permit_is_unlimited_and_an_expiry_of_zero_is_never(effects_of: Effects, who: SimpleNamespace) -> None:
    message = {"holder": who.self, "spender": who.router, "nonce": 0, "expiry": 0, "allowed": True}
    effects = effects_of(typed_data=_typed(DAI, who.dai, message))
    assert _kinds(effects) == ["permit", "unlimited_approval"]
    assert effects[0].deadline == 2**256 - 1
    (nothing,) = effects_of(typed_data=_typed(DAI, who.dai, message | {"allowed": False}))
    assert nothing.amount == 0


@pytest.mark.parametrize("encoded", [TRANSFER, RECEIVE])
def test_an_authorization_is_a_transfer_until_it_expires(
    effects_of: Effects, who: SimpleNamespace, encoded: str
) -> None:
    message = {
        "from": who.self,
        "to": who.alice,
        "value": 5,
        "validAfter": 0,
        "validBefore": 1900,
        "nonce": "0x" + "11" * 32,
    }
    (effect,) = effects_of(typed_data=_typed(encoded, who.usdc, message))
    assert (effect.kind, effect.amount, effect.counterparty, effect.deadline) == (Kind.TRANSFER, 5, who.alice, 1900)
    foreign = effects_of(typed_data=_typed(encoded, who.usdc, message | {"from": who.alice}))
    assert _kinds(foreign) == ["transfer", "unknown"]


def test_to_cancel_an_authorization_moves_nothing(effects_of: Effects, who: SimpleNamespace) -> None:
    typed_data = _typed(CANCEL, who.usdc, {"authorizer": who.self, "nonce": "0x" + "11" * 32})
    assert _kinds(effects_of(typed_data=typed_data)) == ["message"]


def test_permit2_permits_what_its_details_say_for_as_long_as_either_date(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    details = {"token": who.usdc, "amount": 5, "expiration": 1900, "nonce": 0}
    rest = {"spender": who.router, "sigDeadline": 1800}
    (single,) = effects_of(typed_data=_typed(SINGLE, who.permit2, {"details": details, **rest}))
    batch = effects_of(typed_data=_typed(BATCH, who.permit2, {"details": [details, details], **rest}))
    assert (single.kind, single.asset, single.amount, single.deadline) == (Kind.PERMIT, who.usdc, 5, 1900)
    assert _kinds(batch) == ["permit", "permit"]
    endless = details | {"amount": 2**160 - 1}
    assert _kinds(effects_of(typed_data=_typed(SINGLE, who.permit2, {"details": endless, **rest}))) == [
        "permit",
        "unlimited_approval",
    ]
    for contract in (who.fake, who.pool, who.usdc):
        elsewhere = effects_of(typed_data=_typed(SINGLE, contract, {"details": details, **rest}))
        assert _kinds(elsewhere) == ["permit", "unknown"]
    assert _kinds(effects_of(typed_data=_typed(BATCH, who.permit2, {"details": [], **rest}))) == ["unknown"]


def test_permit2_s_signature_transfers_are_permits_too(effects_of: Effects, who: SimpleNamespace) -> None:
    permitted = {"token": who.usdc, "amount": 5}
    rest = {"spender": who.router, "nonce": 0, "deadline": 1900}
    assert _kinds(effects_of(typed_data=_typed(FROM, who.permit2, {"permitted": permitted, **rest}))) == ["permit"]
    many = {"permitted": [permitted, permitted | {"token": who.fake}], **rest}
    assert _kinds(effects_of(typed_data=_typed(BATCH_FROM, who.permit2, many))) == ["permit", "permit", "unknown"]


def test_calls_or_authorizations_beside_typed_data_are_two_things_to_sign(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    transfer = Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 1)
    code = Authorization(chain_id=1, address=who.stranger, nonce=0)
    assert _kinds(effects_of(transfer, typed_data=_permit(who))) == ["transfer", "permit", "unknown"]
    assert _kinds(effects_of(typed_data=_permit(who), authorizations=(code,))) == ["set_code", "permit", "unknown"]


def _without(typed_data: dict[str, Any], part: str, name: str) -> dict[str, Any]:
    del typed_data[part][name]
    return typed_data


def _with(typed_data: dict[str, Any], part: str, **more: Any) -> dict[str, Any]:
    typed_data[part].update(more)
    return typed_data


@pytest.mark.parametrize(
    "spoil",
    [
        lambda permit: _with(permit, "message", extra="1"),
        lambda permit: _without(permit, "message", "nonce"),
        lambda permit: _with(permit, "message", value="0x5"),
        lambda permit: _with(permit, "message", value="05"),
        lambda permit: _with(permit, "message", value=-5),
        lambda permit: _with(permit, "message", value=2**256),
        lambda permit: _with(permit, "message", value=True),
        lambda permit: _with(permit, "message", value=5.0),
        lambda permit: _with(permit, "message", value={"a": 10**5000}),
        lambda permit: _with(permit, "message", spender=["a"]),
        lambda permit: _with(permit, "message", spender="alice"),
        lambda permit: _with(permit, "domain", salt="0x" + "00" * 32),
        lambda permit: _with(permit, "domain", chainId="one"),
        lambda permit: _without(permit, "domain", "chainId"),
        lambda permit: _without(permit, "domain", "verifyingContract"),
        lambda permit: _with(permit, "types", Permit=permit["types"]["Permit"][::-1]),
        lambda permit: _with(permit, "types", Other=[{"name": "x", "type": "uint256"}]),
        lambda permit: _with(permit, "types", EIP712Domain=DOMAIN_TYPE[:2]),
        lambda permit: _without(permit, "types", "Permit"),
        lambda permit: permit | {"primaryType": "Hello"},
    ],
)
def test_what_is_not_known_to_the_letter_is_unknown(
    effects_of: Effects, who: SimpleNamespace, spoil: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    (effect,) = effects_of(typed_data=spoil(_permit(who)))
    assert effect.kind == Kind.UNKNOWN
    assert effect.unknown


def test_the_domain_may_leave_out_its_type_and_its_version(effects_of: Effects, who: SimpleNamespace) -> None:
    bare = _without(_without(_permit(who), "types", "EIP712Domain"), "domain", "version")
    assert _kinds(effects_of(typed_data=bare)) == ["permit"]


def test_the_forms_that_are_accepted_hash_alike(who: SimpleNamespace) -> None:
    as_text, as_number = _permit(who), _permit(who, value=5, nonce=0, deadline=1900)
    as_text["domain"]["chainId"] = "1"
    hashes = {TypedData.model_validate(typed_data).signing_hash() for typed_data in (as_text, as_number)}
    assert len(hashes) == 1


@pytest.mark.parametrize(
    "permit",
    [one for one in STRUCTS if "[2][2][2]" not in one.encoded],
    ids=lambda permit: permit.encoded.partition("(")[0],
)
def test_every_known_struct_is_hashable_by_eip_712(permit: Any, who: SimpleNamespace) -> None:
    members = parse_types(permit.encoded).members

    def value(kind: str) -> Any:
        if kind.endswith("]"):
            member, _, length = kind.rpartition("[")
            return [value(member)] * int(length[:-1] or 1)
        if kind in members:
            return {member["name"]: value(member["type"]) for member in members[kind]}
        return {"address": who.alice, "bool": True, "bytes32": "0x" + "11" * 32, "bytes": "0x01", "string": "x"}.get(
            kind, 1
        )

    name = permit.encoded.partition("(")[0]
    assert TypedData.model_validate(_typed(permit.encoded, who.usdc, value(name))).signing_hash()


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50)
nested = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
)


@given(st.sampled_from(["owner", "spender", "value", "nonce", "deadline", "other"]), nested)
def test_no_message_makes_it_raise(effects_of: Effects, who: SimpleNamespace, name: str, value: Any) -> None:
    assert effects_of(typed_data=_permit(who, **{name: value}))


@given(st.sampled_from(["name", "version", "chainId", "verifyingContract", "other"]), nested)
def test_no_domain_makes_it_raise(effects_of: Effects, who: SimpleNamespace, name: str, value: Any) -> None:
    assert effects_of(typed_data=_with(_permit(who), "domain", **{name: value}))
