"""Checkpoints: signed notes that commit to the log's size, Merkle root and newest record.

The text follows C2SP tlog-checkpoint (origin, size, base64 root, then one extension line, the newest record's CID),
the envelope C2SP signed-note. The log key is secp256k1, for which signed-note allocates no type: the algorithm byte is
0xff, followed by ALGORITHM, and the signature is 65 bytes r, s, v over the text as an EIP-191 personal message, so
that ``cast wallet verify --address <log key> "<text>" 0x<signature>`` checks a checkpoint without treasurer.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from eth_utils.crypto import keccak

from ...wallets.errors import InvalidValue
from ...wallets.keys import PrivateKey, recover
from .records import log_key_of

ALGORITHM = b"\xfftreasurer secp256k1 eip-191 v1"
_SIGNATURE_START = "— "
_MAX_NOTE = 4096


class BadNote(ValueError):
    """The text is no checkpoint of this log, or its signature is another's."""


@dataclass(frozen=True)
class Checkpoint:
    """``origin`` (the bot) had ``size`` records with Merkle ``root``; ``head`` is the text CID of the newest."""

    origin: str
    size: int
    root: bytes
    head: str

    def text(self) -> str:
        """The lines that are signed, the last newline included."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{self.head}\n"

    def sign(self, key: PrivateKey) -> str:
        """The whole signed note."""
        text = self.text()
        signature = _key_id(self.origin, key.address) + key.sign_hash(_personal_hash(text))
        return f"{text}\n{_SIGNATURE_START}{self.origin} {base64.b64encode(signature).decode()}\n"


def read_note(note: str) -> Checkpoint:
    """The checkpoint of a signed note whose signature is that of the key its origin names. Raises BadNote."""
    if len(note) > _MAX_NOTE:
        raise BadNote("a checkpoint has at most 4,096 characters")
    text, separator, signatures = note.rpartition("\n\n")
    lines = (text + "\n").split("\n")
    if not separator or len(lines) != 5 or not signatures.endswith("\n"):
        raise BadNote("a checkpoint has the lines origin, size, root and head, an empty line, and a signature")
    origin, size, root, head, _ = lines
    try:
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), head)
    except (ValueError, binascii.Error) as error:
        raise BadNote(f"a line of the checkpoint is not what it should be: {error}") from error
    if checkpoint.text() != text + "\n" or len(checkpoint.root) != 32 or checkpoint.size <= 0:
        raise BadNote("the checkpoint is not written in its one canonical way")
    _check_signature(checkpoint, signatures)
    return checkpoint


def _check_signature(checkpoint: Checkpoint, signatures: str) -> None:
    try:
        key = log_key_of(checkpoint.origin)
    except InvalidValue as error:
        raise BadNote(str(error)) from error
    start = f"{_SIGNATURE_START}{checkpoint.origin} "
    line = signatures[:-1]
    if "\n" in line or not line.startswith(start):
        raise BadNote("the checkpoint is not signed by the bot that it names")
    try:
        blob = base64.b64decode(line.removeprefix(start), validate=True)
        if blob[:4] != _key_id(checkpoint.origin, key):
            raise BadNote("the signature's key id is not that of the log key")
        signer = recover(_personal_hash(checkpoint.text()), blob[4:])
    except (binascii.Error, InvalidValue) as error:
        raise BadNote(f"the checkpoint's signature is none: {error}") from error
    if signer != key:
        raise BadNote(f"the checkpoint is signed by {signer}, not by the log key {key}")


def _key_id(name: str, address: str) -> bytes:
    key = ALGORITHM + bytes.fromhex(address[2:])
    return hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]


def _personal_hash(text: str) -> str:
    """EIP-191, version 0x45: the hash that wallets sign for a personal message."""
    body = text.encode()
    return "0x" + keccak(b"\x19Ethereum Signed Message:\n" + str(len(body)).encode() + body).hex()
