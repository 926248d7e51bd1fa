"""Typed data as tests write it: an order, a transaction of a Safe, a UserOperation, a permit with a witness."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

from treasurer.policies.decode.draft.eip712_struct import parse_types
from treasurer.policies.decode.typed_data import STRUCTS
from treasurer.policies.effect import Effect
from treasurer.wallets.call import Call

ZERO = "0x" + "0" * 40
SEAPORT = "0x0000000000000068f116a894984e2db1123eb395"
DELEGATION_MANAGER = "0xdb9b1e94b5b69df7e401ddbede43491141047db3"
ENTRY_POINT = "0x4337084d9e255ff0702461cf8895ce9e3b5ff108"
CHAIN = [{"name": "chainId", "type": "uint256"}, {"name": "verifyingContract", "type": "address"}]


def struct(name: str, member: str = "") -> str:
    return next(one.encoded for one in STRUCTS if one.encoded.startswith(f"{name}(") and member in one.encoded)


def typed(encoded: str, contract: str, message: dict[str, Any], **domain: Any) -> dict[str, Any]:
    types = parse_types(encoded)
    return {
        "types": {"EIP712Domain": CHAIN, **copy.deepcopy(types.members)},
        "primaryType": types.primary,
        "domain": {"chainId": 1, "verifyingContract": contract, **domain},
        "message": message,
    }


def kinds(effects: tuple[Effect, ...]) -> list[str]:
    return [effect.kind.value for effect in effects]


def item(kind: int, token: str, start: int, end: int | None = None, **more: Any) -> dict[str, Any]:
    amounts = {"startAmount": str(start), "endAmount": str(start if end is None else end)}
    return {"itemType": kind, "token": token, "identifierOrCriteria": "0", **amounts, **more}


def order_of(who: SimpleNamespace, **changed: Any) -> dict[str, Any]:
    """1,000 USDC offered for at least 0.39 WETH."""
    return {
        "offerer": who.self,
        "zone": ZERO,
        "offer": [item(1, who.usdc, 10**9)],
        "consideration": [item(1, who.weth, 4 * 10**17, 39 * 10**16, recipient=who.self)],
        "orderType": 0,
        "startTime": "1000",
        "endTime": "1900",
        "zoneHash": "0x" + "00" * 32,
        "salt": "7",
        "conduitKey": "0x" + "00" * 32,
        "counter": "0",
    } | changed


def listing(who: SimpleNamespace, contract: str = SEAPORT, **changed: Any) -> dict[str, Any]:
    return typed(struct("OrderComponents"), contract, order_of(who, **changed))


def safe_tx(who: SimpleNamespace, safe: str, **changed: Any) -> dict[str, Any]:
    call = Call.encode(who.usdc, "transfer(address,uint256)", who.alice, 5)
    message = {
        "to": who.usdc,
        "value": "0",
        "data": "0x" + call.data.hex(),
        "operation": 0,
        "safeTxGas": "0",
        "baseGas": "0",
        "gasPrice": "0",
        "gasToken": ZERO,
        "refundReceiver": ZERO,
        "nonce": "3",
    }
    return typed(struct("SafeTx"), safe, message | changed)


def operation_of(who: SimpleNamespace, **changed: Any) -> dict[str, Any]:
    message = {
        "sender": who.self,
        "nonce": "1",
        "initCode": "0x",
        "callData": "0x",
        "accountGasLimits": "0x" + f"{100:032x}{200:032x}",
        "preVerificationGas": "50",
        "gasFees": "0x" + f"{1:032x}{3:032x}",
        "paymasterAndData": "0x",
    }
    return typed(struct("PackedUserOperation"), ENTRY_POINT, message | changed)


def witnessed(who: SimpleNamespace, batch: bool = False) -> dict[str, Any]:
    permitted = {"token": who.usdc, "amount": 5}
    name = "PermitBatchWitnessTransferFrom" if batch else "PermitWitnessTransferFrom"
    kind = "TokenPermissions[]" if batch else "TokenPermissions"
    encoded = (
        f"{name}({kind} permitted,address spender,uint256 nonce,uint256 deadline,Order witness)"
        "Order(address buyer,Lot[] lots,int24 tick,bytes data)Lot(uint256 size)"
        "TokenPermissions(address token,uint256 amount)"
    )
    order = {"buyer": who.alice, "lots": [{"size": 3}], "tick": -5, "data": "0xabcd"}
    message = {"permitted": [permitted] if batch else permitted, "spender": who.router, "nonce": 0, "deadline": 1900}
    return typed(encoded, who.permit2, message | {"witness": order})
