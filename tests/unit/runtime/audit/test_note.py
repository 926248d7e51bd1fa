"""Checkpoints: signed by the log key that their origin names, or not at all."""

from __future__ import annotations

import base64

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from treasurer.runtime.audit.note import BadNote, Checkpoint, read_note
from treasurer.runtime.audit.records import did_pkh
from treasurer.wallets.cid import cid_of
from treasurer.wallets.keys import PrivateKey

KEY = PrivateKey(b"\x11" * 32)
OTHER = PrivateKey(b"\x22" * 32)
CHECKPOINT = Checkpoint(did_pkh(31337, KEY.address), 7, b"\x05" * 32, cid_of(b"\xa0"))
NOTE = CHECKPOINT.sign(KEY)


def test_a_note_reads_back() -> None:
    assert read_note(NOTE) == CHECKPOINT


def test_any_wallet_checks_the_signature() -> None:
    blob = base64.b64decode(NOTE.rstrip("\n").rpartition(" ")[2])
    signer = Account.recover_message(encode_defunct(text=CHECKPOINT.text()), signature=blob[4:])
    assert signer.lower() == KEY.address


def test_another_key_is_refused() -> None:
    with pytest.raises(BadNote, match="key id is not that of the log key"):
        read_note(CHECKPOINT.sign(OTHER))
    blob = base64.b64decode(NOTE.rstrip("\n").rpartition(" ")[2])
    forged = base64.b64decode(CHECKPOINT.sign(OTHER).rstrip("\n").rpartition(" ")[2])
    line = base64.b64encode(blob[:4] + forged[4:]).decode()
    with pytest.raises(BadNote, match="not by the log key"):
        read_note(NOTE.rstrip("\n").rpartition(" ")[0] + f" {line}\n")


@given(st.integers(0, len(NOTE) - 1), st.integers(1, 127))
def test_no_character_can_change(at: int, by: int) -> None:
    bent = NOTE[:at] + chr((ord(NOTE[at]) + by) % 128) + NOTE[at + 1 :]
    if bent != NOTE:
        with pytest.raises(BadNote):
            read_note(bent)


@given(st.text(max_size=300))
def test_junk_is_no_note(text: str) -> None:
    with pytest.raises(BadNote):
        read_note(text)
