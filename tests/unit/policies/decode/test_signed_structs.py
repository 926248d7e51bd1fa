"""Orders, transactions of Safes, UserOperations, delegations, ballots: judged by what whoever holds them may do."""

from __future__ import annotations

import copy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.decode.eip712_struct import parse_types
from treasurer.policies.decode.typed_data import STRUCTS
from treasurer.policies.effect import Effect, Kind
from treasurer.wallets.call import Call
from treasurer.wallets.typed_data import TypedData

Effects = Callable[..., tuple[Effect, ...]]
ZERO = "0x" + "0" * 40
SEAPORT = "0x0000000000000068f116a894984e2db1123eb395"
DELEGATION_MANAGER = "0xdb9b1e94b5b69df7e401ddbede43491141047db3"
ENTRY_POINT = "0x4337084d9e255ff0702461cf8895ce9e3b5ff108"
KEY = "0x" + "46" * 32
CHAIN = [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}]


def _encoded(name: str, member: str = "") -> str:
    return next(one.encoded for one in STRUCTS if one.encoded.startswith(f"{name}(") and member in one.encoded)


def _typed(encoded: str, contract: str, message: dict[str, Any], **domain: Any) -> dict[str, Any]:
    types = parse_types(encoded)
    return {
        "types": {"EIP712Domain": CHAIN, **copy.deepcopy(types.members)},
        "primaryType": types.primary,
        "domain": {"chainId": 1, "verifyingContract": contract, **domain},
        "message": message,
    }


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def _item(kind: int, token: str, start: int, end: int | None = None, **more: Any) -> dict[str, Any]:
    amounts = {"startAmount": str(start), "endAmount": str(start if end is None else end)}
    return {"itemType": kind, "token": token, "identifierOrCriteria": "0", **amounts, **more}


def _order(who: SimpleNamespace, **changed: Any) -> dict[str, Any]:
    """1,000 USDC offered for at least 0.39 WETH."""
    return {
        "offerer": who.self,
        "zone": ZERO,
        "offer": [_item(1, who.usdc, 10**9)],
        "consideration": [_item(1, who.weth, 4 * 10**17, 39 * 10**16, recipient=who.self)],
        "orderType": 0,
        "startTime": "1000",
        "endTime": "1900",
        "zoneHash": "0x" + "00" * 32,
        "salt": "7",
        "conduitKey": "0x" + "00" * 32,
        "counter": "0",
    } | changed


def _listing(who: SimpleNamespace, contract: str = SEAPORT, **changed: Any) -> dict[str, Any]:
    return _typed(_encoded("OrderComponents"), contract, _order(who, **changed))


