"""Digest: the EIP-712 hash over exactly what people approve.

It holds the intent key, chain, account, calls (or what to sign, authorizations), fee ceiling, expiry and policy CID,
and no nonce and no gas price: those may change after an approval, the effect may not.

The word ``typedData`` of the struct stands for whatever is to be signed that is no transaction. It is zero where
nothing is; for typed data its signing hash, the keccak-256 of 66 bytes that begin with 0x1901 (EIP-712); for a message
its signing hash, the keccak-256 of bytes that begin with 0x1945 (EIP-191); for a bare hash, which may itself be either
of those, the keccak-256 of 0x1952 and the hash; for more than one of them at once, which no policy lets through, the
keccak-256 of their words in this order, 64 or 96 bytes. No two of these preimages are equal, so no two different
proposals share a digest.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from . import eip712
from .call import Authorization, Call
from .eip712 import text_word, word
from .typed_data import TypedData
from .values import ZERO_ADDRESS, Address, BaseUnits, Hash32, HexBytes, checksum, to_hex

_CALL_FIELDS = "address to,bool creates,uint256 value,bytes data,uint8 operation"
_AUTHORIZATION_FIELDS = "uint256 chainId,address target,uint64 nonce"
_APPROVAL_FIELDS = (
    "bytes32 intentKey,uint256 chainId,address account,Call[] calls,bytes32 typedData,"
    "Authorization[] authorizations,uint256 feeCeiling,uint64 expiry,string policyCid"
)
_CALL = f"Call({_CALL_FIELDS})"
_AUTHORIZATION = f"Authorization({_AUTHORIZATION_FIELDS})"
_APPROVAL = f"Approval({_APPROVAL_FIELDS}){_AUTHORIZATION}{_CALL}"
_NOTHING_TO_SIGN = "0x" + "0" * 64
_BARE_HASH = b"\x19\x52"
"""A version byte that EIP-191 has not given to anybody: what it starts is signed nowhere."""


class Approvable(BaseModel):
    """What a digest is taken over. ``fee_ceiling`` is wei for gas in all, ``expiry`` Unix seconds.

    ``message``: bytes to sign as a message of EIP-191; ``raw_hash``: a bare hash to sign.
    """

    model_config = ConfigDict(frozen=True)

    intent_key: Hash32
    chain_id: int
    account: Address
    calls: tuple[Call, ...] = ()
    typed_data: TypedData | None = None
    message: HexBytes | None = None
    raw_hash: Hash32 | None = None
    authorizations: tuple[Authorization, ...] = ()
    fee_ceiling: BaseUnits = 0
    expiry: int = 0
    policy_cid: str = ""

    def digest(self) -> str:
        """The EIP-712 signing hash, ``0x`` and 64 hex digits."""
        hashed = eip712.struct_hash(
            _APPROVAL,
            word(self.intent_key),
            word(self.chain_id),
            word(self.account),
            bytes(keccak(b"".join(_hash_call(call) for call in self.calls))),
            word(self._signed_hash()),
            _hash_authorizations(self.authorizations),
            word(self.fee_ceiling),
            word(self.expiry),
            text_word(self.policy_cid),
        )
        return eip712.signing_hash(self.chain_id, hashed)

    def to_typed_data(self) -> dict[str, Any]:
        """The eth_signTypedData_v4 object whose hash is ``digest()``."""
        message = {
            "intentKey": self.intent_key,
            "chainId": str(self.chain_id),
            "account": checksum(self.account),
            "calls": [
                {
                    "to": checksum(call.to or ZERO_ADDRESS),
                    "creates": call.to is None,
                    "value": str(call.value),
                    "data": to_hex(call.data),
                    "operation": int(call.operation),
                }
                for call in self.calls
            ],
            "typedData": self._signed_hash(),
            "authorizations": [
                {"chainId": str(item.chain_id), "target": checksum(item.address), "nonce": str(item.nonce)}
                for item in self.authorizations
            ],
            "feeCeiling": str(self.fee_ceiling),
            "expiry": str(self.expiry),
            "policyCid": self.policy_cid,
        }
        types = {
            "Approval": eip712.members(_APPROVAL_FIELDS),
            "Call": eip712.members(_CALL_FIELDS),
            "Authorization": eip712.members(_AUTHORIZATION_FIELDS),
        }
        return eip712.typed_data(self.chain_id, "Approval", types, message)

    def _signed_hash(self) -> str:
        """The word ``typedData``; see the top of this module."""
        words = []
        if self.typed_data is not None:
            words.append(self.typed_data.signing_hash())
        if self.message is not None:
            words.append(message_hash(self.message))
        if self.raw_hash is not None:
            words.append(to_hex(keccak(_BARE_HASH + word(self.raw_hash))))
        if len(words) > 1:
            return to_hex(keccak(b"".join(map(word, words))))
        return words[0] if words else _NOTHING_TO_SIGN


def message_hash(message: bytes) -> str:
    """keccak-256 of 0x19, ``Ethereum Signed Message:``, the length in decimal and the message (EIP-191, version 0x45).

    It is what ``personal_sign`` signs.
    """
    return to_hex(keccak(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message))


def _hash_call(call: Call) -> bytes:
    return eip712.struct_hash(
        _CALL,
        word(call.to or ZERO_ADDRESS),
        word(call.to is None),
        word(call.value),
        bytes(keccak(call.data)),
        word(int(call.operation)),
    )


@lru_cache(maxsize=64)
def _hash_authorizations(authorizations: tuple[Authorization, ...]) -> bytes:
    hashes = [
        eip712.struct_hash(_AUTHORIZATION, word(item.chain_id), word(item.address), word(item.nonce))
        for item in authorizations
    ]
    return bytes(keccak(b"".join(hashes)))
