"""Clearance: the guard's word to the signer that one signing hash is an instance of one judged digest."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from . import eip712
from .eip712 import text_word, word
from .keys import PrivateKey, recover
from .values import Address, Hash32, HexBytes

ClearanceKind = Literal["transaction", "cancel", "typed_data"]

_CLEARANCE = (
    "Clearance(string kind,bytes32 signingHash,bytes32 digest,uint256 chainId,address account,uint64 nonce,"
    "uint64 judgedBlock,uint64 expiresBlock,uint64 expiresAt,string policyCid)"
)


class Clearance(BaseModel):
    """``signing_hash`` may be signed for ``account`` on ``chain_id``: it is an instance of ``digest``.

    ``judged_block`` is the block whose state was judged; the clearance is void after ``expires_block`` or
    ``expires_at`` (Unix seconds), whichever comes first. ``nonce`` is the account's nonce, or 0 for typed data.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClearanceKind
    signing_hash: Hash32
    digest: Hash32
    chain_id: int
    account: Address
    nonce: int
    judged_block: int
    expires_block: int
    expires_at: int
    policy_cid: str
    signature: HexBytes = b""

    def hash(self) -> str:
        """The EIP-712 hash that the guard's clearance key signs; it names this clearance."""
        hashed = eip712.struct_hash(
            _CLEARANCE,
            text_word(self.kind),
            word(self.signing_hash),
            word(self.digest),
            word(self.chain_id),
            word(self.account),
            word(self.nonce),
            word(self.judged_block),
            word(self.expires_block),
            word(self.expires_at),
            text_word(self.policy_cid),
        )
        return eip712.signing_hash(self.chain_id, hashed)

    def sign(self, key: PrivateKey) -> Clearance:
        """The same clearance with the guard's signature."""
        return self.model_copy(update={"signature": key.sign_hash(self.hash())})

    def issuer(self) -> str:
        """The address whose key signed; raises InvalidValue where the signature is none."""
        return recover(self.hash(), self.signature)
