"""An answer is the one free string, and no digit in it is the model's."""

from __future__ import annotations

import pytest

from treasurer.agent.planner import plain_answer, write_answer
from treasurer.agent.planner.answer import Mask
from treasurer.tools.fact import Fact

from .scripted import Script

FACTS = [Fact(name="usdc balance", text="1,250 usdc"), Fact(name="health factor", text="1.83")]


@pytest.mark.parametrize("piece", ["250", "0x", "a1", "\u0665", "\u00b2", "{f3}", "{f3", "}", "{x", "{f1}9", "{{"])
def test_a_piece_with_a_number_or_a_fact_that_is_none_is_masked(piece: str) -> None:
    mask = Mask(2)
    mask.seen("There are ")
    assert not mask.allowed(piece)


@pytest.mark.parametrize("pieces", [["{f1}"], ["{", "f", "2", "}"], ["{f", "1}", " left"], ["about {f2}."]])
def test_placeholders_of_facts_pass_however_they_are_cut(pieces: list[str]) -> None:
    mask = Mask(2)
    for piece in pieces:
        assert mask.allowed(piece)
        mask.seen(piece)


def test_without_facts_no_placeholder_passes() -> None:
    assert not Mask(0).allowed("{")


async def test_facts_are_filled_in_by_code_and_shown_to_the_model_by_name_alone() -> None:
    script = Script(tokens=["You hold ", "9,999", "{", "f", "1", "}", ", health ", "{f2}", ".", " 0x12"])
    pieces = [piece async for piece in write_answer("how are we?", FACTS, script)]
    assert "".join(pieces) == "You hold 1,250 usdc, health 1.83."
    assert not any("1,250" in shown or "1.83" in shown for shown in script.shown)
    assert script.open == 0


async def test_an_answer_cut_off_inside_a_placeholder_ends_before_it() -> None:
    script = Script(tokens=["You hold ", "{f1"])
    assert "".join([piece async for piece in write_answer("how much?", FACTS, script)]) == "You hold "


def test_without_a_model_the_facts_are_the_answer() -> None:
    assert plain_answer(FACTS) == "usdc balance: 1,250 usdc\nhealth factor: 1.83"
    assert plain_answer([])
