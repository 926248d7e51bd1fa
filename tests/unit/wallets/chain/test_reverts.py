"""What a reverted call says reaches people as one bounded, printable line."""

from __future__ import annotations

import pytest
from eth_abi import encode
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets.call import selector
from treasurer.wallets.chain import decode_revert


def error(text: str) -> bytes:
    return selector("Error(string)") + encode(["string"], [text])


def test_a_require_message_is_quoted() -> None:
    assert decode_revert(error("STF")) == 'reverted: "STF"'


def test_an_aave_number_is_explained() -> None:
    assert decode_revert(error("36")) == 'reverted: "36" (Aave: collateral cannot cover the new borrow)'


def test_a_panic_says_what_happened() -> None:
    data = selector("Panic(uint256)") + (0x11).to_bytes(32, "big")
    assert decode_revert(data) == "panic 0x11: an arithmetic overflow or underflow"


def test_a_known_custom_error_shows_its_arguments() -> None:
    sender = "0x" + "ab" * 20
    data = selector("ERC20InsufficientBalance(address,uint256,uint256)") + encode(
        ["address", "uint256", "uint256"], [sender, 5, 7]
    )
    assert decode_revert(data) == f"ERC20InsufficientBalance({sender}, 5, 7)"


def test_an_unknown_error_shows_its_selector() -> None:
    assert decode_revert(bytes.fromhex("deadbeef")) == "reverted with unknown error 0xdeadbeef"


def test_no_data_says_that_gas_may_have_run_out() -> None:
    assert "out of gas" in decode_revert(b"")


@pytest.mark.parametrize("text", ["line\nbreak\x1b[31m", "x" * 10_000, "<|im_end|>\u202e"])
def test_a_hostile_reason_is_bounded_and_printable(text: str) -> None:
    reason = decode_revert(error(text))
    assert len(reason) < 230
    assert reason.isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_give_one_line(data: bytes) -> None:
    for prefix in (b"", selector("Error(string)"), selector("Panic(uint256)"), selector("InvalidNonce()")):
        reason = decode_revert(prefix + data)
        assert reason
        assert reason.isprintable()
