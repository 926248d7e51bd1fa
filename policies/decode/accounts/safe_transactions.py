"""What an owner of a Safe signs (safe-smart-account, contracts/Safe.sol, from 1.3.0 on: its domain names the chain).

Whoever submits the signature has the Safe make the call, and may be paid for the gas out of the Safe.
"""

from __future__ import annotations

from ....wallets.call import Call, Operation
from ....wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft
from ..draft.signed_struct import Signed, SignedStruct


def _safe_tx(draft: Draft, signed: Signed) -> None:
    message = signed.message
    safe = signed.contract
    if message["operation"] > Operation.DELEGATECALL:
        draft.unknown(f"what operation {message['operation']} of a Safe is", target=safe)
        return
    operation = Operation(message["operation"])
    call = Call(to=message["to"], value=message["value"], data=message["data"], operation=operation)
    draft.descend(None, [call], sender=safe)
    if safe == draft.account:
        _refund(draft, signed)


def _refund(draft: Draft, signed: Signed) -> None:
    """handlePayment: (gas used + baseGas) * gasPrice of gasToken to refundReceiver, or to whoever submits it."""
    message = signed.message
    if not message["gasPrice"]:
        return
    receiver = message["refundReceiver"]
    asset = NATIVE if message["gasToken"] == ZERO_ADDRESS else message["gasToken"]
    index = draft.add(
        Kind.TRANSFER,
        target=signed.contract,
        asset=asset,
        amount=min((message["safeTxGas"] + message["baseGas"]) * message["gasPrice"], UINT256_MAX),
        counterparty=None if receiver == ZERO_ADDRESS else receiver,
        exact=False,
        note="the refund of gas of a Safe",
    )
    words = f"what a refund at {message['gasPrice']} for each unit of gas comes to: it grows with the gas used"
    draft.unknown(words, target=signed.contract, asset=asset, beside=index)


def _safe_message(draft: Draft, signed: Signed) -> None:
    """CompatibilityFallbackHandler.sol: ``message`` is whatever a contract asks the Safe about by EIP-1271, a hash."""
    note = "a message of a Safe, which may stand for any order or permit"
    draft.add(Kind.RAW_SIGNATURE, target=signed.contract, note=note)


SAFE_STRUCTS = (
    SignedStruct(
        "SafeTx(address to,uint256 value,bytes data,uint8 operation,uint256 safeTxGas,uint256 baseGas,"
        "uint256 gasPrice,address gasToken,address refundReceiver,uint256 nonce)",
        _safe_tx,
    ),
    SignedStruct("SafeMessage(bytes message)", _safe_message),
)
