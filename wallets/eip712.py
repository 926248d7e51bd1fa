"""Struct hashing of EIP-712 for the structs that treasurer publishes (Digest, Clearance and the orders of people).

Each struct is written once, as the type string of EIP-712; values are packed into 32-byte words by hand, because a
judgement hashes one on its hot path. A test holds each against eth_account's general encoder.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak

from .errors import InvalidValue
from .values import UINT256_MAX

DOMAIN_NAME = "treasurer"
DOMAIN_VERSION = "1"
DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
]


def word(value: int | str | bytes) -> bytes:
    """One 32-byte word: an integer, an address or hash as ``0x..`` text (left-padded), or 32 bytes.

    Raises InvalidValue for an integer that no uint256 holds.
    """
    if isinstance(value, bytes):
        return value.rjust(32, b"\0")
    if isinstance(value, str):
        return bytes.fromhex(value[2:]).rjust(32, b"\0")
    if not 0 <= value <= UINT256_MAX:
        raise InvalidValue("a number of a struct to sign lies between 0 and 2^256 - 1")
    return int(value).to_bytes(32, "big")


@lru_cache(maxsize=256)
def text_word(text: str) -> bytes:
    """The word of a ``string`` member: keccak-256 of its UTF-8 bytes."""
    return bytes(keccak(text=text))


@lru_cache(maxsize=64)
def type_hash(encoded_type: str) -> bytes:
    """keccak-256 of the type string."""
    return bytes(keccak(text=encoded_type))


def struct_hash(encoded_type: str, *words: bytes) -> bytes:
    """keccak-256 of the type hash followed by the members' words."""
    return bytes(keccak(type_hash(encoded_type) + b"".join(words)))


@lru_cache(maxsize=64)
def domain_separator(chain_id: int) -> bytes:
    """The domain of treasurer's own structs on a chain: name, version, chainId."""
    return struct_hash(
        "EIP712Domain(string name,string version,uint256 chainId)",
        text_word(DOMAIN_NAME),
        text_word(DOMAIN_VERSION),
        word(chain_id),
    )


def signing_hash(chain_id: int, hashed_struct: bytes) -> str:
    """keccak-256 of 0x1901, domain separator, struct hash, as ``0x..`` text."""
    return "0x" + keccak(b"\x19\x01" + domain_separator(chain_id) + hashed_struct).hex()


def typed_data(
    chain_id: int, primary_type: str, types: dict[str, list[dict[str, str]]], message: dict[str, Any]
) -> dict[str, Any]:
    """The eth_signTypedData_v4 object of one of treasurer's structs, for wallets and ``cast wallet sign --data``."""
    return {
        "types": {"EIP712Domain": DOMAIN_FIELDS, **types},
        "primaryType": primary_type,
        "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION, "chainId": chain_id},
        "message": message,
    }


def members(encoded: str) -> list[dict[str, str]]:
    """EIP-712 members of ``"bytes32 intentKey,uint256 chainId"``."""
    return [{"type": kind, "name": name} for kind, name in (part.split(" ") for part in encoded.split(","))]
