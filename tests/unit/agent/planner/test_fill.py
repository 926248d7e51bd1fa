"""The model fills what code left open, and `missing` is always on offer beside a value."""

from __future__ import annotations

from treasurer.agent.planner.coverage import Covered
from treasurer.agent.planner.fill import fill
from treasurer.agent.planner.limits import Spent
from treasurer.tools import ToolCall

from .scripted import Script


def reading(tool: str, **arguments: str) -> Covered:
    return Covered(ToolCall(tool=tool, arguments=arguments), {})


OPEN = [
    reading("swap", sell="5 usdc", buy="weth"),
    reading("swap", sell="5 usdc", buy="wbtc"),
    reading("buy", amount="5 usdc", using="weth"),
]


async def test_the_tool_comes_first_then_each_argument_that_differs() -> None:
    script = Script("swap", "wbtc")
    session = await script.open_session(())
    filled = await fill(session, "swap 5 usdc, weth, wbtc", OPEN, Spent(5))
    assert filled.reading == OPEN[1]
    assert script.offered == [("swap", "buy"), ("weth", "wbtc", "missing")]
    assert script.shown == ["swap 5 usdc, weth, wbtc", "tool: ", "sell: 5 usdc\nbuy: "]
    assert (filled.margin, filled.ranked[0]) == (1.5, OPEN[1].call)


async def test_missing_is_no_reading_and_ranks_the_two_best() -> None:
    script = Script("swap", "missing")
    session = await script.open_session(())
    filled = await fill(session, "swap 5 usdc", OPEN, Spent(5))
    assert filled.reading is None
    assert filled.ranked == (OPEN[0].call, OPEN[1].call)
