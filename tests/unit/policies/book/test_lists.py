"""lists/*.txt: a line is what a person sees as one, and nothing hides in it."""

from __future__ import annotations

import pytest
from pydantic_core import PydanticCustomError

from treasurer.policies.book.lists import read_addresses

A, B = ("0x" + digit * 40 for digit in "ab")


def test_lines_end_by_a_line_feed_with_or_without_a_return_and_a_bom_is_passed_over() -> None:
    source = f"\ufeff# sanctions\r\n{A}\t# one\n\n  {B}"
    assert read_addresses(source.encode(), "lists/x.txt") == {A, B}


@pytest.mark.parametrize("end", ["\r", "\f", "\v", "\x1c", "\x85", "\u2028", "\u2029", "\u200b", "\ufeff"])
def test_another_end_of_a_line_is_a_fault_at_its_place(end: str) -> None:
    """A reader that ends the line there reads B; one that does not takes it for the comment's."""
    with pytest.raises(PydanticCustomError) as error:
        read_addresses(f"{A}\n# old{end}{B}\n".encode(), "lists/x.txt")
    assert f"lists/x.txt:2:6: the character U+{ord(end):04X}" in str(error.value)
