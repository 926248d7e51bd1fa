"""Free text comes in whole characters and ends at an empty line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from treasurer.inference.streaming import TextAssembler


def test_a_character_cut_by_tokens_waits_for_its_rest() -> None:
    euro = "€".encode()
    assembler = TextAssembler()
    assert [assembler.push(euro[:1]), assembler.push(euro[1:2]), assembler.push(euro[2:])] == ["", "", "€"]


def test_the_preview_says_what_a_token_would_complete_and_changes_nothing() -> None:
    euro = "€".encode()
    assembler = TextAssembler()
    assembler.push(euro[:2])
    assert assembler.preview(euro[2:]) == "€"
    assert assembler.push(euro[2:]) == "€"


def test_an_empty_line_ends_the_text_and_is_not_part_of_it() -> None:
    for pieces in ([b"one\n\ntwo"], [b"one\n", b"\ntwo"], [b"one", b"\n", b"\n"]):
        assembler = TextAssembler()
        assert "".join(assembler.push(piece) for piece in pieces) == "one"
        assert assembler.ended


def test_a_single_line_break_is_text() -> None:
    assembler = TextAssembler()
    assert "".join(map(assembler.push, (b"one\n", b"two"))) == "one\ntwo"
    assert not assembler.ended


@given(st.text().filter(lambda text: "\n" not in text), st.data())
def test_any_cut_of_a_text_gives_the_text(text: str, data: st.DataObject) -> None:
    encoded, assembler, shown = text.encode(), TextAssembler(), ""
    while encoded:
        length = data.draw(st.integers(1, len(encoded)))
        shown += assembler.push(encoded[:length])
        encoded = encoded[length:]
    assert shown == text
