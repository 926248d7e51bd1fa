"""What every bot can do. Tools of people's own are offered beside these."""

from __future__ import annotations

from .health import raise_health_factor
from .lending import borrow, repay, supply, withdraw
from .payments import transfer
from .reading import balances, health_factor, portfolio, price
from .rebalancing import rebalance
from .swaps import buy, swap
from .tool import Tool
from .wrapping import unwrap, wrap

STANDARD_TOOLS: tuple[Tool, ...] = (
    *(transfer, swap, buy, wrap, unwrap, rebalance, supply, withdraw, borrow, repay, raise_health_factor),
    *(balances, portfolio, price, health_factor),
)
"""In the order in which they are offered to the planner."""
