"""What the bytes of a transaction say, of every type, signed or not."""

from __future__ import annotations

from typing import Any

import pytest
import rlp
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets.errors import InvalidValue
from treasurer.wallets.raw_transaction import read_raw_transaction
from treasurer.wallets.transaction import Transaction
from treasurer.wallets.values import checksum

KEY = Account.from_key("0x" + "46" * 32)
TO = "0x" + "a1" * 20
PLAIN: dict[str, Any] = {"nonce": 7, "gas": 65_000, "to": checksum(TO), "value": 5, "data": "0x1234"}
FEES = {"maxFeePerGas": 30, "maxPriorityFeePerGas": 1, "chainId": 10}
CODE = "0x" + "b2" * 20


def _authorization() -> Any:
    return KEY.sign_authorization({"chainId": 0, "address": CODE, "nonce": 8})


@pytest.mark.parametrize(
    ("more", "kind", "chain_id"),
    [
        ({"gasPrice": 30}, 0, None),
        ({"gasPrice": 30, "chainId": 10}, 0, 10),
        ({"gasPrice": 30, "chainId": 10, "accessList": []}, 1, 10),
        (FEES, 2, 10),
        ({**FEES, "authorizationList": [_authorization()]}, 4, 10),
    ],
)
def test_a_signed_transaction_says_who_where_and_what(more: dict[str, Any], kind: int, chain_id: int | None) -> None:
    raw = read_raw_transaction(bytes(KEY.sign_transaction({**PLAIN, **more}).raw_transaction))
    assert (raw.kind, raw.chain_id, raw.sender) == (kind, chain_id, KEY.address.lower())
    assert (raw.nonce, raw.gas_limit, raw.fee) == (7, 65_000, 30)
    assert (raw.call.to, raw.call.value, raw.call.data) == (TO, 5, b"\x12\x34")
    assert [(one.chain_id, one.address, one.nonce) for one in raw.authorizations] == (
        [(0, CODE, 8)] if kind == 4 else []
    )


def test_what_is_not_signed_has_no_sender() -> None:
    unsigned = Transaction(
        chain_id=10, nonce=7, max_priority_fee_per_gas=1, max_fee_per_gas=30, gas_limit=9, to=None, data=b"\x60"
    )
    raw = read_raw_transaction(unsigned.unsigned_bytes())
    assert (raw.sender, raw.chain_id, raw.call.to, raw.call.data) == (None, 10, None, b"\x60")
    legacy = read_raw_transaction(
        rlp.encode([b"\x07", b"\x1e", b"\x09", bytes.fromhex(TO[2:]), b"", b"", b"\x0a", b"", b""])
    )
    assert (legacy.sender, legacy.chain_id, legacy.fee) == (None, 10, 30)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: b"\x02" + rest))
def test_other_bytes_are_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(InvalidValue):
        read_raw_transaction(raw)
