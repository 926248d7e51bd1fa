"""UserOperations of EntryPoint v0.8 (account-abstraction, contracts/core/UserOperationLib.sol; ERC-4337, EIP-7702).

Earlier EntryPoints have a bare hash signed, which is a raw signature.
"""

from __future__ import annotations

from ....wallets.call import Call
from ....wallets.values import NATIVE, UINT256_MAX, to_hex
from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct, require_kind

ENTRY_POINT = "entry-point-0.8"
"""The kind of the one EntryPoint whose UserOperations are typed data."""
EIP7702_MARKER = bytes.fromhex("7702")
"""Eip7702Support.sol: an initCode that begins so stands for an authorization of EIP-7702 that goes along."""
PAYMASTER_GAS_END = 52
"""paymasterAndData: address (20 bytes), gas to verify and gas after the operation (16 each), data."""


def _user_operation(draft: Draft, signed: Signed) -> None:
    before = len(draft.effects)
    message, sender = signed.message, signed.message["sender"]
    call = Call(to=sender, data=message["callData"])
    if sender == draft.account and not call.data:
        draft.add(Kind.CALL, target=sender, note="a UserOperation without a call")
    else:
        draft.descend(None, [call], sender=sender)
    _init_code(draft, signed)
    _gas(draft, signed, before)


def _init_code(draft: Draft, signed: Signed) -> None:
    code = signed.message["initCode"]
    if not code:
        return
    if code.startswith(EIP7702_MARKER):
        draft.add(Kind.SET_CODE, target=signed.message["sender"], note="initCode of EIP-7702: what code is not said")
        return
    factory = to_hex(code[:20]) if len(code) >= 20 else None
    index = draft.add(Kind.CONTRACT_CREATION, target=factory, note="initCode of a UserOperation")
    words = "whether the initCode names a factory, or the code of an EIP-7702 account: both are signed alike"
    draft.unknown(words, target=factory, beside=index)


def _gas(draft: Draft, signed: Signed, first: int) -> None:
    """What the EntryPoint takes of the account at most, for whoever bundles it: every gas limit at the maximum fee."""
    message, entry_point = signed.message, signed.contract
    paymaster = message["paymasterAndData"]
    if paymaster:
        require_kind(draft, entry_point, first, ENTRY_POINT)
        if len(paymaster) < PAYMASTER_GAS_END:
            draft.unknown("what a paymaster without its gas limits is", target=entry_point, beside=first)
        note = f"gas paid by the paymaster {to_hex(paymaster[:20])}"
        draft.effects[first]["note"] = "; ".join(filter(None, (draft.effects[first].get("note"), note)))
        return
    limits = message["accountGasLimits"]
    gas = int.from_bytes(limits[:16], "big") + int.from_bytes(limits[16:], "big") + message["preVerificationGas"]
    fee = int.from_bytes(message["gasFees"][16:], "big")
    most = min(gas * fee, UINT256_MAX)
    fields = {"target": entry_point, "exact": False, "note": "the gas of a UserOperation"}
    index = draft.transfer(None, NATIVE, most, entry_point, **fields)
    require_kind(draft, entry_point, index, ENTRY_POINT)


USER_OPERATIONS = (
    SignedStruct(
        "PackedUserOperation(address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,"
        "uint256 preVerificationGas,bytes32 gasFees,bytes paymasterAndData)",
        _user_operation,
    ),
)
