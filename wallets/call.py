"""Call: what one account would do on one chain, and Authorization: the EIP-7702 delegation beside it."""

from __future__ import annotations

from enum import IntEnum
from typing import Any, Self

from eth_abi import encode as abi_encode
from eth_utils.crypto import keccak
from pydantic import BaseModel, ConfigDict

from .errors import InvalidValue
from .values import Address, BaseUnits, HexBytes


class Operation(IntEnum):
    """How the account runs the target's code, with Safe's numbers."""

    CALL = 0
    DELEGATECALL = 1


class Call(BaseModel):
    """One call of an account: ``to`` (None creates a contract), ``value`` in wei, ``data``, ``operation``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    to: Address | None
    value: BaseUnits = 0
    data: HexBytes = b""
    operation: Operation = Operation.CALL

    @classmethod
    def encode(cls, to: str, signature: str, *arguments: Any, value: int = 0) -> Self:
        """A call of ``signature`` (as in ``transfer(address,uint256)``) with ABI-encoded ``arguments``.

        Raises InvalidValue where the arguments do not fit the signature (Solidity ABI specification).
        """
        return cls(to=to, value=value, data=calldata(signature, *arguments))


class Authorization(BaseModel):
    """An EIP-7702 authorization: lets the account run the code at ``address``. ``chain_id`` 0 is every chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    chain_id: int
    address: Address
    nonce: int


def selector(signature: str) -> bytes:
    """The first four bytes of keccak-256 of a function's canonical signature."""
    return bytes(keccak(text=signature.replace(" ", "")))[:4]


def calldata(signature: str, *arguments: Any) -> bytes:
    """Selector and ABI-encoded ``arguments``. Raises InvalidValue where they do not fit the signature."""
    try:
        encoded = abi_encode(argument_types(signature), arguments)
    except Exception as error:  # eth_abi raises a family of its own for each type
        raise InvalidValue(f"the arguments do not fit {signature}: {error}") from error
    return selector(signature) + encoded


def argument_types(signature: str) -> list[str]:
    """The top-level argument types of ``name(type,(type,type)[],..)``."""
    inner = signature.replace(" ", "")
    inner = inner[inner.index("(") + 1 : -1]
    types, depth, start = [], 0, 0
    for position, character in enumerate(inner):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            types.append(inner[start:position])
            start = position + 1
    if inner:
        types.append(inner[start:])
    return types
