"""TypedData: an EIP-712 message as ``eth_signTypedData_v4`` takes it, and its signing hash."""

from __future__ import annotations

from typing import Any

from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict, Field

from .errors import InvalidValue


class TypedData(BaseModel):
    """``types``, ``primaryType``, ``domain`` and ``message`` of EIP-712; the hash is over exactly these."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    types: dict[str, list[dict[str, str]]]
    primary_type: str = Field(alias="primaryType")
    domain: dict[str, Any]
    message: dict[str, Any]

    def full_message(self) -> dict[str, Any]:
        """The JSON object that wallets and ``cast wallet sign --data`` take."""
        return self.model_dump(mode="json", by_alias=True)

    def signing_hash(self) -> str:
        """keccak-256 of 0x1901, domain separator, struct hash (EIP-712). Raises InvalidValue for a malformed
        message.
        """
        from eth_account.messages import encode_typed_data

        try:
            signable = encode_typed_data(full_message=self.full_message())
        except Exception as error:  # eth_account raises ValueError, KeyError, TypeError or its own by the kind of fault
            raise InvalidValue(f"the typed data does not encode by EIP-712: {error}") from error
        return "0x" + keccak(b"\x19" + signable.version + signable.header + signable.body).hex()
