"""Contract accounts whose code makes the calls that it is given: ERC-4337's samples, ERC-7579, ERC-7821, EIP-7702.

Sources: account-abstraction 0.6, 0.7 and 0.8 (SimpleAccount.sol, BaseAccount.sol, Simple7702Account.sol), ERC-7579,
ERC-7821. The account is the sender of what it makes, and makes it or reverts, unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ....wallets.call import Call, Operation
from ....wallets.values import NATIVE, ZERO_ADDRESS
from ...effect import Kind
from ..draft.abi import NotCanonical, decode
from ..draft.draft import Draft, Frame
from ..draft.function import Function

CALL_SINGLE, CALL_BATCH, CALL_DELEGATE = 0x00, 0x01, 0xFF
"""ERC-7579's call types: the first byte of a mode."""
EXECUTE_OR_REVERT, EXECUTE_AND_TRY = 0x00, 0x01
"""ERC-7579's execution types: the second byte."""
PLAIN = b"\0" * 4
"""The default mode selector."""
WITH_OPERATOR_DATA = bytes.fromhex("78210001")
BATCH_OF_BATCHES = bytes.fromhex("78210002")
"""ERC-7821's mode selectors."""
BATCH = "batch((address,uint256,bytes)[])"
BATCH_WITH_DATA = "batch((address,uint256,bytes)[],bytes)"


def _execute(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    target, value, data = arguments
    draft.descend(frame, (Call(to=target, value=value, data=data),), sender=frame.target)


def _batch(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _make(draft, frame, arguments[0])


def _make(draft: Draft, frame: Frame, calls: Iterable[tuple[str, int, bytes]], *, may_fail: bool = False) -> None:
    inner = [Call(to=target, value=value, data=data) for target, value, data in calls]
    draft.descend(frame, inner, sender=frame.target, may_fail=may_fail)


def _batch_without_values(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    _batch_of_lists(draft, frame, (arguments[0], (), arguments[1]))


def _batch_of_lists(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """No values at all means zero for each (SimpleAccount.sol)."""
    targets, values, datas = arguments
    if len(targets) != len(datas) or (values and len(values) != len(targets)):
        draft.unknown(f"what executeBatch of {frame.target} does with lists of different lengths", frame)
        return
    _make(draft, frame, zip(targets, values or (0,) * len(targets), datas, strict=True))


def _add_deposit(draft: Draft, frame: Frame, _: tuple[Any, ...]) -> None:
    draft.add(Kind.SUPPLY, frame, asset=NATIVE, amount=frame.value, on_behalf_of=frame.target, note="at the EntryPoint")


def _withdraw_deposit(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    to, amount = arguments
    draft.add(
        Kind.WITHDRAW, frame, asset=NATIVE, amount=amount, counterparty=to, on_behalf_of=to, note="at the EntryPoint"
    )


def _mode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """ERC-7579: call type (1 byte), execution type (1), unused (4), mode selector (4), payload (22)."""
    draft.keep_value(frame)
    mode, data = arguments
    call_type, execution_type = mode[0], mode[1]
    if any(mode[2:]) or execution_type not in (EXECUTE_OR_REVERT, EXECUTE_AND_TRY):
        draft.unknown(f"what the execution mode 0x{mode.hex()} of {frame.target} means", frame)
        return
    may_fail = execution_type == EXECUTE_AND_TRY
    try:
        if call_type == CALL_BATCH:
            _make(draft, frame, decode(BATCH, data)[0], may_fail=may_fail)
        elif call_type == CALL_SINGLE:
            draft.descend(frame, (_packed(data),), sender=frame.target, may_fail=may_fail)
        elif call_type == CALL_DELEGATE:
            draft.descend(frame, (_packed_delegatecall(data),), sender=frame.target, may_fail=may_fail)
        else:
            draft.unknown(f"what call type 0x{call_type:02x} of {frame.target} does", frame)
    except NotCanonical as fault:
        draft.unknown(f"what {frame.target} executes: it is not canonical, {fault}", frame)


def _packed(data: bytes) -> Call:
    """Target (20 bytes), value (32), calldata. Raises NotCanonical."""
    if len(data) < 52:
        raise NotCanonical("a packed call has a target of 20 bytes and a value of 32")
    return Call(to="0x" + data[:20].hex(), value=int.from_bytes(data[20:52], "big"), data=data[52:])


def _packed_delegatecall(data: bytes) -> Call:
    """Target (20 bytes), calldata. Raises NotCanonical."""
    if len(data) < 20:
        raise NotCanonical("a packed delegatecall has a target of 20 bytes")
    return Call(to="0x" + data[:20].hex(), data=data[20:], operation=Operation.DELEGATECALL)


def _batch_mode(draft: Draft, frame: Frame, arguments: tuple[Any, ...]) -> None:
    """ERC-7821: a batch that reverts as a whole; in its other modes with data for the account, or batches of those."""
    draft.keep_value(frame)
    mode, data = arguments
    selector, known = mode[6:10], mode[0] == CALL_BATCH and not any(mode[1:6]) and not any(mode[10:])
    if not known or selector not in (PLAIN, WITH_OPERATOR_DATA, BATCH_OF_BATCHES):
        draft.unknown(f"what the execution mode 0x{mode.hex()} of {frame.target} means", frame)
        return
    try:
        batches = decode("batches(bytes[])", data)[0] if selector == BATCH_OF_BATCHES else (data,)
        calls = [call for batch in batches for call in _calls_of_batch(batch, plain=selector == PLAIN)]
    except NotCanonical as fault:
        draft.unknown(f"what {frame.target} executes: it is not canonical, {fault}", frame)
        return
    _make(draft, frame, [(frame.target if to == ZERO_ADDRESS else to, value, data) for to, value, data in calls])


def _calls_of_batch(data: bytes, *, plain: bool) -> tuple[tuple[str, int, bytes], ...]:
    """The calls of one batch. Raises NotCanonical, also for operator data: what it authorizes is the account's own."""
    if plain or data[:32] == (32).to_bytes(32, "big"):
        calls: tuple[tuple[str, int, bytes], ...] = decode(BATCH, data)[0]
        return calls
    calls, operator_data = decode(BATCH_WITH_DATA, data)
    if operator_data:
        raise NotCanonical("it has operator data, and what that means is the account's own")
    return calls


_EXECUTE = Function("execute(address,uint256,bytes)", _execute)
_DEPOSITS = (
    Function("addDeposit()", _add_deposit, payable=True),
    Function("withdrawDepositTo(address,uint256)", _withdraw_deposit),
)
SIMPLE_ACCOUNT_0_6 = (_EXECUTE, Function("executeBatch(address[],bytes[])", _batch_without_values), *_DEPOSITS)
SIMPLE_ACCOUNT_0_7 = (_EXECUTE, Function("executeBatch(address[],uint256[],bytes[])", _batch_of_lists), *_DEPOSITS)
BASE_ACCOUNT_0_8 = (_EXECUTE, Function("executeBatch((address,uint256,bytes)[])", _batch))
SIMPLE_ACCOUNT_0_8 = (*BASE_ACCOUNT_0_8, *_DEPOSITS)
ERC7579_ACCOUNT = tuple(
    Function(f"{name}(bytes32,bytes)", _mode, payable=True) for name in ("execute", "executeFromExecutor")
)
ERC7821_ACCOUNT = (Function("execute(bytes32,bytes)", _batch_mode, payable=True),)
