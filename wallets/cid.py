"""CIDs: content addresses of blocks (CIDv1, SHA-256, base32), and canonical dag-cbor of plain values.

Source: multiformats CID specification; IPLD dag-cbor specification (maps sorted by key length, then bytes). libipld
writes any bytes that parse as a CID as a link (tag 42), so bytes are used for links alone: hashes and calldata are hex
text in blocks.
"""

from __future__ import annotations

import hashlib
from typing import Any

import libipld

RAW = 0x55
DAG_CBOR = 0x71
_SHA2_256 = b"\x12\x20"


def cid_bytes(block: bytes, codec: int = DAG_CBOR) -> bytes:
    """The binary CIDv1 of a block: version, codec, multihash (36 bytes). In a block's value it is a link."""
    return bytes((1, codec)) + _SHA2_256 + hashlib.sha256(block).digest()


def cid_text(binary: bytes) -> str:
    """The base32 text of a binary CID, as in ``bafy..``."""
    text: str = libipld.encode_cid(binary)
    return text


def cid_of(block: bytes, codec: int = DAG_CBOR) -> str:
    """The text CID of a block."""
    return cid_text(cid_bytes(block, codec))


def cid_link(text: str) -> bytes:
    """The binary form of a text CID of ours (CIDv1, SHA-256). Raises ValueError for any other text."""
    parts = libipld.decode_cid(text)
    if parts["version"] != 1 or parts["hash"]["code"] != _SHA2_256[0] or parts["hash"]["size"] != _SHA2_256[1]:
        raise ValueError(f"{text} is not a CIDv1 with SHA-256")
    digest: bytes = parts["hash"]["digest"]
    return bytes((1, parts["codec"])) + _SHA2_256 + digest


def encode_block(value: Any) -> bytes:
    """Canonical dag-cbor of a plain value: str, int within 64 bits, bool, None, list, dict, and binary CIDs as
    links.
    """
    encoded: bytes = libipld.encode_dag_cbor(value)
    return encoded


def decode_block(block: bytes) -> Any:
    """The value of a dag-cbor block. Raises ValueError for anything that is not strict dag-cbor."""
    return libipld.decode_dag_cbor(block)
