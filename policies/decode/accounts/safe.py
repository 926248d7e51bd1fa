"""Safe (safe-smart-account 1.3 to 1.4, Safe.sol, ModuleManager.sol): it is the sender of the calls that it makes."""

from __future__ import annotations

from typing import Any

from ....wallets.call import Call, Operation
from ....wallets.values import NATIVE, ZERO_ADDRESS
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function


def _make(draft: Draft, frame: Frame, arguments: tuple[Any, ...], *, may_fail: bool) -> None:
    to, value, data, operation = arguments
    if operation > Operation.DELEGATECALL:
        draft.unknown(f"what operation {operation} of a Safe is", frame)
        return
    call = Call(to=to, value=value, data=data, operation=Operation(operation))
    draft.descend(frame, (call,), sender=frame.target, may_fail=may_fail)


def _exec_transaction(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """With safeTxGas or gasPrice a failure inside is swallowed; without both it reverts (GS013)."""
    safe_tx_gas, _, gas_price, gas_token, refund_receiver = arguments[4:9]
    _make(draft, frame, arguments[:4], may_fail=bool(safe_tx_gas or gas_price))
    draft.keep_value(frame)
    if gas_price:
        words = f"what the Safe {frame.target} pays back for gas: {gas_price} for each unit of gas that is used"
        receiver = None if refund_receiver == ZERO_ADDRESS else refund_receiver
        asset = NATIVE if gas_token == ZERO_ADDRESS else gas_token
        draft.unknown(words, frame, asset=asset, counterparty=receiver)


def _from_module(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """A module's call may fail and says so in what it returns."""
    _make(draft, frame, arguments, may_fail=True)


def _approve_hash(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    note = f"approves the Safe transaction with the hash 0x{arguments[0].hex()}, whatever it is"
    draft.add(Kind.RAW_SIGNATURE, frame, note=note)


def _setup(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    owners, _, to, data, fallback_handler = arguments[:5]
    draft.add(Kind.OWNERSHIP_CHANGE, frame, counterparty=owners[-1] if owners else None, note="sets up a Safe")
    if fallback_handler != ZERO_ADDRESS:
        draft.add(Kind.MODULE_CHANGE, frame, counterparty=fallback_handler)
    if to != ZERO_ADDRESS:
        call = Call(to=to, data=data, operation=Operation.DELEGATECALL)
        draft.descend(frame, (call,), sender=frame.target)


SAFE = (
    Function(
        "execTransaction(address,uint256,bytes,uint8,uint256,uint256,uint256,address,address,bytes)",
        _exec_transaction,
        payable=True,
    ),
    Function("execTransactionFromModule(address,uint256,bytes,uint8)", _from_module),
    Function("execTransactionFromModuleReturnData(address,uint256,bytes,uint8)", _from_module),
    Function("approveHash(bytes32)", _approve_hash),
    Function("setup(address[],uint256,address,bytes,address,address,uint256,address)", _setup),
)
