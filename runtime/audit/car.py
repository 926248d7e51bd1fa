"""CAR v1 files: a writer, and a strict reader that checks every block's hash.

Source: IPLD "Content Addressable aRchives" specification, version 1. A section is varint(length), CID, block; the
header is a section without CID, dag-cbor of version and roots. The reader takes what the log writes and IPFS gives for
it: CIDv1 with SHA-256, raw or dag-cbor.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from ...wallets.cid import cid_bytes, cid_text, decode_block, encode_block
from .blocks import MAX_BLOCK
from .errors import UnusableInput
from .records import is_link

MAX_CAR = 4 << 30
"""Bytes of a file at most that the verifier reads."""
_CID_BYTES = 36
_MAX_HEADER = 1024


def write_car(file: BinaryIO, root: bytes, blocks: Iterable[tuple[bytes, bytes]]) -> None:
    """Write ``blocks`` (binary CID, bytes) as a CAR v1 with one root."""
    header = encode_block({"version": 1, "roots": [root]})
    file.write(_varint(len(header)) + header)
    for link, block in blocks:
        file.write(_varint(_CID_BYTES + len(block)) + link + block)


def read_car(data: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """The root and all blocks by binary CID, each block's hash checked. Raises UnusableInput, saying where the damage
    is."""
    size, at = _read_varint(data, 0)
    if not 0 < size <= _MAX_HEADER or at + size > len(data):
        raise UnusableInput("this is no CAR file: it does not begin with a CAR header")
    root = _read_root(data[at : at + size])
    at += size
    blocks: dict[bytes, bytes] = {}
    while at < len(data):
        start = at
        size, at = _read_varint(data, at)
        if size < _CID_BYTES or size > _CID_BYTES + MAX_BLOCK:
            raise UnusableInput(f"the CAR is damaged at byte {start}: a section of {size} bytes")
        if at + size > len(data):
            raise UnusableInput(
                f"the CAR is cut: the section at byte {start} ends {at + size - len(data)} bytes after the file"
            )
        link, block = data[at : at + _CID_BYTES], data[at + _CID_BYTES : at + size]
        if not is_link(link):
            raise UnusableInput(f"the CAR is damaged at byte {at}: no CIDv1 with SHA-256 of a raw or dag-cbor block")
        if cid_bytes(block, link[1]) != link:
            raise UnusableInput(
                f"the CAR is damaged at byte {at}: the bytes of block {cid_text(link)} are not those of its hash"
            )
        blocks[link] = block
        at += size
    return root, blocks


def _read_root(header: bytes) -> bytes:
    try:
        value = decode_block(header)
    except ValueError as error:
        raise UnusableInput(f"this is no CAR file: its header is not dag-cbor ({error})") from error
    if not isinstance(value, dict) or value.get("version") != 1 or set(value) != {"version", "roots"}:
        raise UnusableInput("this is no CAR file of version 1")
    roots = value["roots"]
    if not isinstance(roots, list) or len(roots) != 1 or not is_link(roots[0]):
        raise UnusableInput("the CAR of a log has one root, the head that `treasurer audit export` wrote")
    root: bytes = roots[0]
    return root


def _varint(value: int) -> bytes:
    """Unsigned LEB128."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 63, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if byte == 0 and shift:
                break
            return value, at
    raise UnusableInput(f"the CAR is damaged or cut at byte {at}: a length is expected")
