"""The signer's one decision: exactly the judged bytes, under the guard's own clearance, in time, once (invariant 1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treasurer.wallets.clearance import Clearance
from treasurer.wallets.errors import ClearanceRefused
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.signers import KeystoreSigner, SigningDesk
from treasurer.wallets.transaction import Transaction

WALLET, GUARD, STRANGER = (PrivateKey(bytes((n,)) * 32) for n in (1, 2, 3))
NOW = 1_800_000_000
TRANSACTION = Transaction(
    chain_id=31337, nonce=4, max_priority_fee_per_gas=1, max_fee_per_gas=9, gas_limit=21_000, to=STRANGER.address,
    value=5,
)  # fmt: skip


class Situation:
    """What the desk is told from outside; a test changes it."""

    refusal: str | None = None
    now = NOW
    signatures = 0


class CountingSigner(KeystoreSigner):
    def sign_hash(self, signing_hash: str) -> bytes:
        Situation.signatures += 1
        return super().sign_hash(signing_hash)


def cleared(transaction: Transaction = TRANSACTION, key: PrivateKey = GUARD, **changed: Any) -> Clearance:
    fields: dict[str, Any] = {
        "kind": "transaction", "signing_hash": transaction.signing_hash(), "digest": "0x" + "11" * 32,
        "chain_id": 31337, "account": WALLET.address, "nonce": transaction.nonce, "judged_block": 10,
        "expires_block": 60, "expires_at": NOW + 120, "policy_cid": "bafy",
    } | changed  # fmt: skip
    return Clearance(**fields).sign(key)


def opened(path: Path) -> SigningDesk:
    return SigningDesk(
        path / "signer.db", CountingSigner(WALLET), issuer=GUARD.address, chain_id=31337,
        may_sign=lambda _: Situation.refusal, now=lambda: datetime.fromtimestamp(Situation.now, UTC),
    )  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[SigningDesk]:
    Situation.refusal, Situation.now, Situation.signatures = None, NOW, 0
    desk = opened(tmp_path)
    yield desk
    desk.close()


def test_asked_again_it_gives_the_same_bytes_and_signs_once(desk: SigningDesk, tmp_path: Path) -> None:
    clearance = cleared()
    raw = desk.sign_transaction(clearance, TRANSACTION)
    Situation.now, Situation.refusal = NOW + 1000, "the bot observes"
    assert desk.sign_transaction(clearance, TRANSACTION) == raw
    again = opened(tmp_path)
    assert again.sign_transaction(clearance, TRANSACTION) == raw
    again.close()
    assert Situation.signatures == 1


OTHER = TRANSACTION.model_copy(update={"value": 6})
FOREIGN = TRANSACTION.model_copy(update={"chain_id": 1})
REFUSED = {
    "another key's clearance": (cleared(key=STRANGER), TRANSACTION, "not issued"),
    "altered after it was signed": (cleared().model_copy(update={"expires_at": NOW + 999}), TRANSACTION, "not issued"),
    "no signature": (cleared().model_copy(update={"signature": b""}), TRANSACTION, "is none"),
    "other bytes": (cleared(), OTHER, "not those that were judged"),
    "other bytes under their own hash": (cleared(signing_hash="0x" + "44" * 32), TRANSACTION, "not those"),
    "another nonce": (cleared(nonce=5), TRANSACTION, "nonce is another"),
    "another account": (cleared(account=STRANGER.address), TRANSACTION, "another account"),
    "a clearance of another chain": (cleared(chain_id=1), TRANSACTION, "chain 1"),
    "a transaction of another chain": (cleared(FOREIGN), FOREIGN, "another chain"),
    "typed data": (cleared(kind="typed_data"), TRANSACTION, "typed data"),
    "a cancel that pays": (cleared(kind="cancel"), TRANSACTION, "cancels"),
    "expired": (cleared(expires_at=NOW - 1), TRANSACTION, "expired"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_refuses(desk: SigningDesk, case: str) -> None:
    clearance, transaction, why = REFUSED[case]
    with pytest.raises(ClearanceRefused, match=why):
        desk.sign_transaction(clearance, transaction)
    assert Situation.signatures == 0


def test_it_refuses_what_the_bots_mode_does_not_allow(desk: SigningDesk) -> None:
    Situation.refusal = "the bot observes"
    with pytest.raises(ClearanceRefused, match="observes"):
        desk.sign_transaction(cleared(), TRANSACTION)


def test_a_used_clearance_carries_no_other_bytes(desk: SigningDesk) -> None:
    clearance = cleared()
    desk.sign_transaction(clearance, TRANSACTION)
    with pytest.raises(ClearanceRefused):
        desk.sign_transaction(clearance, OTHER)
    with pytest.raises(ClearanceRefused):
        desk.sign_transaction(clearance.model_copy(update={"signature": b""}), TRANSACTION)


def test_a_cancel_uses_up_its_nonce_and_nothing_else(desk: SigningDesk) -> None:
    cancel = TRANSACTION.model_copy(update={"to": WALLET.address, "value": 0})
    assert desk.sign_transaction(cleared(cancel, kind="cancel"), cancel)


def test_called_in_it_is_never_signed_and_signed_it_cannot_be_called_in(desk: SigningDesk, tmp_path: Path) -> None:
    clearance = cleared()
    assert desk.retire(clearance) is None
    again = opened(tmp_path)
    with pytest.raises(ClearanceRefused, match="called in"):
        again.sign_transaction(clearance, TRANSACTION)
    again.close()
    later = cleared(expires_at=NOW + 121)
    raw = desk.sign_transaction(later, TRANSACTION)
    assert desk.retire(later) == raw
    with pytest.raises(ClearanceRefused):
        desk.retire(cleared(key=STRANGER))


def test_what_it_signs_is_the_wallets(desk: SigningDesk) -> None:
    from eth_account import Account

    raw = desk.sign_transaction(cleared(), TRANSACTION)
    assert Account.recover_transaction(raw).lower() == WALLET.address


def test_its_record_is_its_owners_alone(desk: SigningDesk, tmp_path: Path) -> None:
    assert (tmp_path / "signer.db").stat().st_mode & 0o077 == 0
