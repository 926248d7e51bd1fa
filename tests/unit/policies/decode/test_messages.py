"""A message is its text; what may stand for anything is a raw signature; two things to sign are none."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.decode import derive_effects
from treasurer.policies.decode.messages import read_sign_in
from treasurer.policies.effect import Effect
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call
from treasurer.wallets.digest import message_hash

HASH = "0x" + "ab" * 32
TYPED = {
    "types": {"Hello": [{"name": "x", "type": "uint256"}]},
    "primaryType": "Hello",
    "domain": {"chainId": 1},
    "message": {"x": 1},
}


def _propose(who: SimpleNamespace, **fields: Any) -> Proposal:
    plain = {"chain_id": 1, "account": who.self, "intent_key": HASH, "run": "run"}
    return Proposal.model_validate(plain | {"expires_at": datetime(2027, 1, 1, tzinfo=UTC)} | fields)


def _sign(book: Any, who: SimpleNamespace, text: str | bytes) -> tuple[Effect, ...]:
    message = text if isinstance(text, bytes) else text.encode()
    return derive_effects(_propose(who, message=message), book)


def _kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def _sign_in(address: str, chain_id: int = 1, uri: str = "https://app.example.org/login") -> str:
    return (
        "app.example.org wants you to sign in with your Ethereum account:\n"
        f"{address}\n\nI accept the terms.\n\nURI: {uri}\nVersion: 1\nChain ID: {chain_id}\nNonce: 32891756\n"
        "Issued At: 2026-11-24T10:00:00Z\nExpiration Time: 2026-11-24T11:00:00Z\nResources:\n- https://example.org/a"
    )


def test_a_message_is_its_text(book: Any, who: SimpleNamespace) -> None:
    (effect,) = _sign(book, who, "Grüezi, I own this account.\n")
    assert (effect.kind, effect.note) == ("message", "Grüezi, I own this account.\n")


@pytest.mark.parametrize(
    "message",
    [b"\x01" * 32, b"a" * 32, b"0x" + b"ab" * 32, b"ab" * 32, b" 0x" + b"AB" * 32 + b"\n", b"0X" + b"ab" * 32],
)
def test_a_message_that_is_a_hash_may_stand_for_anything(book: Any, who: SimpleNamespace, message: bytes) -> None:
    assert _kinds(_sign(book, who, message)) == ["raw_signature"]


def test_a_bare_hash_is_a_raw_signature(book: Any, who: SimpleNamespace) -> None:
    assert _kinds(derive_effects(_propose(who, raw_hash=HASH), book)) == ["raw_signature"]


def test_what_is_no_text_or_steers_a_screen_is_unknown(book: Any, who: SimpleNamespace) -> None:
    assert _kinds(_sign(book, who, b"\xff\xfe")) == ["unknown"]
    for text in ("pay \u202eecila", "pay \x1b[2Jalice", "pay\x00"):
        assert _kinds(_sign(book, who, text)) == ["message", "unknown"]


@pytest.mark.parametrize(
    "hidden",
    bytes.fromhex(
        "000000ad 0000034f 0000061c 0000115f 000017b4 0000180b 0000180e 0000200b 0000200d 00002028 00002060 00002064"
        "00002065 00002800 00003164 0000fe0f 0000feff 0000ffa0 0000fff0 0001bca0 0001d173 000e0001 000e0041 000e0fff"
    ).decode("utf-32-be"),
)
def test_text_that_no_screen_shows_is_unknown(book: Any, who: SimpleNamespace, hidden: str) -> None:
    effects = _sign(book, who, f"I agree{hidden} to nothing")
    assert _kinds(effects) == ["message", "unknown"]
    assert f"U+{ord(hidden):04X}" in effects[1].unknown[0]


def test_a_sign_in_shows_its_domain_and_must_be_for_our_account_and_chain(book: Any, who: SimpleNamespace) -> None:
    (effect,) = _sign(book, who, _sign_in(who.self))
    assert effect.note.startswith("a sign-in at app.example.org: ")
    for text in (
        _sign_in(who.alice),
        _sign_in(who.self, chain_id=10),
        _sign_in(who.self, uri="https://app.example.org.evil.net/"),
        _sign_in(who.self).replace("\nNonce: 32891756", ""),
        _sign_in("0xA11ce00000000000000000000000000000000a11"),
    ):
        assert _kinds(_sign(book, who, text)) == ["message", "unknown"]


def test_a_sign_in_is_read_by_the_grammar_of_eip_4361(who: SimpleNamespace) -> None:
    read = read_sign_in(_sign_in(who.self))
    assert read is not None
    assert (read.domain, read.address, read.chain_id) == ("app.example.org", who.self, 1)
    assert (read.statement, read.expires_at) == ("I accept the terms.", "2026-11-24T11:00:00Z")
    bare = _sign_in(who.self).replace("I accept the terms.\n", "").partition("\nResources")[0]
    assert read_sign_in(bare) is not None
    assert read_sign_in(_sign_in(who.self) + "\n") is None


@pytest.mark.parametrize(
    "fields",
    [
        {"message": b"hello", "raw_hash": HASH},
        {"message": b"hello", "typed_data": TYPED},
        {"message": b"hello", "calls": (Call(to="0x" + "11" * 20, value=1),)},
        {"raw_hash": HASH, "authorizations": ({"chain_id": 1, "address": "0x" + "11" * 20, "nonce": 0},)},
        {"typed_data": TYPED, "calls": (Call(to="0x" + "11" * 20, value=1),)},
    ],
)
def test_two_things_to_sign_are_none(book: Any, who: SimpleNamespace, fields: dict[str, Any]) -> None:
    effects = derive_effects(_propose(who, **fields), book)
    assert effects[-1].unknown[0].startswith("which to sign")


@given(st.binary(max_size=80))
def test_a_message_is_hashed_as_wallets_do(message: bytes) -> None:
    signed = Account.sign_message(encode_defunct(message), "0x" + "46" * 32)
    assert message_hash(message) == "0x" + signed.message_hash.hex()


@given(st.binary(max_size=80) | st.text(max_size=80).map(str.encode))
def test_no_message_makes_it_raise(book: Any, who: SimpleNamespace, message: bytes) -> None:
    assert derive_effects(_propose(who, message=message), book)


def test_no_two_proposals_share_a_digest(who: SimpleNamespace) -> None:
    typed = _propose(who, typed_data=TYPED)
    assert typed.typed_data is not None
    hashed = typed.typed_data.signing_hash()
    proposals = [
        _propose(who),
        typed,
        _propose(who, raw_hash=hashed),
        _propose(who, message=bytes.fromhex(hashed[2:])),
        _propose(who, message=b""),
        _propose(who, raw_hash=message_hash(b"")),
        _propose(who, raw_hash="0x" + "00" * 32),
        _propose(who, message=b"", raw_hash=hashed),
        _propose(who, message=b"", typed_data=TYPED),
        _propose(who, typed_data=TYPED, raw_hash=hashed),
    ]
    assert len({proposal.approvable("cid").digest() for proposal in proposals}) == len(proposals)
    shown = proposals[3].approvable("cid").to_typed_data()["message"]["typedData"]
    assert shown == message_hash(bytes.fromhex(hashed[2:]))
