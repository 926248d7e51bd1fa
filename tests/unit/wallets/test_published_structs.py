"""The structs that people and the signer sign: hashed here by hand, and the same by eth_account's general encoder."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets import eip712
from treasurer.wallets.call import Authorization, Call, Operation
from treasurer.wallets.clearance import Clearance
from treasurer.wallets.digest import Approvable
from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.keys import PrivateKey, recover
from treasurer.wallets.orders import GoLiveOrder, OwnersOrder, PolicyOrder, ResumeOrder
from treasurer.wallets.transaction import Transaction
from treasurer.wallets.typed_data import TypedData
from treasurer.wallets.values import to_hex

KEY = PrivateKey(b"\x01" * 32)
addresses = st.binary(min_size=20, max_size=20).map(to_hex)
hashes = st.binary(min_size=32, max_size=32).map(to_hex)
uint256 = st.integers(0, 2**256 - 1)
uint64 = st.integers(0, 2**63 - 1)
chains = st.integers(1, 2**53)
calls = st.builds(
    Call,
    to=st.none() | addresses,
    value=uint256,
    data=st.binary(max_size=80),
    operation=st.sampled_from(Operation),
)
approvables = st.builds(
    Approvable,
    intent_key=hashes,
    chain_id=chains,
    account=addresses,
    calls=st.lists(calls, max_size=3).map(tuple),
    authorizations=st.lists(st.builds(Authorization, chain_id=uint64, address=addresses, nonce=uint64), max_size=2).map(
        tuple
    ),
    fee_ceiling=uint256,
    expiry=uint64,
    policy_cid=st.text(max_size=60),
)


def _by_eth_account(typed: dict[str, Any]) -> str:
    signable = encode_typed_data(full_message=typed)
    return to_hex(keccak(b"\x19" + signable.version + signable.header + signable.body))


@given(approvables)
def test_a_digest_is_what_any_wallet_signs(approvable: Approvable) -> None:
    assert approvable.digest() == _by_eth_account(approvable.to_typed_data())


@given(approvables, approvables)
def test_two_proposals_share_no_digest(one: Approvable, other: Approvable) -> None:
    assert (one.digest() == other.digest()) == (one == other)


def test_typed_data_to_sign_is_in_the_digest() -> None:
    message = TypedData(
        types={"EIP712Domain": [{"name": "name", "type": "string"}], "Hello": [{"name": "text", "type": "string"}]},
        primaryType="Hello",
        domain={"name": "test"},
        message={"text": "hi"},
    )
    bare = Approvable(intent_key="0x" + "11" * 32, chain_id=1, account="0x" + "22" * 20)
    with_message = bare.model_copy(update={"typed_data": message})
    assert with_message.digest() != bare.digest()
    assert with_message.digest() == _by_eth_account(with_message.to_typed_data())


@given(addresses, chains, st.text(max_size=60), uint256)
def test_orders_are_what_any_wallet_signs(account: str, chain_id: int, name: str, worth: int) -> None:
    orders = (
        PolicyOrder(chain_id=chain_id, account=account, policy_cid=name, version=1 + worth % 2**63 // 2),
        OwnersOrder(chain_id=chain_id, account=account, owners=(account, "0x" + "ab" * 20), version=7),
        GoLiveOrder(chain_id=chain_id, account=account, policy_cid=name, max_value_usd=worth),
        ResumeOrder(chain_id=chain_id, account=account, stop_record=name),
    )
    for order in orders:
        assert order.hash() == _by_eth_account(order.to_typed_data())
    assert len({order.hash() for order in orders}) == 4


@given(
    st.sampled_from(("transaction", "cancel", "typed_data")), hashes, hashes, chains, addresses,
    st.tuples(uint64, uint64, uint64, uint64), st.text(max_size=60),
)  # fmt: skip
def test_a_clearance_hashes_as_eip712_says_and_recovers_its_issuer(  # noqa: PLR0917
    kind: str, signing_hash: str, digest: str, chain_id: int, account: str, numbers: tuple[int, ...], cid: str
) -> None:
    nonce, judged, expires_block, expires_at = numbers
    clearance = Clearance(
        kind=kind, signing_hash=signing_hash, digest=digest, chain_id=chain_id, account=account, nonce=nonce,
        judged_block=judged, expires_block=expires_block, expires_at=expires_at, policy_cid=cid,
    )  # fmt: skip
    fields = (
        "string kind,bytes32 signingHash,bytes32 digest,uint256 chainId,address account,uint64 nonce,"
        "uint64 judgedBlock,uint64 expiresBlock,uint64 expiresAt,string policyCid"
    )
    message = {
        "kind": kind, "signingHash": signing_hash, "digest": digest, "chainId": chain_id, "account": account,
        "nonce": nonce, "judgedBlock": judged, "expiresBlock": expires_block, "expiresAt": expires_at,
        "policyCid": cid,
    }  # fmt: skip
    typed = eip712.typed_data(chain_id, "Clearance", {"Clearance": eip712.members(fields)}, message)
    assert clearance.hash() == _by_eth_account(typed)
    assert clearance.sign(KEY).issuer() == KEY.address


@pytest.mark.parametrize("number", [-1, 2**256])
def test_a_number_that_no_uint256_holds_is_no_member(number: int) -> None:
    with pytest.raises(InvalidValue):
        eip712.word(number)


def test_a_transaction_is_signed_as_eth_account_signs_it() -> None:
    from eth_account import Account

    transaction = Transaction(
        chain_id=31337, nonce=7, max_priority_fee_per_gas=1, max_fee_per_gas=2**70, gas_limit=21_000,
        to="0x" + "22" * 20, value=10**24, data=b"\x01\x02",
    )  # fmt: skip
    signature = KEY.sign_hash(transaction.signing_hash())
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
    peer = Account.from_key(KEY.reveal()).sign_transaction(
        {
            "chainId": 31337, "nonce": 7, "maxPriorityFeePerGas": 1, "maxFeePerGas": 2**70, "gas": 21_000,
            "to": "0x" + "22" * 20, "value": 10**24, "data": "0x0102", "type": 2,
        }
    )  # fmt: skip
    assert transaction.signed_bytes(signature[64] - 27, r, s) == bytes(peer.raw_transaction)


def test_a_signature_has_one_form() -> None:
    digest = "0x" + "33" * 32
    signature = KEY.sign_hash(digest)
    assert recover(digest, signature) == KEY.address
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    mirrored = signature[:32] + (order - int.from_bytes(signature[32:64], "big")).to_bytes(32, "big")
    for bad in (mirrored + bytes((55 - signature[64],)), signature[:64] + b"\x1d", signature[:64], b""):
        with pytest.raises(InvalidValue):
            recover(digest, bad)
