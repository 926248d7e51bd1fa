"""What a reverted call says: Error(string), Panic(uint256), and the custom errors whose signatures lie in reverts.txt.

Source: Solidity documentation, "Control structures", errors; Aave v3's numbered errors from its Errors library. The
words come from a contract, which anybody may have written: they are bounded, printable, and shown as a quotation.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from eth_abi import decode as abi_decode

from ..call import argument_types, selector
from ..values import to_hex

_ERROR = selector("Error(string)")
_PANIC = selector("Panic(uint256)")
_LONGEST_REASON = 200
_PANICS = {
    0x00: "generic panic of the compiler",
    0x01: "an assertion failed",
    0x11: "an arithmetic overflow or underflow",
    0x12: "a division by zero",
    0x21: "a conversion to an enum that has no such member",
    0x22: "a badly encoded byte array in storage",
    0x31: "pop on an empty array",
    0x32: "an index outside the array",
    0x41: "too much memory allocated",
    0x51: "a call of an uninitialized function",
}
_AAVE = {
    "26": "invalid amount",
    "27": "reserve inactive",
    "28": "reserve frozen",
    "29": "reserve paused",
    "30": "borrowing not enabled",
    "32": "not enough available user balance",
    "34": "collateral balance is zero",
    "35": "health factor lower than the liquidation threshold",
    "36": "collateral cannot cover the new borrow",
    "39": "no debt of the selected type",
    "43": "underlying balance is zero",
    "45": "health factor not below the threshold",
    "50": "borrow cap exceeded",
    "51": "supply cap exceeded",
}


def decode_revert(data: bytes) -> str:
    """The reason in a reverted call's return data, as one line of at most 200 characters or so; never raises."""
    if not data:
        return "reverted without a reason (also what running out of gas looks like)"
    head, body = data[:4], data[4:]
    if head == _ERROR:
        decoded = _decoded(["string"], body)
        return f"reverted: {_quoted(decoded[0])}" if decoded else f"reverted with malformed data {_shortened(data)}"
    if head == _PANIC and len(body) == 32:
        code = int.from_bytes(body, "big")
        return f"panic 0x{code:02x}: {_PANICS.get(code, 'unknown to Solidity')}"
    for signature in _custom_errors().get(head, ()):
        decoded = _decoded(argument_types(signature), body)
        if decoded is not None:
            return _bounded(f"{signature.partition('(')[0]}({', '.join(_shown(value) for value in decoded)})")
    return f"reverted with unknown error {_shortened(data)}"


@cache
def _custom_errors() -> dict[bytes, tuple[str, ...]]:
    lines = files(__package__).joinpath("reverts.txt").read_text().splitlines()
    signatures = {line for line in lines if line and not line.startswith("#")}
    return {selector(signature): (signature,) for signature in sorted(signatures)}


def _decoded(types: list[str], body: bytes) -> tuple[Any, ...] | None:
    try:
        return tuple(abi_decode(types, body))
    except Exception:  # noqa: BLE001 - eth_abi raises a family of its own, and UnicodeDecodeError, by the kind of fault
        return None


def _quoted(text: str) -> str:
    said = f'"{_bounded(text)}"'
    return f"{said} (Aave: {_AAVE[text]})" if text in _AAVE else said


def _shown(value: Any) -> str:
    return to_hex(value) if isinstance(value, bytes) else str(value)


def _bounded(text: str) -> str:
    printable = "".join(character if character.isprintable() else " " for character in text)
    return printable if len(printable) <= _LONGEST_REASON else printable[:_LONGEST_REASON] + ".."


def _shortened(data: bytes) -> str:
    return to_hex(data) if len(data) <= 36 else to_hex(data[:36]) + ".."