@pytest.fixture
def venues(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The contracts of signatures, in the book."""
    kind = type(next(iter(book.venues.values())))
    more = {SEAPORT: "seaport", ENTRY_POINT: "entry-point-0.8", DELEGATION_MANAGER: "delegation-manager"}
    monkeypatch.setattr(book, "venues", book.venues | {at: kind(name, name) for at, name in more.items()})


@pytest.mark.usefixtures("venues")
def test_an_order_of_one_token_for_one_is_a_swap_at_its_worst(effects_of: Effects, who: SimpleNamespace) -> None:
    (swap,) = effects_of(typed_data=_listing(who))
    assert (swap.kind, swap.asset, swap.amount, swap.deadline) == (Kind.SWAP, who.usdc, 10**9, 1900)
    assert (swap.bought, swap.bought_minimum, swap.counterparty) == (who.weth, 39 * 10**16, who.self)
    assert (swap.target, swap.exact, swap.call) == (SEAPORT, False, None)
    rising = _listing(who, offer=[_item(1, who.usdc, 5, 10**9)])
    assert effects_of(typed_data=rising)[0].amount == 10**9
    for_coin = _listing(who, consideration=[_item(0, ZERO, 3, recipient=who.self)])
    assert [(one.kind, one.bought, one.bought_minimum) for one in effects_of(typed_data=for_coin)] == [
        (Kind.SWAP, "native", 3)
    ]


@pytest.mark.usefixtures("venues")
@pytest.mark.parametrize(
    "change",
    [
        lambda who: {"consideration": []},
        lambda who: {"consideration": [_item(1, who.weth, 0, recipient=who.self)]},
        lambda who: {"consideration": [_item(1, who.weth, 10**18, 0, recipient=who.self)]},
        lambda who: {"consideration": [_item(1, who.weth, 10**18, recipient=who.stranger)]},
        lambda who: {"consideration": [_item(1, who.weth, 10**18, recipient=who.self)] * 2},
        lambda who: {"consideration": [_item(2, who.punks, 1, recipient=who.self)]},
        lambda who: {"consideration": [_item(0, who.weth, 1, recipient=who.self)]},
        lambda who: {"consideration": [_item(1, who.weth, 1, recipient=who.self) | {"identifierOrCriteria": 1}]},
        lambda who: {"offer": [_item(1, who.usdc, 10**9)] * 2},
    ],
)
def test_what_no_single_consideration_of_ours_bounds_goes_to_nobody_known(
    effects_of: Effects, who: SimpleNamespace, change: Callable[[SimpleNamespace], dict[str, Any]]
) -> None:
    first, beside, *_ = effects_of(typed_data=_listing(who, **change(who)))
    assert (first.kind, first.asset, first.amount, first.counterparty) == (Kind.TRANSFER, who.usdc, 10**9, None)
    assert (beside.kind, beside.beside) == (Kind.UNKNOWN, 0)


@pytest.mark.usefixtures("venues")
def test_an_nft_offered_is_an_nft_that_leaves(effects_of: Effects, who: SimpleNamespace) -> None:
    effects = effects_of(typed_data=_listing(who, offer=[_item(2, who.punks, 1) | {"identifierOrCriteria": "4242"}]))
    assert _kinds(effects) == ["nft_transfer", "unknown"]
    assert "token 4242" in effects[0].note
    assert effects[0].token_ids == (4242,)
    any_of_them = effects_of(typed_data=_listing(who, offer=[_item(4, who.punks, 1)]))
    assert (_kinds(any_of_them), any_of_them[0].token_ids) == (["nft_transfer", "unknown"], ())


@pytest.mark.usefixtures("venues")
def test_an_order_is_ours_on_a_seaport_of_the_book_and_for_our_chain(effects_of: Effects, who: SimpleNamespace) -> None:
    assert _kinds(effects_of(typed_data=_listing(who, offerer=who.alice))) == ["swap", "unknown"]
    assert _kinds(effects_of(typed_data=_listing(who, contract=who.router))) == ["swap", "unknown"]
    assert _kinds(effects_of(typed_data=_listing(who, orderType=4))) == ["swap", "unknown"]
    assert _kinds(effects_of(typed_data=_listing(who, offer=[]))) == ["unknown"]
    assert _kinds(effects_of(typed_data=_listing(who, offer=[_item(1, who.fake, 1)]))) == ["swap", "unknown"]
    for chain_id in (0, 10):
        elsewhere = _listing(who)
        elsewhere["domain"]["chainId"] = chain_id
        assert _kinds(effects_of(typed_data=elsewhere)) == ["swap", "unknown"]


@pytest.mark.usefixtures("venues")
def test_each_order_of_a_bulk_signature_counts(effects_of: Effects, who: SimpleNamespace) -> None:
    empty = _order(who, offerer=ZERO, offer=[], consideration=[])
    free = _order(who, consideration=[])
    encoded = _encoded("BulkOrder", "[2][2] tree")
    tree = [[_order(who), free], [empty, empty]]
    assert _kinds(effects_of(typed_data=_typed(encoded, SEAPORT, {"tree": tree}))) == ["swap", "transfer", "unknown"]
    uneven = _typed(encoded, SEAPORT, {"tree": [[_order(who), free], [empty]]})
    assert _kinds(effects_of(typed_data=uneven)) == ["unknown"]
    nothing = _typed(encoded, SEAPORT, {"tree": [[empty] * 2] * 2})
    assert _kinds(effects_of(typed_data=nothing)) == ["unknown"]
    many = [_order(who)] * 2
    for _ in range(5):
        many = [many] * 2
    assert _kinds(effects_of(typed_data=_typed(_encoded("BulkOrder", "[2]" * 6), SEAPORT, {"tree": many}))) == [
        "unknown"
    ]


def _safe(who: SimpleNamespace, safe: str, **changed: Any) -> dict[str, Any]:
    call = Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5)
    message = {
        "to": who.usdc,
        "value": "0",
        "data": "0x" + call.data.hex(),
        "operation": 0,
        "safeTxGas": "0",
        "baseGas": "0",
        "gasPrice": "0",
        "gasToken": ZERO,
        "refundReceiver": ZERO,
        "nonce": "3",
    }
    return _typed(_encoded("SafeTx"), safe, message | changed)


def test_a_transaction_of_our_safe_is_the_call_that_it_makes(effects_of: Effects, who: SimpleNamespace) -> None:
    (effect,) = effects_of(typed_data=_safe(who, who.self))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.TRANSFER, who.usdc, 5, who.alice)
    assert effect.call is None
    assert "delegatecall" in _kinds(effects_of(typed_data=_safe(who, who.self, operation=1)))
    assert _kinds(effects_of(typed_data=_safe(who, who.self, operation=2))) == ["unknown"]
    assert _kinds(effects_of(typed_data=_safe(who, who.self, to=who.stranger, value="9", data="0x"))) == ["transfer"]


def test_a_refund_of_gas_goes_to_a_stranger(effects_of: Effects, who: SimpleNamespace) -> None:
    terms = {"gasPrice": "10", "safeTxGas": "7", "baseGas": "3", "gasToken": who.dai, "refundReceiver": who.stranger}
    _, refund, unknown = effects_of(typed_data=_safe(who, who.self, **terms))
    assert (refund.kind, refund.asset, refund.amount, refund.counterparty) == (
        Kind.TRANSFER,
        who.dai,
        100,
        who.stranger,
    )
    assert (unknown.kind, unknown.beside) == (Kind.UNKNOWN, 1)
    _, coin, _ = effects_of(typed_data=_safe(who, who.self, gasPrice="1"))
    assert (coin.asset, coin.counterparty) == ("native", None)


def test_what_another_safe_does_is_unknown_and_its_dangers_have_names(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    assert _kinds(effects_of(typed_data=_safe(who, who.stranger))) == ["unknown"]
    assert _kinds(effects_of(typed_data=_safe(who, who.stranger, operation=1))) == ["unknown", "delegatecall"]


def test_a_safe_s_message_may_stand_for_anything(effects_of: Effects, who: SimpleNamespace) -> None:
    typed_data = _typed(_encoded("SafeMessage"), who.self, {"message": "0x" + "11" * 32})
    assert _kinds(effects_of(typed_data=typed_data)) == ["raw_signature"]


def _operation(who: SimpleNamespace, **changed: Any) -> dict[str, Any]:
    message = {
        "sender": who.self,
        "nonce": "1",
        "initCode": "0x",
        "callData": "0x",
        "accountGasLimits": "0x" + f"{100:032x}{200:032x}",
        "preVerificationGas": "50",
        "gasFees": "0x" + f"{1:032x}{3:032x}",
        "paymasterAndData": "0x",
    }
    return _typed(_encoded("PackedUserOperation"), ENTRY_POINT, message | changed)


@pytest.mark.usefixtures("venues")
def test_a_user_operation_is_a_call_of_the_account_to_itself_and_its_gas(
    effects_of: Effects, who: SimpleNamespace
) -> None:
    call, gas = effects_of(typed_data=_operation(who))
    assert call.kind == Kind.CALL
    assert (gas.kind, gas.asset, gas.amount, gas.counterparty) == (Kind.TRANSFER, "native", 350 * 3, ENTRY_POINT)
    strange = effects_of(typed_data=_operation(who, callData="0x12345678"))
    assert "unknown" in _kinds(strange)
    assert "unknown" in _kinds(effects_of(typed_data=_operation(who, sender=who.alice)))


@pytest.mark.usefixtures("venues")
def test_a_paymaster_is_noted_and_code_that_comes_along_is_named(effects_of: Effects, who: SimpleNamespace) -> None:
    (paid,) = effects_of(typed_data=_operation(who, paymasterAndData=who.alice + "00" * 32))
    assert who.alice in paid.note
    assert _kinds(effects_of(typed_data=_operation(who, paymasterAndData=who.alice))) == ["call", "unknown"]
    assert "contract_creation" in _kinds(effects_of(typed_data=_operation(who, initCode=who.alice + "00")))
    assert "set_code" in _kinds(effects_of(typed_data=_operation(who, initCode="0x7702" + "00" * 18)))


def test_an_entry_point_is_one_of_the_book(effects_of: Effects, who: SimpleNamespace) -> None:
    assert _kinds(effects_of(typed_data=_operation(who))) == ["call", "transfer", "unknown"]


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
    encoded = _encoded("Delegation", "caveats")
    effects = effects_of(typed_data=_typed(encoded, DELEGATION_MANAGER, message))
    assert _kinds(effects) == ["delegation", "unknown"]
    assert "everything" in effects[0].note
    theirs = effects_of(typed_data=_typed(encoded, DELEGATION_MANAGER, message | {"delegator": who.alice}))
    assert _kinds(theirs) == ["delegation", "unknown", "unknown"]


def test_votes_and_debt_are_delegated(effects_of: Effects, who: SimpleNamespace) -> None:
    votes = {"delegatee": who.alice, "nonce": 0, "expiry": 1900}
    encoded = _encoded("Delegation", "expiry")
    (effect,) = effects_of(typed_data=_typed(encoded, who.usdc, votes))
    assert (effect.kind, effect.asset, effect.counterparty) == (Kind.DELEGATION, who.usdc, who.alice)
    assert _kinds(effects_of(typed_data=_typed(encoded, who.fake, votes))) == ["delegation", "unknown"]
    debt = {"delegatee": who.alice, "value": 5, "nonce": 0, "deadline": 1900}
    (owed,) = effects_of(typed_data=_typed(_encoded("DelegationWithSig"), who.debt, debt))
    assert (owed.amount, owed.deadline, owed.note) == (5, 1900, "debt, by signature")
    endless = _typed(_encoded("DelegationWithSig"), who.debt, debt | {"value": 2**256 - 1})
    assert _kinds(effects_of(typed_data=endless)) == ["delegation", "unlimited_approval"]
    assert _kinds(effects_of(typed_data=_typed(_encoded("DelegationWithSig"), who.usdc, debt))) == [
        "delegation",
        "unknown",
    ]


def test_ballots_are_votes_of_the_account_at_a_governor_of_the_book(effects_of: Effects, who: SimpleNamespace) -> None:
    plain = {"proposalId": 7, "support": 1}
    assert _kinds(effects_of(typed_data=_typed(_encoded("Ballot", "uint8"), who.governor, plain))) == ["vote"]
    assert _kinds(effects_of(typed_data=_typed(_encoded("Ballot", "uint8"), who.pool, plain))) == ["vote", "unknown"]
    theirs = plain | {"voter": who.alice, "nonce": 0}
    assert _kinds(effects_of(typed_data=_typed(_encoded("Ballot", "voter"), who.governor, theirs))) == [
        "vote",
        "unknown",
    ]
    extended = plain | {"reason": "because", "params": "0x"}
    encoded = _encoded("ExtendedBallot", "support,string")
    assert _kinds(effects_of(typed_data=_typed(encoded, who.governor, extended))) == ["vote"]


def test_a_permit_of_an_nft_makes_an_operator(effects_of: Effects, who: SimpleNamespace) -> None:
    message = {"spender": who.alice, "tokenId": 7, "nonce": 0, "deadline": 1900}
    encoded = _encoded("Permit", "tokenId")
    (effect,) = effects_of(typed_data=_typed(encoded, who.punks, message))
    assert (effect.kind, effect.counterparty, effect.deadline) == (Kind.OPERATOR_APPROVAL, who.alice, 1900)
    assert effect.token_ids == (7,)
    assert _kinds(effects_of(typed_data=_typed(encoded, who.usdc, message))) == ["operator_approval", "unknown"]
    assert _kinds(effects_of(typed_data=_typed(encoded, who.punks, message | {"spender": ZERO}))) == ["revocation"]
    everything = {"operator": who.alice, "approved": True, "nonce": 0, "deadline": 1900}
    assert _kinds(effects_of(typed_data=_typed(_encoded("PermitForAll"), who.punks, everything))) == [
        "operator_approval"
    ]


def _witness(who: SimpleNamespace, batch: bool = False) -> dict[str, Any]:
    permitted = {"token": who.usdc, "amount": 5}
    name = "PermitBatchWitnessTransferFrom" if batch else "PermitWitnessTransferFrom"
    kind = "TokenPermissions[]" if batch else "TokenPermissions"
    encoded = (
        f"{name}({kind} permitted,address spender,uint256 nonce,uint256 deadline,Order witness)"
        "Order(address buyer,Lot[] lots,int24 tick,bytes data)Lot(uint256 size)"
        "TokenPermissions(address token,uint256 amount)"
    )
    order = {"buyer": who.alice, "lots": [{"size": 3}], "tick": -5, "data": "0xabcd"}
    message = {"permitted": [permitted] if batch else permitted, "spender": who.router, "nonce": 0, "deadline": 1900}
    return _typed(encoded, who.permit2, message | {"witness": order})


@pytest.mark.parametrize("batch", [False, True])
def test_a_witness_binds_the_spender_and_the_permit_counts(
    effects_of: Effects, who: SimpleNamespace, batch: bool
) -> None:
    (effect,) = effects_of(typed_data=_witness(who, batch))
    assert (effect.kind, effect.asset, effect.amount, effect.counterparty) == (Kind.PERMIT, who.usdc, 5, who.router)
    assert effect.note.endswith(f"witness: {{buyer: {who.alice}, lots: [{{size: 3}}], tick: -5, data: 0xabcd}}")
    assert TypedData.model_validate(_witness(who, batch)).signing_hash()


def _spoilt(who: SimpleNamespace, name: str) -> dict[str, Any]:
    typed = _witness(who)
    types, primary = typed["types"], typed["types"]["PermitWitnessTransferFrom"]
    if name == "another member":
        primary.append({"name": "more", "type": "uint256"})
        typed["message"]["more"] = 1
    elif name == "no witness":
        del primary[4], typed["message"]["witness"], types["Order"], types["Lot"]
    elif name == "members in another order":
        primary[0], primary[1] = primary[1], primary[0]
    elif name == "a smaller number":
        types["TokenPermissions"][1]["type"] = "uint8"
    elif name == "an unused type":
        types["Unused"] = [{"name": "x", "type": "uint256"}]
    elif name == "a struct called uint256":
        types["uint256"] = [{"name": "x", "type": "address"}]
    elif name == "a member twice":
        types["Lot"] *= 2
    elif name == "an alias":
        types["Lot"][0]["type"] = "uint"
    elif name == "no type":
        del types["Lot"][0]["type"]
    elif name == "an endless type":
        types["Lot"][0]["type"] = "Lot"
    else:
        raise AssertionError(name)
    return typed


@pytest.mark.parametrize(
    "name",
    [
        "another member",
        "no witness",
        "members in another order",
        "a smaller number",
        "an unused type",
        "a struct called uint256",
        "a member twice",
        "an alias",
        "no type",
        "an endless type",
    ],
)
def test_a_witness_that_is_not_to_the_letter_is_unknown(effects_of: Effects, who: SimpleNamespace, name: str) -> None:
    assert _kinds(effects_of(typed_data=_spoilt(who, name))) == ["unknown"]


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
    assert keccak(text=_encoded(name, member)).hex() == hashed


def test_what_is_decoded_is_what_a_wallet_signs(who: SimpleNamespace) -> None:
    for typed_data in (_listing(who), _safe(who, who.self), _operation(who), _witness(who)):
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
    built = [_listing(who), _safe(who, who.self), _safe(who, who.alice), _operation(who), _witness(who)]
    typed = data.draw(st.sampled_from(built))
    place: Any = typed["message"]
    while isinstance(place, dict | list) and place:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(values)
            break
        place = place[key]
    assert effects_of(typed_data=typed)


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
    transfer, gas = effects_of(typed_data=_operation(who, callData="0x" + call.data.hex()))
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
    first = effects_of(typed_data=_operation(who, sender=who.usdc, callData="0x" + call.data.hex()))[0]
    assert first.kind == Kind.UNKNOWN
