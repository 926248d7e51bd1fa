"""The values that everything above is written in: addresses, base units, hex bytes, CAIP names.

Inside the process an address is its lower-case hex text, so that two addresses are the same when the texts are; people
and JSON see the EIP-55 form, which ``checksum`` gives. Amounts travel as decimal strings: neither msgpack, dag-cbor nor
JSON readers hold 2^64 safely.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, Any

from eth_utils.crypto import keccak
from pydantic import BeforeValidator, PlainSerializer

from .errors import InvalidValue

UINT256_MAX = 2**256 - 1
NATIVE = "native"
"""The asset that is the chain's own coin."""
ZERO_ADDRESS = "0x" + "0" * 40
DEVNET_CHAIN_ID = 31337
"""The chain id of every devnet: the one chain on which nothing is worth anything."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HEX = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_DECIMAL = re.compile(r"0|[1-9][0-9]*")


@lru_cache(maxsize=8192)
def checksum(address: str) -> str:
    """The EIP-55 form of a lower-case address."""
    digits = address[2:].lower()
    mask = keccak(text=digits).hex()
    return "0x" + "".join(c.upper() if int(m, 16) >= 8 else c for c, m in zip(digits, mask, strict=False))


@lru_cache(maxsize=8192)
def parse_address(text: object) -> str:
    """Lower-case address of ``text``: ``0x`` and 40 hex digits, all lower case, all upper case, or valid by EIP-55.

    Raises InvalidValue otherwise; an integer gets the advice to quote it (YAML reads a bare 0x.. as a number).
    """
    if isinstance(text, int):
        raise InvalidValue('an address is expected, and this is a number: quote it, as in "0x.."')
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise InvalidValue(f"an address is 0x and 40 hex digits, not {text!r}")
    digits = text[2:]
    if digits != digits.lower() and digits != digits.upper() and checksum(text) != text:
        raise InvalidValue(f"{text} has a wrong EIP-55 checksum: it should read {checksum(text)}, or it is mistyped")
    return text.lower()


def parse_asset(text: object) -> str:
    """``native`` or a token's address."""
    return NATIVE if text == NATIVE else parse_address(text)


def parse_base_units(value: object) -> int:
    """A non-negative integer below 2^256, from an int or from its canonical decimal string. Raises InvalidValue."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise InvalidValue(f"an amount of base units is a decimal string, not {value!r}")
    if isinstance(value, str):
        if len(value) > 78 or not _DECIMAL.fullmatch(value):
            raise InvalidValue(f"an amount of base units is a decimal string from 0 to 2^256 - 1, not {value[:80]!r}")
        value = int(value)
    if not 0 <= value <= UINT256_MAX:
        raise InvalidValue("an amount of base units lies between 0 and 2^256 - 1")
    return value


def parse_hex(value: object) -> bytes:
    """Bytes of ``0x`` and an even number of hex digits (bytes pass through). Raises InvalidValue."""
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str) or not _HEX.fullmatch(value):
        shown = value if not isinstance(value, str) or len(value) < 40 else value[:40] + ".."
        raise InvalidValue(f"hex data is 0x and an even number of hex digits, not {shown!r}")
    return bytes.fromhex(value[2:])


def parse_hash(value: object) -> str:
    """Lower-case ``0x`` and 64 hex digits (32 bytes). Raises InvalidValue."""
    if isinstance(value, bytes) and len(value) == 32:
        return "0x" + value.hex()
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise InvalidValue(f"a hash is 0x and 64 hex digits, not {value!r}")
    return value.lower()


def to_hex(data: bytes) -> str:
    """``0x`` and the hex digits of ``data``."""
    return "0x" + data.hex()


def _text(value: int) -> str:
    return str(value)


Address = Annotated[str, BeforeValidator(parse_address)]
"""Lower-case hex address; validated by EIP-55 where the input mixes cases."""
Asset = Annotated[str, BeforeValidator(parse_asset)]
"""A token's address, or ``native``."""
BaseUnits = Annotated[int, BeforeValidator(parse_base_units), PlainSerializer(_text, return_type=str, when_used="json")]
"""An integer from 0 to 2^256 - 1 in the asset's smallest unit; a decimal string in JSON."""
HexBytes = Annotated[bytes, BeforeValidator(parse_hex), PlainSerializer(to_hex, return_type=str, when_used="json")]
"""Bytes; ``0x..`` in JSON."""
Hash32 = Annotated[str, BeforeValidator(parse_hash)]
"""32 bytes as lower-case ``0x..`` text."""


def caip2(chain_id: int) -> str:
    """The chain by CAIP-2, as in ``eip155:1``."""
    return f"eip155:{chain_id}"


def caip10(chain_id: int, address: str) -> str:
    """The account by CAIP-10, as in ``eip155:1:0xAb..``."""
    return f"eip155:{chain_id}:{checksum(address)}"


def caip19(chain_id: int, asset: str) -> str:
    """The asset by CAIP-19: ``eip155:1/erc20:0xAb..``, or ``eip155:1/slip44:60`` for the native coin."""
    return f"eip155:{chain_id}/slip44:60" if asset == NATIVE else f"eip155:{chain_id}/erc20:{checksum(asset)}"


def hash_words(*parts: Any) -> str:
    """keccak-256 over the parts' texts, each preceded by its length: no two lists of parts share a hash by accident."""
    joined = b"".join(len(text := str(part).encode()).to_bytes(4, "big") + text for part in parts)
    return to_hex(keccak(joined))
