"""Only calls that cover the clause are on offer: every mention consumed, every value traced, no word against it."""

from __future__ import annotations

import pytest

from treasurer.agent.planner.coverage import covered
from treasurer.agent.planner.request import read_words
from treasurer.tools import Catalog


def readings(text: str, catalog: Catalog) -> list[str]:
    words, _ = read_words(text, catalog.handles)
    tools = [tool for tool in catalog.tools.values() if tool.effect == "propose"]
    return [str(reading.call) for reading in covered(words, tools, catalog)]


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("forward 12 dai to carol", ["transfer to='carol' amount='12 dai'"]),
        ("alice needs 40 usdc for the hosting", ["transfer to='alice' amount='40 usdc'"]),
        ("settle carol's invoice, 320 dai", ["transfer to='carol' amount='320 dai'"]),
        ("grab 0.25 weth with usdc", ["buy amount='0.25 weth' using='usdc'"]),
        ("flip all our dai to usdc", ["swap sell='all dai' buy='usdc'"]),
        ("get 0.5 weth for usdc", ["buy amount='0.5 weth' using='usdc'"]),
        ("swap 250 to weth from usdc", ["swap sell='250 usdc' buy='weth'"]),
    ],
)
def test_a_unique_reading_needs_no_model(text: str, calls: list[str], catalog: Catalog) -> None:
    assert readings(text, catalog) == calls


@pytest.mark.parametrize(
    "text",
    [
        "send 5 usdc to alice and bob",
        "send 5 usdc and 3 dai to alice",
        "send 5 usdc to alice 3",
        "send 5 usdc from alice",
        "ask alice for 5 usdc",
        "send 5 usdc to dave, a friend of alice",
        "send 5 usdc to bob's brother",
        "send 5 usdc to the alice fund",
        "send 5 usdc to alice on arbitrum",
        "turn 500 usdc and weth into pepe",
        "swap 5 usdc for weth lp tokens",
        "withdraw 5 usdc to alice",
        "lend alice 50 usdc",
        "swap 5 usdc for usdc",
        "swap 100 usdc for weth with 1% slippage",
        "our health factor, 2",
    ],
)
def test_what_no_call_covers_has_no_reading(text: str, catalog: Catalog) -> None:
    assert readings(text, catalog) == []


def test_where_the_words_leave_it_open_the_model_gets_the_choice(catalog: Catalog) -> None:
    # A debt can be repaid to aave as well as a deposit supplied to it.
    assert readings("move 500 usdc to aave", catalog) == [
        "supply amount='500 usdc' venue='aave-v3'",
        "repay amount='500 usdc' venue='aave-v3'",
    ]


def test_a_tool_that_takes_an_amount_alone_needs_its_verb(catalog: Catalog) -> None:
    for text, calls in [("change 5 usdc", []), ("unwrap, please, 5 weth", ["unwrap amount='5 weth'"])]:
        words, _ = read_words(text, catalog.handles)
        assert [str(reading.call) for reading in covered(words, catalog.under("swap"), catalog)] == calls
