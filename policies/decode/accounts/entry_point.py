"""ERC-4337's EntryPoint 0.6, 0.7 and 0.8 (account-abstraction, EntryPoint.sol, StakeManager.sol, NonceManager.sol).

A UserOperation runs as its sender: the EntryPoint gives ``callData`` to that account, whose code makes the calls. A
failure in there is swallowed, and the gas is paid out of the account's deposit all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ....wallets.call import Call
from ....wallets.values import NATIVE, UINT256_MAX
from ...effect import Kind
from ..draft.draft import Draft, Frame
from ..draft.function import Function


@dataclass(frozen=True)
class UserOperation:
    """What of a UserOperation matters to its account; ``prefund`` is wei, the most that its gas can cost."""

    sender: str
    init_code: bytes
    call_data: bytes
    paymaster_and_data: bytes
    prefund: int


def _unpacked(operation: tuple[Any, ...]) -> UserOperation:
    """0.6: callGasLimit + verificationGasLimit (three times with a paymaster) + preVerificationGas, at maxFeePerGas."""
    sender, _, init_code, call_data, call_gas, verification_gas, pre_gas, fee, _, paymaster, _ = operation
    gas = call_gas + verification_gas * (3 if paymaster else 1) + pre_gas
    return UserOperation(sender, init_code, call_data, paymaster, min(gas * fee, UINT256_MAX))


def _packed(operation: tuple[Any, ...]) -> UserOperation:
    """0.7 and 0.8: two limits of 16 bytes in a word, and the maximum fee in the low half of another."""
    sender, _, init_code, call_data, limits, pre_gas, fees, paymaster, _ = operation
    gas = int.from_bytes(limits[:16], "big") + int.from_bytes(limits[16:], "big") + pre_gas
    prefund = min(gas * int.from_bytes(fees[16:], "big"), UINT256_MAX)
    return UserOperation(sender, init_code, call_data, paymaster, prefund)


Reader = Callable[[tuple[Any, ...]], UserOperation]


def _handle_ops(read: Reader) -> Callable[[Draft, Frame, tuple[Any, ...]], None]:
    def decode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        operations, beneficiary = arguments
        _handle(draft, frame, [read(operation) for operation in operations], beneficiary)

    return decode


def _handle_aggregated(read: Reader) -> Callable[[Draft, Frame, tuple[Any, ...]], None]:
    def decode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
        groups, beneficiary = arguments
        operations = [read(operation) for group in groups for operation in group[0]]
        _handle(draft, frame, operations, beneficiary)

    return decode


def _handle(draft: Draft, frame: Frame, operations: list[UserOperation], beneficiary: str) -> None:
    for number, operation in enumerate(operations):
        if operation.init_code:
            draft.unknown(f"what the initCode of the operation of {operation.sender} deploys or runs", frame)
        if operation.call_data:
            call = Call(to=operation.sender, data=operation.call_data)
            draft.descend(frame, (call,), sender=operation.sender, may_fail=True, first=number)
        if operation.sender == draft.account and frame.trusted:
            _gas(draft, frame, operation, beneficiary)
        elif not operation.call_data:
            draft.unknown(f"what the operation of {operation.sender}, which is not the account, does", frame)


def _gas(draft: Draft, frame: Frame, operation: UserOperation, beneficiary: str) -> None:
    """The account's gas goes to ``beneficiary``, unless a paymaster pays: it can take no more than it was approved."""
    if operation.prefund and not operation.paymaster_and_data and beneficiary != draft.account:
        draft.transfer(frame, NATIVE, operation.prefund, beneficiary, exact=False, note="gas of a UserOperation")


def deposit(draft: Draft, frame: Frame, owner: str, note: str = "deposit for gas") -> None:
    """The value of the call becomes the deposit of ``owner``, who alone may withdraw it."""
    draft.add(Kind.SUPPLY, frame, asset=NATIVE, amount=frame.value, on_behalf_of=owner, note=note)


def _deposit_to(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    deposit(draft, frame, arguments[0])


def _add_stake(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    deposit(draft, frame, draft.account, f"stake, locked until {arguments[0]} seconds after it is unlocked")


def _withdraw_to(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    to, amount = arguments
    draft.add(Kind.WITHDRAW, frame, asset=NATIVE, amount=amount, counterparty=to, on_behalf_of=to)


def _withdraw_stake(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    to = arguments[0]
    index = draft.add(Kind.WITHDRAW, frame, asset=NATIVE, counterparty=to, on_behalf_of=to, exact=False, note="stake")
    if to != draft.account:
        draft.unknown("how much the account has at stake: all of it goes", frame, beside=index, asset=NATIVE)


def _nothing(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    """Moves nothing: a plain call."""


def _functions(read: Reader, operation: str) -> tuple[Function, ...]:
    return (
        Function(f"handleOps({operation}[],address)", _handle_ops(read)),
        Function(f"handleAggregatedOps(({operation}[],address,bytes)[],address)", _handle_aggregated(read)),
        Function("depositTo(address)", _deposit_to, payable=True),
        Function("withdrawTo(address,uint256)", _withdraw_to),
        Function("addStake(uint32)", _add_stake, payable=True),
        Function("unlockStake()", _nothing),
        Function("withdrawStake(address)", _withdraw_stake),
        Function("incrementNonce(uint192)", _nothing),
    )


UNPACKED = "(address,uint256,bytes,bytes,uint256,uint256,uint256,uint256,uint256,bytes,bytes)"
PACKED = "(address,uint256,bytes,bytes,bytes32,uint256,bytes32,bytes,bytes)"
ENTRY_POINT_0_6 = _functions(_unpacked, UNPACKED)
ENTRY_POINT_0_7 = _functions(_packed, PACKED)
"""0.8 has the same functions."""
