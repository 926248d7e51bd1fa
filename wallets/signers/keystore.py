"""The encrypted keystore: Web3 Secret Storage v3 with scrypt, as geth and ``cast wallet`` read it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ..errors import KeyUnavailable
from ..keys import PrivateKey

STRONG_SCRYPT_N = 2**18
"""geth's standard cost: about a second to open."""
LIGHT_SCRYPT_N = 2**12
"""geth's light cost, for throwaway keys of a devnet."""


def create_keystore(path: Path, key: PrivateKey, password: str, *, scrypt_n: int = STRONG_SCRYPT_N) -> None:
    """Write ``key`` encrypted to a new file that only its owner reads. Raises FileExistsError rather than overwrite."""
    from eth_keyfile import create_keyfile_json

    document: dict[str, Any] = create_keyfile_json(key.reveal(), password.encode(), kdf="scrypt", iterations=scrypt_n)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(document, file)
        file.flush()
        os.fsync(file.fileno())


def open_keystore(path: Path, password: str) -> PrivateKey:
    """The key in a keystore. Raises KeyUnavailable where the file is missing or none, or the password is wrong."""
    from eth_keyfile import decode_keyfile_json

    try:
        document = json.loads(path.read_text())
    except OSError as error:
        raise KeyUnavailable(f"no keystore at {path}: {error.strerror}", next_command="treasurer wallet new") from error
    except ValueError as error:
        raise KeyUnavailable(f"{path} is not a Web3 Secret Storage file") from error
    try:
        return PrivateKey(decode_keyfile_json(document, password.encode()))
    except (ValueError, TypeError, KeyError) as error:
        raise KeyUnavailable(f"the password does not open {path}, or the file is no version 3 keystore") from error


class KeystoreSigner:
    """Signs with a key from a keystore, held in this process's memory."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = key
        self.address = key.address

    def sign_hash(self, signing_hash: str) -> bytes:
        """65 bytes r, s, v. Only the SigningDesk calls it, with a hash that it computed itself from judged bytes."""
        return self._key.sign_hash(signing_hash)
