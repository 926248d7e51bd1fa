"""What really moved, read from the logs of a simulation or of an included transaction; and the two compared.

Sources: EIP-20, EIP-721 and EIP-1155 events; WETH9's Deposit and Withdrawal, which come without a Transfer; Permit2's
Approval, Permit and Lockdown (IAllowanceTransfer.sol); Aave v3's BorrowAllowanceDelegated (ICreditDelegationToken.sol).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from eth_utils.crypto import keccak

from ...wallets.chain import ChainClient, Log, Receipt
from ...wallets.eip712 import word
from ...wallets.errors import RpcRefused
from ...wallets.values import NATIVE, UINT256_MAX, ZERO_ADDRESS, to_hex
from ..facts import Simulated, allowance_key
from .reads.allowances import allowance_probe

NATIVE_LOG_ADDRESS = "0x" + "ee" * 20
"""The address under which traceTransfers of eth_simulateV1 logs native coin."""
DRIFT_BPS = 50
"""Between simulation and inclusion a pool's price and an index move a little; from here on it is an alarm."""


def _topic(event: str) -> str:
    return "0x" + keccak(text=event).hex()


_TRANSFER = _topic("Transfer(address,address,uint256)")
APPROVAL = _topic("Approval(address,address,uint256)")
_APPROVAL_FOR_ALL = _topic("ApprovalForAll(address,address,bool)")
_KEPT = frozenset(
    {
        _topic("Approval(address,address,address,uint160,uint48)"),
        _topic("Permit(address,address,address,uint160,uint48,uint48)"),
    }
)
_LOCKDOWN = _topic("Lockdown(address,address,address)")
_BORROW_ALLOWANCE = _topic("BorrowAllowanceDelegated(address,address,address,uint256)")
_TRANSFER_SINGLE = _topic("TransferSingle(address,address,address,uint256,uint256)")
_TRANSFER_BATCH = _topic("TransferBatch(address,address,address,uint256[],uint256[])")
_ALLOWING = _KEPT | {_LOCKDOWN, _BORROW_ALLOWANCE, APPROVAL, _APPROVAL_FOR_ALL}
_DEPOSIT = _topic("Deposit(address,uint256)")
_WITHDRAWAL = _topic("Withdrawal(address,uint256)")
_HANDING_OVER = {
    _topic(f"{event}({types})"): event
    for event, types in (
        ("OwnershipTransferred", "address,address"),
        ("Upgraded", "address"),
        ("AdminChanged", "address,address"),
        ("EnabledModule", "address"),
        ("DisabledModule", "address"),
        ("ChangedGuard", "address"),
        ("ChangedModuleGuard", "address"),
        ("ChangedFallbackHandler", "address"),
        ("ChangedMasterCopy", "address"),
        ("AddedOwner", "address"),
        ("RemovedOwner", "address"),
        ("ChangedThreshold", "uint256"),
    )
}
"""Events by which authority over a contract changes hands (ERC-173, ERC-1967, Safe)."""


@dataclass
class Movements:
    """Gross movements of one account, in base units (an NFT counts 1; an EIP-1155 event counts 1, whatever its ids).

    ``recipients``: by ``asset:recipient``, what the account sent, and all that reaches one of the addresses watched.
    ``allowances``: by ``allowance_key``, the last value that an event named. ``handed_over``: by ``contract:event``,
    the last word of an event by which authority over that contract changed hands.
    """

    outflows: Counter[str] = field(default_factory=Counter)
    inflows: Counter[str] = field(default_factory=Counter)
    recipients: Counter[str] = field(default_factory=Counter)
    allowances: dict[str, int] = field(default_factory=dict)
    handed_over: dict[str, str] = field(default_factory=dict)

    def transfer(
        self, account: str, asset: str, sender: str, recipient: str, amount: int, *, watched: bool = False
    ) -> None:
        """Count one transfer; one to oneself moves nothing."""
        if sender == recipient or not amount:
            return
        if sender == account:
            self.outflows[asset] += amount
        if recipient == account:
            self.inflows[asset] += amount
        elif sender == account or watched:
            self.recipients[f"{asset}:{recipient}"] += amount


def movements(
    logs: Iterable[Log],
    account: str,
    *,
    watch: frozenset[str] = frozenset(),
    positions: frozenset[str] = frozenset(),
    wrapped_native: frozenset[str] = frozenset(),
) -> Movements:
    """What ``logs`` say about ``account``.

    ``watch``: other recipients to follow. ``positions``: tokens that only stand for a lending position; their mints
    and burns are no movements. ``wrapped_native``: WETH9 contracts. Anybody's contract may log what it likes: these
    are checked against balances where a simulation has them, and a log that lies can only add denials and alarms.
    """
    moved = Movements()
    for log in logs:
        topic, parties = (log.topics[0], log.topics[1:]) if log.topics else ("", ())
        asset = NATIVE if log.address == NATIVE_LOG_ADDRESS else log.address
        if topic == _TRANSFER and len(parties) in (2, 3):
            sender, recipient = _address(parties[0]), _address(parties[1])
            if asset in positions and ZERO_ADDRESS in (sender, recipient):
                continue
            amount = _number(log.data) if len(parties) == 2 else 1
            moved.transfer(account, asset, sender, recipient, amount, watched=recipient in watch)
        elif topic in (_TRANSFER_SINGLE, _TRANSFER_BATCH) and len(parties) == 3:
            recipient = _address(parties[2])
            moved.transfer(account, asset, _address(parties[1]), recipient, 1, watched=recipient in watch)
        elif topic in _ALLOWING:
            moved.allowances.update(_allowed(topic, asset, parties, log, account))
        elif topic in _HANDING_OVER:
            words = [*parties, *("0x" + log.data[i : i + 32].hex() for i in range(0, len(log.data), 32))]
            moved.handed_over[f"{log.address}:{_HANDING_OVER[topic]}"] = words[-1] if words else ""
        elif log.address in wrapped_native and len(parties) == 1 and _address(parties[0]) == account:
            if topic == _DEPOSIT:
                moved.inflows[asset] += _number(log.data)
            elif topic == _WITHDRAWAL:
                moved.outflows[asset] += _number(log.data)
    return moved


