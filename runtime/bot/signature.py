"""A person's signature, made on that person's machine with a keystore over typed data that was shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...wallets.signers import open_keystore
from ...wallets.typed_data import TypedData
from .secrets import reference, resolve


def sign_shown(typed_data: dict[str, Any], keystore: Path, password: str) -> str:
    """65 bytes as ``0x..`` over the hash of ``typed_data``, computed here: no hash that somebody names is signed.

    Raises KeyUnavailable where the password does not open the keystore, InvalidValue for malformed typed data.
    """
    hashed = TypedData.model_validate(typed_data).signing_hash()
    return "0x" + open_keystore(keystore, password).sign_hash(hashed).hex()


def keystore_password(keystore: Path, place: str) -> str:
    """The password at ``place`` (env:NAME, file:PATH from the working folder, or prompt). Raises SecretMissing."""
    return resolve(reference(place), root=Path.cwd(), purpose=f"password of {keystore}")
