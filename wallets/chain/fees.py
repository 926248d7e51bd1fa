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


GAS_PER_CALL = 600_000
"""More than any call of treasurer's tools uses: a swap of two hops or a repayment takes about 300,000."""
FEE_RISE = 3
"""What gas may come to cost until the last call is signed, as a multiple of the present quote."""
LEAST_FEE_CEILING_WEI = 5 * 10**16
"""0.05 of the native coin: a lower ceiling would only bind by accident; limits on gas are the policy's."""


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


def gas_reserve(calls: int, max_fee_per_gas: int) -> int:
    """Wei to keep for the gas of so many calls at a quoted fee."""
    return GAS_PER_CALL * max(calls, 1) * max_fee_per_gas


def fee_ceiling(calls: int, max_fee_per_gas: int) -> int:
    """Wei that the gas of a Proposal of so many calls may cost in all, with room for fees to rise meanwhile."""
    return max(FEE_RISE * gas_reserve(calls, max_fee_per_gas), LEAST_FEE_CEILING_WEI)
