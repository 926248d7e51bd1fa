"""RawTransaction: what the bytes of a transaction say, signed or not, of every type that Ethereum has.

Legacy and EIP-155, EIP-2930 (0x01), EIP-1559 (0x02), EIP-4844 (0x03) and EIP-7702 (0x04).
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from .call import Authorization, Call
from .errors import InvalidValue
from .values import Address, BaseUnits, parse_address, to_hex

MOST_BYTES = 1 << 20
_LEGACY = ("nonce", "fee", "gas", "to", "value", "data")
_FEES = ("chain_id", "nonce", "tip", "fee", "gas", "to", "value", "data", "access_list")
_MEMBERS: dict[int, tuple[str, ...]] = {
    1: ("chain_id", "nonce", "fee", "gas", "to", "value", "data", "access_list"),
    2: _FEES,
    3: (*_FEES, "blob_fee", "blob_hashes"),
    4: (*_FEES, "authorizations"),
}
_SIGNATURE_MEMBERS = 3
_FIRST_EIP155_V = 35


class RawTransaction(BaseModel):
    """``sender`` is None where it is not signed, ``chain_id`` where a legacy transaction names none.

    ``fee``: wei for a unit of gas at most.
    """

    model_config = ConfigDict(frozen=True)

    kind: int
    chain_id: int | None
    sender: Address | None
    nonce: int
    gas_limit: int
    fee: BaseUnits
    call: Call
    authorizations: tuple[Authorization, ...] = ()


def read_raw_transaction(raw: bytes) -> RawTransaction:
    """The transaction in ``raw``. Raises InvalidValue where the bytes are none."""
    import rlp
    from rlp.exceptions import RLPException

    if not raw or len(raw) > MOST_BYTES:
        raise InvalidValue(f"a raw transaction has from 1 to {MOST_BYTES} bytes, not {len(raw)}")
    kind = raw[0] if raw[0] in _MEMBERS else 0
    names = _MEMBERS.get(kind, _LEGACY)
    try:
        items = rlp.decode(raw[1:] if kind else raw)
        if kind == 3 and items and isinstance(items[0], list):
            items = items[0]  # with its blobs, as it travels between nodes (EIP-4844)
        if not isinstance(items, list) or len(items) not in (len(names), len(names) + _SIGNATURE_MEMBERS):
            raise InvalidValue(f"the bytes are no transaction of type {kind}: it has not {len(names)} members")
        fields = dict(zip(names, items, strict=False))
        rest = items[len(names) :]
        chain_id = _number(fields["chain_id"]) if kind else _legacy_chain(rest)
        signed = bool(rest) and not (kind == 0 and not rest[1] and not rest[2])
        return RawTransaction(
            kind=kind,
            chain_id=chain_id,
            sender=_sender(raw) if signed else None,
            nonce=_number(fields["nonce"]),
            gas_limit=_number(fields["gas"]),
            fee=_number(fields["fee"]),
            call=Call(to=_target(fields["to"]), value=_number(fields["value"]), data=_bytes(fields["data"])),
            authorizations=tuple(_authorization(item) for item in fields.get("authorizations", [])),
        )
    except (RLPException, TypeError, ValueError) as error:
        if isinstance(error, InvalidValue):
            raise
        raise InvalidValue(f"the bytes are no transaction: {error}"[:300]) from error


def _legacy_chain(rest: list[Any]) -> int | None:
    """EIP-155: v is the chain twice and 35 or 36; unsigned it stands there itself, before two empty members."""
    if not rest:
        return None
    v = _number(rest[0])
    if not rest[1] and not rest[2]:
        return v
    return (v - _FIRST_EIP155_V) // 2 if v >= _FIRST_EIP155_V else None


def _sender(raw: bytes) -> str:
    from eth_account import Account

    try:
        return parse_address(str(Account.recover_transaction(raw)))
    except Exception as error:  # eth_account and eth_keys raise errors of many kinds for a signature that is none
        raise InvalidValue(f"the transaction's signature is none: {error}"[:300]) from error


def _authorization(item: Any) -> Authorization:
    """EIP-7702: chain, address, nonce, y_parity, r, s."""
    return Authorization(chain_id=_number(item[0]), address=to_hex(_bytes(item[1])), nonce=_number(item[2]))


def _target(item: Any) -> str | None:
    found = _bytes(item)
    return to_hex(found) if found else None


def _number(item: Any) -> int:
    return int.from_bytes(_bytes(item), "big")


def _bytes(item: Any) -> bytes:
    if not isinstance(item, bytes):
        raise InvalidValue("the bytes are no transaction: a list stands where a value belongs")
    return item
