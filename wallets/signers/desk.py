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
    clearance_hash TEXT PRIMARY KEY, signing_hash TEXT NOT NULL, raw TEXT NOT NULL, hash TEXT NOT NULL, signed_at TEXT
    NOT NULL
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
        stored = self.lookup(clearance.hash())
        if stored is not None:
            return stored
        self._check(clearance, transaction)
        signature = self._signer.sign_hash(clearance.signing_hash)
        raw = transaction.signed_bytes(
            signature[64] - 27, int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")
        )
        self._connection.execute(
            "INSERT INTO signatures VALUES (?, ?, ?, ?, ?)",
            (clearance.hash(), clearance.signing_hash, to_hex(raw), transaction_hash(raw), self._now().isoformat()),
        )
        return raw

    def lookup(self, clearance_hash: str) -> bytes | None:
        """What was signed under a clearance, None where nothing was."""
        row = self._connection.execute(
            "SELECT raw FROM signatures WHERE clearance_hash = ?", (clearance_hash,)
        ).fetchone()
        return None if row is None else bytes.fromhex(row[0][2:])

    def close(self) -> None:
        """Close the record of signatures."""
        self._connection.close()

    def _check(self, clearance: Clearance, transaction: Transaction) -> None:
        try:
            issuer = clearance.issuer()
        except InvalidValue as error:
            raise ClearanceRefused(f"the clearance's signature is none: {error}") from error
        faults = {
            "it was not issued by this bot's guard": issuer != self._issuer,
            "it is for typed data, and these bytes are a transaction": clearance.kind == "typed_data",
            f"it is for chain {clearance.chain_id}, and this signer serves {self._chain_id}": clearance.chain_id
            != self._chain_id,
            "the transaction is for another chain": transaction.chain_id != self._chain_id,
            "it is for another account": clearance.account != self._signer.address,
            "the transaction's nonce is another": transaction.nonce != clearance.nonce,
            "the bytes are not those that were judged": transaction.signing_hash() != clearance.signing_hash,
            "it has expired": self._now().timestamp() > clearance.expires_at,
        }
        for fault, present in faults.items():
            if present:
                raise ClearanceRefused(f"the signer refuses the clearance: {fault}")
        refusal = self._may_sign(clearance)
        if refusal is not None:
            raise ClearanceRefused(f"the signer refuses: {refusal}")
