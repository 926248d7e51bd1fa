"""Transaction: the unsigned EIP-1559 transaction whose very bytes are judged, cleared and signed."""

from __future__ import annotations

from typing import Any

import rlp
from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from .call import Call
from .values import Address, BaseUnits, HexBytes, to_hex

_DYNAMIC_FEE = b"\x02"


class Transaction(BaseModel):
    """A type-2 transaction (EIP-2718, EIP-1559) without a signature; fees are wei per gas."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: int
    nonce: int
    max_priority_fee_per_gas: BaseUnits
    max_fee_per_gas: BaseUnits
    gas_limit: int
    to: Address | None
    value: BaseUnits = 0
    data: HexBytes = b""

    @property
    def call(self) -> Call:
        """What the transaction does, as a Call."""
        return Call(to=self.to, value=self.value, data=self.data)

    @property
    def worst_fee(self) -> int:
        """Wei that gas may cost at most: gas limit times maximum fee."""
        return self.gas_limit * self.max_fee_per_gas

    def unsigned_bytes(self) -> bytes:
        """0x02 followed by the RLP list that is hashed for signing."""
        encoded: bytes = rlp.encode(self._fields())
        return _DYNAMIC_FEE + encoded

    def signing_hash(self) -> str:
        """keccak-256 of the unsigned bytes."""
        return to_hex(keccak(self.unsigned_bytes()))

    def signed_bytes(self, y_parity: int, r: int, s: int) -> bytes:
        """The raw transaction to broadcast."""
        encoded: bytes = rlp.encode([*self._fields(), y_parity, r, s])
        return _DYNAMIC_FEE + encoded

    def _fields(self) -> list[Any]:
        return [
            self.chain_id,
            self.nonce,
            self.max_priority_fee_per_gas,
            self.max_fee_per_gas,
            self.gas_limit,
            bytes.fromhex(self.to[2:]) if self.to else b"",
            self.value,
            self.data,
            [],
        ]


def transaction_hash(signed: bytes) -> str:
    """The hash by which a raw signed transaction is known on the chain."""
    return to_hex(keccak(signed))
