"""Fee arithmetic of EIP-1559, as functions of what eth_feeHistory answered."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median_low
from typing import Any

from ..errors import ChainError
from .values import quantity

HISTORY_BLOCKS = 10
TIP_PERCENTILE = 50
LEAST_TIP = 1_000_000
"""Wei per gas offered where recent blocks paid none: rollups order by it, and it costs nothing (0.001 gwei)."""
_BUMP_NUMERATOR, _BUMP_DENOMINATOR = 9, 8
"""A replacement offers 12.5 % more: geth's pool asks 10 % of both fees, others 12.5 %."""


@dataclass(frozen=True, slots=True)
class FeeQuote:
    """Wei per gas: the most that is paid in all, and the tip within it."""

    max_fee_per_gas: int
    max_priority_fee_per_gas: int


def quote_fees(history: dict[str, Any]) -> FeeQuote:
    """Twice the next block's base fee plus the usual tip: it stays includable through six full blocks (1.125^6 > 2).

    ``history`` is eth_feeHistory's answer with one reward percentile. Raises ChainError where it cannot be used.
    """
    try:
        next_base_fee = quantity(history["baseFeePerGas"][-1])
        paid = [quantity(rewards[0]) for rewards in history.get("reward") or () if rewards]
    except (KeyError, IndexError, TypeError) as error:
        raise ChainError("the node's fee history cannot be used; try another endpoint") from error
    paid = [tip for tip in paid if tip > 0]
    tip = max(LEAST_TIP, median_low(paid)) if paid else LEAST_TIP
    return FeeQuote(max_fee_per_gas=2 * next_base_fee + tip, max_priority_fee_per_gas=tip)


def replacement_fees(previous: FeeQuote, quote: FeeQuote) -> FeeQuote:
    """Fees that replace ``previous`` at the same nonce: the present quote, or the bump that every pool takes."""
    return FeeQuote(
        max_fee_per_gas=max(quote.max_fee_per_gas, _bumped(previous.max_fee_per_gas)),
        max_priority_fee_per_gas=max(quote.max_priority_fee_per_gas, _bumped(previous.max_priority_fee_per_gas)),
    )


def _bumped(wei: int) -> int:
    return -(-wei * _BUMP_NUMERATOR // _BUMP_DENOMINATOR) + 1
