"""Wrappers of calls as tests write them: each takes calls of our account and wraps them in one more call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eth_abi import encode

from treasurer.wallets.call import Call, Operation

ZERO = "0x" + "00" * 20
ENTRY_POINT = "0x4337084d9e255ff0702461cf8895ce9e3b5ff108"
MULTISEND = "0x38869bf66a61cf6bdb996a6ae40d5853fd43b526"
MULTICALL3 = "0xca11bde05977b3631167028862be2a173976ca11"
TIMELOCK = "0x7100000000000000000000000000000000000071"
PACKED = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)"
UNPACKED = "(address,uint256,bytes,bytes,uint256,uint256,uint256,uint256,uint256,bytes,bytes)"
EXEC = "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)"
Wrap = Callable[..., Call]


def packed_calls(*calls: Call) -> bytes:
    return b"".join(
        bytes([call.operation])
        + bytes.fromhex((call.to or "")[2:])
        + call.value.to_bytes(32, "big")
        + len(call.data).to_bytes(32, "big")
        + call.data
        for call in calls
    )


def multisend(*calls: Call) -> Call:
    call = Call.encode(MULTISEND, "multiSend(bytes)", packed_calls(*calls))
    return call.model_copy(update={"operation": Operation.DELEGATECALL})


def safe_exec(safe: str, call: Call, *, safe_tx_gas: int = 0, gas_price: int = 0, receiver: str = ZERO) -> Call:
    terms = (call.to, call.value, call.data, int(call.operation), safe_tx_gas, 0, gas_price, ZERO, receiver, b"")
    return Call.encode(safe, EXEC, *terms)


def execute(account: str, call: Call) -> Call:
    return Call.encode(account, "execute(address,uint256,bytes)", call.to, call.value, call.data)


def triples(calls: tuple[Call, ...]) -> list[tuple[str | None, int, bytes]]:
    return [(call.to, call.value, call.data) for call in calls]


def batch_of_structs(account: str, *calls: Call) -> Call:
    return Call.encode(account, "executeBatch((address,uint256,bytes)[])", triples(calls))


def batch_of_lists(account: str, *calls: Call) -> Call:
    lists = [list(column) for column in zip(*triples(calls), strict=True)]
    return Call.encode(account, "executeBatch(address[],uint256[],bytes[])", *lists)


def batch_without_values(account: str, *calls: Call) -> Call:
    targets, datas = [call.to for call in calls], [call.data for call in calls]
    return Call.encode(account, "executeBatch(address[],bytes[])", targets, datas)


def mode(call_type: int, execution_type: int = 0, selector: bytes = b"\0\0\0\0") -> bytes:
    return bytes([call_type, execution_type]) + b"\0" * 4 + selector + b"\0" * 22


def batch_data(*calls: Call) -> bytes:
    return encode(["(address,uint256,bytes)[]"], [triples(calls)])


def modular_batch(account: str, *calls: Call, tried: bool = False) -> Call:
    return Call.encode(account, "execute(bytes32,bytes)", mode(1, int(tried)), batch_data(*calls))


def modular_single(account: str, call: Call, *, tried: bool = False) -> Call:
    data = bytes.fromhex((call.to or "")[2:]) + call.value.to_bytes(32, "big") + call.data
    return Call.encode(account, "execute(bytes32,bytes)", mode(0, int(tried)), data)


def operation_0_7(
    sender: str, call_data: bytes, fee: int = 0, gas: tuple[int, int, int] = (0, 0, 0)
) -> tuple[object, ...]:
    verification, execution, before = gas
    limits = verification.to_bytes(16, "big") + execution.to_bytes(16, "big")
    return (sender, 0, b"", call_data, limits, before, b"\0" * 16 + fee.to_bytes(16, "big"), b"", b"")


def handle_ops(*operations: tuple[object, ...], beneficiary: str) -> Call:
    return Call.encode(ENTRY_POINT, f"handleOps({PACKED}[],address)", list(operations), beneficiary)


def aggregate3(*calls: Call) -> Call:
    terms = [(call.to, True, call.value, call.data) for call in calls]
    return Call.encode(MULTICALL3, "aggregate3Value((address,bool,uint256,bytes)[])", terms)


@dataclass(frozen=True)
class Wrapper:
    """One way to have calls made. ``kind``: what the account must be for the calls to be ours; None where never."""

    kind: str | None
    wrap: Callable[[str, tuple[Call, ...]], Call]


WRAPPERS: dict[str, Wrapper] = {
    "MultiSend": Wrapper("safe", lambda account, calls: multisend(*calls)),
    "execTransaction of a MultiSend": Wrapper("safe", lambda account, calls: safe_exec(account, multisend(*calls))),
    "executeBatch of 0.6": Wrapper("simple-account-0.6", lambda account, calls: batch_without_values(account, *calls)),
    "executeBatch of 0.7": Wrapper("simple-account-0.7", lambda account, calls: batch_of_lists(account, *calls)),
    "executeBatch of 0.8": Wrapper("simple-account-0.8", lambda account, calls: batch_of_structs(account, *calls)),
    "executeBatch of 7702": Wrapper("simple-7702-account", lambda account, calls: batch_of_structs(account, *calls)),
    "ERC-7579": Wrapper("erc7579-account", lambda account, calls: modular_batch(account, *calls)),
    "ERC-7821": Wrapper("erc7821-account", lambda account, calls: modular_batch(account, *calls)),
    "EntryPoint": Wrapper(
        "simple-account-0.8",
        lambda account, calls: handle_ops(
            operation_0_7(account, batch_of_structs(account, *calls).data), beneficiary=account
        ),
    ),
    "Multicall3": Wrapper(None, lambda account, calls: aggregate3(*calls)),
    "another account": Wrapper(None, lambda account, calls: batch_of_structs("0x" + "77" * 20, *calls)),
    "a timelock": Wrapper(
        None,
        lambda account, calls: Call.encode(
            TIMELOCK,
            "scheduleBatch(address[],uint256[],bytes[],bytes32,bytes32,uint256)",
            *[list(column) for column in zip(*triples(calls), strict=True)],
            b"\0" * 32,
            b"\0" * 32,
            3600,
        ),
    ),
}


def venues(account: str, wrapper: Wrapper) -> dict[str, str]:
    """A book's pinned venues, where the account is what the wrapper needs."""
    found = {
        ENTRY_POINT: "entry-point-0.8",
        MULTISEND: "safe-multisend",
        MULTICALL3: "multicall3",
        TIMELOCK: "timelock-controller",
        "0x" + "77" * 20: "simple-account-0.8",
    }
    return found if wrapper.kind is None else {**found, account: wrapper.kind}
