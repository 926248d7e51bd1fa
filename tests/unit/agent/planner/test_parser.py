"""The parser fires only when it consumes the whole sentence, in one way."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.agent.planner.forms import grammar
from treasurer.agent.planner.parser import parse
from treasurer.agent.planner.request import read_words
from treasurer.tools import Amount, Catalog, Context, InvalidTool, Payee, ToolCall, tool


def said(text: str, catalog: Catalog) -> list[str]:
    return [str(parsed.call) for parsed in parse(read_words(text, catalog.handles)[0], catalog)]


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("send 10 usdc to alice", "transfer to='alice' amount='10 usdc'"),
        ("Could you please pay Alice 1,200.50 USDC?", "transfer to='alice' amount='1200.5 usdc'"),
        ("swap half of our weth for usdc on uniswap", "swap sell='50% weth' buy='usdc' venue='uniswap-v3'"),
        ("buy weth with 500 usdc", "swap sell='500 usdc' buy='weth'"),
        ("buy 0.5 weth with usdc", "buy amount='0.5 weth' using='usdc'"),
        ("sell usdc for 0.5 weth", "buy amount='0.5 weth' using='usdc'"),
        ("rebalance to 60% weth, 40% usdc", "rebalance weights='60% weth, 40% usdc'"),
        (
            "rebalance our portfolio to 50% dai, 25% weth and 25% wbtc",
            "rebalance weights='50% dai, 25% weth, 25% wbtc'",
        ),
        ("repay all our usdc debt", "repay amount='all usdc'"),
        ("withdraw 30% of the dai from aave", "withdraw amount='30% dai' venue='aave-v3'"),
        ("wrap 1 eth", "wrap amount='1 native'"),
        ("raise the health factor to 1.8", "raise_health_factor to='1.8'"),
        ("what is our usdc balance?", "balances token='usdc'"),
        ("what's the price of ether", "price token='native'"),
        ("show me the portfolio", "portfolio"),
    ],
)
def test_a_plain_command_is_read_without_a_model(text: str, call: str, catalog: Catalog) -> None:
    assert said(text, catalog) == [call]


@pytest.mark.parametrize(
    "text",
    [
        "send 10 usdc to alice?",
        "send 10 usdc to alice tomorrow",
        "don't send 10 usdc to alice",
        "send 10 usdc to alice and bob",
        "send 10 usdc",
        "send usdc to alice",
        "send 0 usdc to alice",
        "send 10 usdc to bob's brother",
        "swap 10 usdc for usdc",
        "swap 10.0000001 usdc for weth",
        "rebalance to 60% weth, 30% usdc",
        "raise the health factor to 1",
        "raise the health factor to 2 usdc",
        "what if we send 10 usdc to alice",
    ],
)
def test_anything_else_is_left_alone(text: str, catalog: Catalog) -> None:
    assert said(text, catalog) == []


def test_each_argument_is_traced_to_its_words(catalog: Catalog) -> None:
    text = "pay alice half of our usdc"
    (parsed,) = parse(read_words(text, catalog.handles)[0], catalog)
    assert {name: [text[a:b] for a, b in spans] for name, spans in parsed.spans.items()} == {
        "to": ["alice"],
        "amount": ["half", "usdc"],
    }


def test_a_tool_of_ones_own_has_a_sentence_from_its_name_and_slots(catalog: Catalog) -> None:
    @tool(effect="propose")
    async def donate(ctx: Context, to: Payee, amount: Amount) -> Any:
        """Donate to a payee."""

    own = Catalog.of([*catalog.tools.values(), donate], catalog.handles)
    assert said("donate 5 usdc to alice", own) == ["donate to='alice' amount='5 usdc'"]


def test_two_tools_that_say_the_same_leave_it_ambiguous(catalog: Catalog) -> None:
    @tool(effect="propose", says=("send {amount} to {to}",))
    async def stream_payment(ctx: Context, to: Payee, amount: Amount) -> Any:
        """Pay slowly."""

    both = Catalog.of([*catalog.tools.values(), stream_payment], catalog.handles)
    assert [p.call.tool for p in parse(read_words("send 5 usdc to bob", both.handles)[0], both)] == [
        "transfer",
        "stream_payment",
    ]


@pytest.mark.parametrize("says", ["send (a|b {to}", "", "send {whom}", "send a)"])
def test_a_malformed_sentence_is_an_error_that_names_the_tool(says: str, catalog: Catalog) -> None:
    @tool(effect="propose", says=(says,))
    async def odd(ctx: Context, to: Payee) -> Any:
        """Odd."""

    with pytest.raises(InvalidTool, match="odd"):
        grammar(Catalog.of([odd], catalog.handles))


def test_the_words_before_a_parameter_are_known_from_the_sentences(catalog: Catalog) -> None:
    rules = grammar(catalog)
    assert rules.markers["swap", "buy"] >= {"for", "into", "to", "buy"}
    assert "into" not in rules.markers["swap", "sell"]
    assert rules.verbs["pay"] == {"transfer", "repay"}
    assert "show" not in rules.verbs
    assert ToolCall(tool="x") == ToolCall(tool="x")
