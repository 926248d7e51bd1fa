"""SigningDesk: the signer process's one decision, to sign a transaction under a clearance or to refuse."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ..clearance import Clearance
from ..errors import ClearanceRefused, InvalidValue
from ..transaction import Transaction, transaction_hash
from ..values import to_hex

_SCHEMA = """
CREATE TABLE IF NOT EXISTS signatures (
    clearance_hash TEXT PRIMARY KEY, signing_hash TEXT NOT NULL, raw TEXT, hash TEXT, at TEXT NOT NULL
) STRICT
"""


class HashSigner(Protocol):
    """What a key can do: sign a hash; where the key lies is its own business."""

    address: str

    def sign_hash(self, signing_hash: str) -> bytes:
        """65 bytes r, s, v."""
        ...


class SigningDesk:
    """Checks a clearance against the very bytes, signs, and stores the answer durably before giving it.

    ``issuer`` is the address of the guard's clearance key, pinned at ``init``. ``may_sign`` returns why a clearance
    that is right in itself still is not enough (the bot observes, or was not taken live), or None. ``now`` is this
    process's own clock.
    """

    def __init__(
        self,
        database: Path,
        signer: HashSigner,
        *,
        issuer: str,
        chain_id: int,
        may_sign: Callable[[Clearance], str | None],
        now: Callable[[], datetime],
    ) -> None:
        self._signer = signer
        self._issuer = issuer
        self._chain_id = chain_id
        self._may_sign = may_sign
        self._now = now
        self._connection = sqlite3.connect(database, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute(_SCHEMA)
        database.chmod(0o600)

    @property
    def address(self) -> str:
        """The wallet's address."""
        return self._signer.address

    def sign_transaction(self, clearance: Clearance, transaction: Transaction) -> bytes:
        """The raw signed transaction; the same bytes whenever the same clearance comes again.

        Raises ClearanceRefused, saying which check failed.
        """
        self._check(clearance, transaction)
        found = self._find(clearance)
        if found is not None:
            raw = found[0]
            if raw is None:
                raise ClearanceRefused("the signer refuses the clearance: it was called in and is never signed")
            return raw
        self._check_now(clearance)
        signature = self._signer.sign_hash(clearance.signing_hash)
        signed = transaction.signed_bytes(
            signature[64] - 27, int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        )
        self._store(clearance, signed)
        return signed

    def retire(self, clearance: Clearance) -> bytes | None:
        """Promise durably that nothing is ever signed under a clearance; where it was signed already, those bytes.

        Raises ClearanceRefused where the guard did not issue it.
        """
        self._check_issuer(clearance)
        found = self._find(clearance)
        if found is not None:
            return found[0]
        self._store(clearance, None)
        return None

    def _find(self, clearance: Clearance) -> tuple[bytes | None] | None:
        """What was signed under a clearance (None: it was called in), or None where it never came."""
        row = self._connection.execute(
            "SELECT raw FROM signatures WHERE clearance_hash = ?", (clearance.hash(),)
        ).fetchone()
        if row is None:
            return None
        return (None if row[0] is None else bytes.fromhex(row[0][2:]),)

    def _store(self, clearance: Clearance, raw: bytes | None) -> None:
        self._connection.execute(
            "INSERT INTO signatures VALUES (?, ?, ?, ?, ?)",
            (
                clearance.hash(),
                clearance.signing_hash,
                None if raw is None else to_hex(raw),
                None if raw is None else transaction_hash(raw),
                self._now().isoformat(),
            ),
        )

    def close(self) -> None:
        """Close the record of signatures."""
        self._connection.close()

    def _check_issuer(self, clearance: Clearance) -> None:
        try:
            issuer = clearance.issuer()
        except InvalidValue as error:
            raise ClearanceRefused(f"the clearance's signature is none: {error}") from error
        if issuer != self._issuer:
            raise ClearanceRefused("the signer refuses the clearance: it was not issued by this bot's guard")

    def _check(self, clearance: Clearance, transaction: Transaction) -> None:
        """What must hold of a clearance and its bytes whenever they come."""
        self._check_issuer(clearance)
        uses_up = (transaction.to, transaction.value, transaction.data) == (self._signer.address, 0, b"")
        faults = {
            "it is for typed data, and these bytes are a transaction": clearance.kind == "typed_data",
            "it cancels, and the transaction does more than use up its nonce": clearance.kind == "cancel"
            and not uses_up,
            f"it is for chain {clearance.chain_id}, and this signer serves {self._chain_id}": clearance.chain_id
            != self._chain_id,
            "the transaction is for another chain": transaction.chain_id != self._chain_id,
            "it is for another account": clearance.account != self._signer.address,
            "the transaction's nonce is another": transaction.nonce != clearance.nonce,
            "the bytes are not those that were judged": transaction.signing_hash() != clearance.signing_hash,
        }
        for fault, present in faults.items():
            if present:
                raise ClearanceRefused(f"the signer refuses the clearance: {fault}")

    def _check_now(self, clearance: Clearance) -> None:
        """What must hold before a first signature."""
        if self._now().timestamp() > clearance.expires_at:
            raise ClearanceRefused("the signer refuses the clearance: it has expired")
        refusal = self._may_sign(clearance)
        if refusal is not None:
            raise ClearanceRefused(f"the signer refuses: {refusal}")
