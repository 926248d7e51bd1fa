"""The nearest word is the one that fewest slips of the hand lead from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.wallets.hints import nearest, nearest_or_all, nearest_word


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("uscd", ["native", "usd", "usdc"], "usdc"),
        ("usdcc", ["usd", "usdc"], "usdc"),
        ("USDC", ["usd", "usdc"], "usdc"),
        ("utc", ["Etc/UCT", "UCT", "UTC"], "UTC"),
        ("aprove", ["approve", "resume", "stop"], "approve"),
        ("recipent", ["asset", "recipient"], "recipient"),
        ("payees", ["partners"], ""),
        ("", ["a"], ""),
    ],
)
def test_the_nearest_word_is_found_or_none(word: str, known: list[str], found: str) -> None:
    assert nearest_word(word, known) == found


@given(st.permutations("abcdefghi"), st.lists(st.text("abcdefghi", min_size=4, max_size=8)), st.data())
def test_a_word_is_nearest_to_itself_and_one_slip_away_has_a_nearest(
    letters: list[str], others: list[str], data: st.DataObject
) -> None:
    word = "".join(letters[:6])
    known = [word, *others]
    assert nearest_word(word, known) == nearest_word(word.upper(), known) == word
    slipped = data.draw(
        st.sampled_from([word[:1] + word[2:], word + "z", "z" + word[1:], word[1] + word[0] + word[2:]])
    )
    assert nearest_word(slipped, [word]) == word
    assert nearest_word(slipped, known) == nearest_word(slipped, known[::-1])


def test_the_end_of_the_sentence() -> None:
    assert nearest("ruels", ["rules"]) == '; did you mean "rules"?'
    assert nearest("x", ["rules"]) == ""
    assert nearest_or_all("x", ["b", "a"]) == "; known here: a, b"
    assert nearest_or_all("x", []) == "; known here: none"