def _allowed(topic: str, contract: str, parties: tuple[str, ...], log: Log, account: str) -> dict[str, int]:
    """What an event says that somebody may take of ``account``, by ``allowance_key``."""
    if not parties or _address(parties[0]) != account:
        return {}
    if topic in _KEPT and len(parties) == 3:
        return {allowance_key(_address(parties[1]), _address(parties[2]), contract): _number(log.data)}
    if topic == _LOCKDOWN and len(log.data) >= 64:
        token, spender = (_address(log.data[start : start + 32].hex()) for start in (0, 32))
        return {allowance_key(token, spender, contract): 0}
    if topic == _BORROW_ALLOWANCE and len(parties) >= 2:
        return {allowance_key(contract, _address(parties[1])): _number(log.data)}
    if topic in (APPROVAL, _APPROVAL_FOR_ALL) and len(parties) >= 2:
        return {allowance_key(contract, _address(parties[1])): _approved(topic, log, len(parties))}
    return {}


def native_transfer(sender: str, recipient: str, amount: int) -> Log:
    """Native coin that moves, as traceTransfers of eth_simulateV1 logs it."""
    topics = (_TRANSFER, to_hex(word(sender)), to_hex(word(recipient)))
    return Log(NATIVE_LOG_ADDRESS, topics, word(amount))


async def read_movements(
    chain: ChainClient, receipt: Receipt, account: str, *, wrapped_native: frozenset[str] = frozenset()
) -> Movements:
    """What an included transaction of ``account`` moved, the gas left out.

    Tokens come from the receipt's logs; allowances that they name are read as they are then. Native coin comes from the
    account's balance before and after the block, so another transaction of that block that touched the account shows up
    as a difference: a person looks, nothing is hidden.
    """
    moved = movements(receipt.logs, account, wrapped_native=wrapped_native)
    before = await chain.balance(account, receipt.block_number - 1)
    after = await chain.balance(account, receipt.block_number)
    change = after - before + receipt.fee
    if change < 0:
        moved.outflows[NATIVE] += -change
    elif change > 0:
        moved.inflows[NATIVE] += change
    for pair in moved.allowances:
        probe = allowance_probe(pair, account)
        try:
            left = await chain.call(probe.to, probe.data, receipt.block_number)
        except RpcRefused:
            continue  # A collection has no such function: its event is what there is.
        moved.allowances[pair] = _number(left) if len(left) >= 32 else moved.allowances[pair]
    return moved


def drift(simulated: Simulated, actual: Movements, *, tolerance_bps: int = DRIFT_BPS) -> tuple[str, ...]:
    """In words, where what happened is worse or other than what was simulated; empty where it is not."""
    found = []
    burned = {f"{token}:{ZERO_ADDRESS}" for token in simulated.positions}
    for asset, gross in sorted(actual.outflows.items()):
        amount = gross - (actual.recipients[f"{asset}:{ZERO_ADDRESS}"] if asset in simulated.positions else 0)
        expected = simulated.outflows.get(asset, 0)
        if amount * 10_000 > expected * (10_000 + tolerance_bps):
            found.append(f"{amount} of {asset} left, {expected} were simulated")
    for asset, expected in sorted(simulated.inflows.items()):
        amount = actual.inflows.get(asset, 0)
        if amount * 10_000 < expected * (10_000 - tolerance_bps):
            found.append(f"{amount} of {asset} came, {expected} were simulated")
    for pair in sorted(actual.recipients.keys() - simulated.recipients.keys() - burned):
        asset, _, recipient = pair.partition(":")
        found.append(f"{recipient} got {actual.recipients[pair]} of {asset}, nothing was simulated")
    for pair, allowed in sorted(actual.allowances.items()):
        token, spender = pair.split(":")[:2]
        if allowed > simulated.allowances.get(pair, 0):
            found.append(f"{spender} may take {allowed} of {token}, {simulated.allowances.get(pair, 0)} were simulated")
    return tuple(found)


def _approved(topic: str, log: Log, parties: int) -> int:
    if topic == _APPROVAL_FOR_ALL:
        return UINT256_MAX if _number(log.data) else 0
    return _number(log.data) if parties == 2 else int(_address(log.topics[2]) != ZERO_ADDRESS)


def _address(topic: str) -> str:
    return "0x" + topic[-40:]


def _number(data: bytes) -> int:
    return int.from_bytes(data[:32], "big")
