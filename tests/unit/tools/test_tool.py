"""A tool says what the planner must know of it, and a call is texts until code resolves it."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from treasurer.tools import (
    Amount,
    Basis,
    Catalog,
    Context,
    Handles,
    InvalidArgument,
    InvalidTool,
    Payee,
    Token,
    ToolCall,
    UnknownHandle,
    tool,
)

HANDLES = Handles.of(
    payees=[Payee("alice", "0x" + "a1" * 20)],
    tokens=[Token("usdc", "0x" + "c0" * 20, 6), Token("weth", "0x" + "ee" * 20, 18)],
    unit="usdc",
)


@tool(effect="propose")
async def donate(ctx: Context, to: Payee, amount: Annotated[Amount, Basis.SUPPLIED]) -> Any:
    """Donate to a payee.

    More that no prompt shows.
    """
    return to, amount


@tool(effect="read")
async def balances(ctx: Context, token: Token | None = None) -> Any:
    """What the account holds."""
    return token


@tool(effect="propose")
async def swap(ctx: Context, sell: Amount, buy: Token) -> Any:
    """Sell one asset for another."""
    return sell, buy


class Holding:
    """The one part of a Context that resolving needs."""

    handles = HANDLES

    def __init__(self) -> None:
        self.asked: list[tuple[str, Basis]] = []

    async def holding(self, token: Token, basis: Basis) -> int:
        self.asked.append((token.label, basis))
        return 1_000_001


def test_a_tool_knows_its_name_line_slots_and_sentence() -> None:
    assert (donate.name, donate.line, donate.topic) == ("donate", "Donate to a payee.", "other")
    assert [(p.name, p.slot, p.basis, p.required) for p in donate.parameters] == [
        ("to", Payee, Basis.BALANCE, True),
        ("amount", Amount, Basis.SUPPLIED, True),
    ]
    assert donate.says == ("donate {amount} to {to}",)
    assert balances.topic == "answer"
    assert not balances.parameters[0].required


def test_a_scripted_call_is_texts_in_the_order_of_the_signature() -> None:
    assert donate.call(amount="5", to="alice") == ToolCall(tool="donate", arguments={"to": "alice", "amount": "5"})
    assert list(donate.call(amount="5", to="alice").arguments) == ["to", "amount"]


@pytest.mark.parametrize("arguments", [{}, {"to": "alice"}, {"to": "alice", "amount": "5", "note": "hi"}])
def test_a_call_with_other_arguments_is_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(InvalidArgument):
        donate.call(**arguments)


async def test_running_a_call_resolves_labels_to_the_book_and_shares_to_base_units() -> None:
    context = Holding()
    to, amount = await donate.run(context, donate.call(to="alice", amount="50%"))  # type: ignore[arg-type]
    assert to.address == "0x" + "a1" * 20
    assert (amount.base_units, amount.token.label, amount.everything) == (500_000, "usdc", False)
    assert context.asked == [("usdc", Basis.SUPPLIED)]


async def test_a_number_needs_no_balance() -> None:
    context = Holding()
    _, amount = await donate.run(context, donate.call(to="alice", amount="5"))  # type: ignore[arg-type]
    assert amount.base_units == 5_000_000
    assert context.asked == []


async def test_a_label_that_the_book_lacks_is_never_an_address() -> None:
    with pytest.raises(UnknownHandle, match=r"book[.]yaml"):
        await donate.run(Holding(), donate.call(to="0x" + "b0" * 20, amount="5"))  # type: ignore[arg-type]


def test_a_catalog_refuses_two_tools_of_one_name_and_an_asset_for_itself() -> None:
    with pytest.raises(InvalidTool, match="two tools"):
        Catalog.of([donate, donate], HANDLES)
    catalog = Catalog.of([swap], HANDLES)
    assert catalog.checked(swap.call(sell="5.0 usdc", buy="weth")).arguments == {"sell": "5 usdc", "buy": "weth"}
    with pytest.raises(InvalidArgument, match="two different assets"):
        catalog.checked(swap.call(sell="5 usdc", buy="usdc"))


def test_what_the_planner_could_not_offer_is_no_tool() -> None:
    async def silent(ctx: Context, to: Payee) -> None: ...

    async def odd(ctx: Context, times: int) -> None:
        """Count."""

    def blocking(ctx: Context) -> None:
        """Block."""

    for function, why in [(silent, "docstring"), (odd, "annotated"), (blocking, "async")]:
        with pytest.raises(InvalidTool, match=why):
            tool(effect="propose")(function)  # type: ignore[arg-type]
