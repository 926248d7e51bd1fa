"""What a node answers, parsed: block headers, receipts, logs, and how final the chain is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

from ..errors import ChainError, InvalidValue
from ..values import ZERO_ADDRESS, parse_address, parse_hash, parse_hex

_NO_RANDAO = "0x" + "0" * 64
BlockTag = int | str
"""A block: its number, its hash, or ``latest``, ``pending``, ``safe``, ``finalized``, ``earliest``."""


def quantity(value: object) -> int:
    """The integer of a JSON-RPC quantity (``0x1a``). Raises ChainError for anything else."""
    if isinstance(value, str) and value.startswith("0x") and 2 < len(value) <= 66:
        try:
            return int(value, 16)
        except ValueError:
            pass
    raise ChainError(f"the node answered {value!r:.80} where a quantity belongs; try another endpoint")


def block_parameter(block: BlockTag) -> Any:
    """``block`` as JSON-RPC takes it (a hash by EIP-1898)."""
    if isinstance(block, int):
        return hex(block)
    return {"blockHash": block} if len(block) == 66 else block


def simulated_blocks(answer: object) -> list[dict[str, Any]]:
    """The blocks of eth_simulateV1's answer. Raises ChainError where it is no list of them."""
    if not isinstance(answer, list) or not all(isinstance(item, dict) for item in answer):
        raise ChainError("the node's simulation is no list of blocks; try another endpoint")
    return answer


@dataclass(frozen=True, slots=True)
class BlockHeader:
    """One block's header: ``timestamp`` in Unix seconds, ``base_fee`` in wei per gas (0 where the chain has none).

    ``coinbase``, ``prev_randao`` and ``gas_limit`` are what contracts see of their block beside number and time.
    """

    number: int
    hash: str
    timestamp: int
    base_fee: int
    parent_hash: str
    coinbase: str = ZERO_ADDRESS
    prev_randao: str = _NO_RANDAO
    gas_limit: int = 0

    @classmethod
    def parse(cls, answer: dict[str, Any]) -> Self:
        """From eth_getBlockBy*. Raises ChainError where a field is missing or none."""
        try:
            return cls(
                number=quantity(answer["number"]),
                hash=parse_hash(answer["hash"]),
                timestamp=quantity(answer["timestamp"]),
                base_fee=quantity(answer.get("baseFeePerGas") or "0x0"),
                parent_hash=parse_hash(answer["parentHash"]),
                coinbase=parse_address(str(answer.get("miner") or ZERO_ADDRESS).lower()),
                prev_randao=parse_hash(answer.get("mixHash") or _NO_RANDAO),
                gas_limit=quantity(answer.get("gasLimit") or "0x0"),
            )
        except (KeyError, TypeError, InvalidValue) as error:
            raise ChainError(f"the node's block header cannot be used ({error}); try another endpoint") from error


@dataclass(frozen=True, slots=True)
class Log:
    """One event: the contract that emitted it, its topics as 32-byte ``0x..`` text, its data."""

    address: str
    topics: tuple[str, ...]
    data: bytes

    @classmethod
    def parse(cls, answer: dict[str, Any]) -> Self:
        """From a JSON-RPC log. Raises ChainError where it is none."""
        try:
            return cls(
                address=parse_address(answer["address"].lower()),
                topics=tuple(parse_hash(topic) for topic in answer["topics"]),
                data=parse_hex(answer["data"]),
            )
        except (KeyError, TypeError, AttributeError, InvalidValue) as error:
            raise ChainError(f"the node's log cannot be used ({error}); try another endpoint") from error


@dataclass(frozen=True, slots=True)
class Receipt:
    """An included transaction. ``fee``: wei paid in all, with a rollup's data fee where the receipt names one."""

    transaction_hash: str
    succeeded: bool
    block_number: int
    block_hash: str
    gas_used: int
    effective_gas_price: int
    fee: int
    logs: tuple[Log, ...]

    @classmethod
    def parse(cls, answer: dict[str, Any]) -> Self:
        """From eth_getTransactionReceipt. Raises ChainError where a field is missing or none."""
        try:
            gas_used = quantity(answer["gasUsed"])
            price = quantity(answer["effectiveGasPrice"])
            return cls(
                transaction_hash=parse_hash(answer["transactionHash"]),
                succeeded=quantity(answer["status"]) == 1,
                block_number=quantity(answer["blockNumber"]),
                block_hash=parse_hash(answer["blockHash"]),
                gas_used=gas_used,
                effective_gas_price=price,
                fee=gas_used * price + quantity(answer.get("l1Fee") or "0x0"),
                logs=tuple(Log.parse(log) for log in answer["logs"]),
            )
        except (KeyError, TypeError, InvalidValue) as error:
            raise ChainError(f"the node's receipt cannot be used ({error}); try another endpoint") from error


@dataclass(frozen=True, slots=True)
class Finality:
    """Block numbers: the head, the newest that a reorg should not reach, the newest that none can."""

    latest: int
    safe: int
    finalized: int

    def of(self, number: int) -> Literal["included", "safe", "finalized"]:
        """How final a block of the canonical chain is."""
        if number <= self.finalized:
            return "finalized"
        return "safe" if number <= self.safe else "included"
