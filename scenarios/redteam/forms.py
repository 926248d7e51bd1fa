"""Forms: the same calls in every wrapper that an attacker knows, encoded as each contract reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from eth_abi import encode

from ...policies.decode.typed_data import DOMAIN_MEMBERS
from ...wallets.call import Call, Operation, calldata
from ...wallets.typed_data import TypedData
from ...wallets.values import ZERO_ADDRESS, checksum, to_hex
from .document import Form
from .values import Values

SAFE_SIGNATURE = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
PACKED_OPERATION = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)"
SAFE_TX = [
    ("to", "address"),
    ("value", "uint256"),
    ("data", "bytes"),
    ("operation", "uint8"),
    ("safeTxGas", "uint256"),
    ("baseGas", "uint256"),
    ("gasPrice", "uint256"),
    ("gasToken", "address"),
    ("refundReceiver", "address"),
    ("nonce", "uint256"),
]
USER_OPERATION = [
    ("sender", "address"),
    ("nonce", "uint256"),
    ("initCode", "bytes"),
    ("callData", "bytes"),
    ("accountGasLimits", "bytes32"),
    ("preVerificationGas", "uint256"),
    ("gasFees", "bytes32"),
    ("paymasterAndData", "bytes"),
]


@dataclass(frozen=True)
class Wrapped:
    """What is proposed: calls, or typed data."""

    calls: tuple[Call, ...] = ()
    typed_data: TypedData | None = None


@dataclass(frozen=True)
class Wrapping:
    """What the wrappers need: the account, the chain, and addresses by label."""

    account: str
    chain_id: int
    values: Values
    harmless: tuple[Call, ...] = field(default=())

    def at(self, label: str) -> str:
        """An address by label."""
        return self.values.address(label)


def wrap(form: Form, calls: Sequence[Call], wrapping: Wrapping) -> Wrapped:
    """``calls`` in ``form``."""
    return _FORMS[form](tuple(calls), wrapping)


def _plain(calls: tuple[Call, ...], _: Wrapping) -> Wrapped:
    return Wrapped(calls)


def _hidden(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    return Wrapped((*wrapping.harmless, *calls, *wrapping.harmless))


def _router_multicall(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    router, datas = wrapping.at("uniswap-v3"), [call.data for call in calls]
    value = sum(call.value for call in calls)
    return Wrapped(
        (Call.encode(router, "multicall(uint256,bytes[])", wrapping.values.now() + 600, datas, value=value),)
    )


def _multicall3(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    items = [(_to(call), False, call.value, call.data) for call in calls]
    value = sum(call.value for call in calls)
    signature = "aggregate3Value((address,bool,uint256,bytes)[])"
    return Wrapped((Call.encode(wrapping.at("multicall3"), signature, items, value=value),))


def _multisend(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    data = calldata("multiSend(bytes)", packed(calls))
    return Wrapped((Call(to=wrapping.at("multisend"), data=data, operation=Operation.DELEGATECALL),))


def packed(calls: Sequence[Call]) -> bytes:
    """Calls as MultiSend reads them (safe-contracts 1.4.1, MultiSend.sol)."""
    return b"".join(
        bytes([int(call.operation)])
        + bytes.fromhex(_to(call)[2:])
        + call.value.to_bytes(32, "big")
        + len(call.data).to_bytes(32, "big")
        + call.data
        for call in calls
    )


def _safe(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    return Wrapped(tuple(_executed(call, wrapping) for call in calls))


def _safe_multisend(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    (inner,) = _multisend(calls, wrapping).calls
    return Wrapped((_executed(inner, wrapping),))


def _executed(call: Call, wrapping: Wrapping) -> Call:
    signature = b"\0" * 12 + bytes.fromhex(wrapping.account[2:]) + b"\0" * 32 + b"\x01"
    return Call.encode(
        wrapping.at("vault"), SAFE_SIGNATURE, _to(call), call.value, call.data, int(call.operation), 0, 0, 0,
        ZERO_ADDRESS, ZERO_ADDRESS, signature,
    )  # fmt: skip


def _execute(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    signature = "execute(address,uint256,bytes)"
    return Wrapped(tuple(Call.encode(wrapping.account, signature, _to(call), call.value, call.data) for call in calls))


def _execute_batch(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    items = [(_to(call), call.value, call.data) for call in calls]
    return Wrapped((Call.encode(wrapping.account, "executeBatch((address,uint256,bytes)[])", items),))


def _erc7579_data(calls: tuple[Call, ...]) -> bytes:
    items = [(_to(call), call.value, call.data) for call in calls]
    mode = b"\x01" + b"\0" * 31
    return calldata("execute(bytes32,bytes)", mode, encode(["(address,uint256,bytes)[]"], [items]))


def _erc7579(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    return Wrapped((Call(to=wrapping.account, data=_erc7579_data(calls)),))


def _entry_point(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    gas = (10**6).to_bytes(16, "big") * 2
    operation = (wrapping.account, 0, b"", _erc7579_data(calls), gas, 10**5, gas, b"", b"\0" * 65)
    signature = f"handleOps({PACKED_OPERATION}[],address)"
    return Wrapped((Call.encode(wrapping.at("entry-point"), signature, [operation], wrapping.at("mallory")),))


def _safe_tx(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    (call,) = calls if len(calls) == 1 else _multisend(calls, wrapping).calls
    zero = checksum(ZERO_ADDRESS)
    message = {
        "to": checksum(_to(call)), "value": str(call.value), "data": to_hex(call.data),
        "operation": str(int(call.operation)), "safeTxGas": "0", "baseGas": "0", "gasPrice": "0", "gasToken": zero,
        "refundReceiver": zero, "nonce": "0",
    }  # fmt: skip
    domain = {"chainId": wrapping.chain_id, "verifyingContract": checksum(wrapping.account)}
    return Wrapped(typed_data=_typed("SafeTx", {"SafeTx": SAFE_TX}, domain, message))


def _user_operation(calls: tuple[Call, ...], wrapping: Wrapping) -> Wrapped:
    gas = to_hex((10**6).to_bytes(16, "big") * 2)
    message = {
        "sender": checksum(wrapping.account), "nonce": "0", "initCode": "0x", "callData": to_hex(_erc7579_data(calls)),
        "accountGasLimits": gas, "preVerificationGas": "100000", "gasFees": gas, "paymasterAndData": "0x",
    }  # fmt: skip
    domain = {
        "name": "ERC4337", "version": "1", "chainId": wrapping.chain_id,
        "verifyingContract": checksum(wrapping.at("entry-point")),
    }  # fmt: skip
    return Wrapped(typed_data=_typed("PackedUserOperation", {"PackedUserOperation": USER_OPERATION}, domain, message))


def _typed(
    primary: str, types: dict[str, list[tuple[str, str]]], domain: dict[str, Any], message: dict[str, Any]
) -> TypedData:
    listed = {"EIP712Domain": [pair for pair in DOMAIN_MEMBERS if pair[0] in domain], **types}
    return TypedData(
        types={name: [{"name": one, "type": kind} for one, kind in members] for name, members in listed.items()},
        primary_type=primary,
        domain=domain,
        message=message,
    )


def _to(call: Call) -> str:
    return call.to or ZERO_ADDRESS


_FORMS: dict[Form, Callable[[tuple[Call, ...], Wrapping], Wrapped]] = {
    "plain": _plain,
    "hidden": _hidden,
    "router-multicall": _router_multicall,
    "multicall3": _multicall3,
    "multisend": _multisend,
    "safe": _safe,
    "safe-multisend": _safe_multisend,
    "execute": _execute,
    "execute-batch": _execute_batch,
    "erc7579": _erc7579,
    "entry-point": _entry_point,
    "safe-tx": _safe_tx,
    "user-operation": _user_operation,
}
