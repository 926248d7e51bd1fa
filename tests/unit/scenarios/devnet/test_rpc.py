"""Calls are encoded from signature lines."""

from __future__ import annotations

import pytest

from treasurer.scenarios.devnet.rpc import Rpc
from treasurer.wallets.call import argument_types, calldata

ALICE = "0x" + "11" * 20


@pytest.mark.parametrize(
    ("signature", "types"),
    [
        ("f()", []),
        ("f(address)", ["address"]),
        ("f((address,(uint256,bool)[]),bytes,int8[2])", ["(address,(uint256,bool)[])", "bytes", "int8[2]"]),
        ("(uint256)", ["uint256"]),
    ],
)
def test_the_types_of_a_signature(signature: str, types: list[str]) -> None:
    assert argument_types(signature) == types


def test_a_transfer_is_the_bytes_that_everybody_knows() -> None:
    encoded = calldata("transfer(address,uint256)", ALICE, 255).hex()
    assert encoded == "a9059cbb" + 24 * "0" + "11" * 20 + 62 * "0" + "ff"


def test_only_an_http_address_is_a_node() -> None:
    with pytest.raises(ValueError, match="http://127"):
        Rpc("ws://127.0.0.1:8545")
