"""Keys on secp256k1: sign a 32-byte hash, recover who signed one, and keep a guard's own key in a file of its owner's.

A wallet's key never comes from here: it lives in the signer process (``signers``). This is for the guard's clearance
and log keys and for checking the signatures of people.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .errors import InvalidValue, KeyUnavailable
from .values import to_hex


class PrivateKey:
    """A secp256k1 private key; its repr shows the address only."""

    def __init__(self, secret: bytes) -> None:
        from eth_keys.datatypes import PrivateKey as EthPrivateKey

        self._key = EthPrivateKey(secret)
        self.address: str = self._key.public_key.to_address()

    @classmethod
    def generate(cls) -> PrivateKey:
        """A fresh key from the system's randomness."""
        return cls(secrets.token_bytes(32))

    @classmethod
    def read(cls, path: Path) -> PrivateKey:
        """The key in ``path`` (64 hex digits). Raises KeyUnavailable where it is missing, open to others, or none."""
        try:
            mode = path.stat().st_mode
            text = path.read_text().strip()
        except OSError as error:
            raise KeyUnavailable(f"{path} cannot be read: {error.strerror}") from error
        if mode & 0o077:
            raise KeyUnavailable(f"{path} may be read by others", next_command=f"chmod 600 '{path}'")
        try:
            return cls(bytes.fromhex(text))
        except ValueError as error:
            raise KeyUnavailable(f"{path} does not hold a private key (64 hex digits)") from error

    def write(self, path: Path) -> None:
        """Write the key to a new file that only its owner reads. Raises FileExistsError rather than overwrite."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(self._key.to_hex()[2:] + "\n")
            file.flush()
            os.fsync(file.fileno())

    def sign_hash(self, digest: str) -> bytes:
        """65 bytes r, s, v (v is 27 or 28) over a 32-byte hash; deterministic by RFC 6979."""
        signature = self._key.sign_msg_hash(bytes.fromhex(digest[2:]))
        r, s, v = int(signature.r), int(signature.s), int(signature.v)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes((27 + v,))

    def reveal(self) -> bytes:
        """The 32 secret bytes: for a keystore to encrypt, and for nothing else."""
        return self._key.to_bytes()

    def __repr__(self) -> str:
        return f"PrivateKey({self.address})"


_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def recover(digest: str, signature: bytes) -> str:
    """The lower-case address that signed ``digest``: 65 bytes r, s, v; v 0, 1, 27 or 28; s in the lower half (EIP-2).

    Raises InvalidValue for anything that is no signature.
    """
    from eth_keys.datatypes import Signature
    from eth_keys.exceptions import BadSignature, ValidationError

    if len(signature) != 65 or signature[64] not in (0, 1, 27, 28):
        raise InvalidValue("a signature is 65 bytes r, s, v with v 27 or 28")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise InvalidValue("the signature's s lies in the upper half of the order (EIP-2)")
    try:
        parsed = Signature(signature_bytes=signature[:64] + bytes((signature[64] % 27,)))
        address: str = parsed.recover_public_key_from_msg_hash(bytes.fromhex(digest[2:])).to_address()
    except (BadSignature, ValidationError, ValueError) as error:
        raise InvalidValue(f"the signature {to_hex(signature[:8])}.. does not recover: {error}") from error
    return address
