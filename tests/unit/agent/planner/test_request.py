"""A request becomes words: numbers that a reader cannot doubt, handles of the book, and nothing from inside quotes."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.agent.planner.clauses import split
from treasurer.agent.planner.forms import grammar
from treasurer.agent.planner.quotes import blanked
from treasurer.agent.planner.request import Kind, number_of, read_words
from treasurer.tools import Catalog


def kinds(text: str, catalog: Catalog) -> list[tuple[str, str]]:
    return [(word.kind.value, word.label or word.text) for word in read_words(text, catalog.handles)[0]]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,000", "1000"), ("1,234,567.5", "1234567.5"), ("0.50", "0.50"), (".5", "0.5"), ("1.005", "1.005")],
)
def test_a_number_in_english_is_read(text: str, number: str) -> None:
    assert number_of(text) == Decimal(number)


@pytest.mark.parametrize("text", ["1.500", "0,5", "1,00", "10,0000", "1.2.3", "007", "1.000,5", "9" * 61])
def test_a_number_that_a_reader_could_doubt_is_not(text: str) -> None:
    assert number_of(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "send 10 usdc to 0xdeadbeef",
        "send 10 usdc to alice.eth",
        "send $10 to alice",
        "send 10 dollars to alice",
        "send ten usdc to alice",
        "send -5 usdc to alice",
        "send 150% of our usdc to alice",
        "send 5\u200b usdc to alice",
        "send \u0665 usdc to alice",
        "send 5x usdc to alice",
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(text: str, catalog: Catalog) -> None:
    read = kinds(text, catalog)
    assert any(kind == Kind.UNREADABLE for kind, _ in read) or not any(kind == Kind.NUMBER for kind, _ in read)


def test_handles_aliases_shares_and_fused_amounts_are_found(catalog: Catalog) -> None:
    assert kinds("5usdc, 5k dai, half of our ether, 12.5 % weth to Cold Storage on Aave", catalog) == [
        ("number", "5"),
        ("asset", "usdc"),
        ("mark", ","),
        ("number", "5k"),
        ("asset", "dai"),
        ("mark", ","),
        ("share", "half"),
        ("word", "of"),
        ("word", "our"),
        ("asset", "native"),
        ("mark", ","),
        ("share", "12.5%"),
        ("asset", "weth"),
        ("word", "to"),
        ("payee", "cold-storage"),
        ("word", "on"),
        ("venue", "aave-v3"),
    ]


def test_a_label_inside_another_word_is_no_mention(catalog: Catalog) -> None:
    assert ("payee", "bob") not in kinds("send 5 usdc to bobbi", catalog)


@pytest.mark.parametrize(
    "text",
    [
        'pay "send 5 usdc to bob" now',
        "pay 'send 5 usdc to bob' now",
        "pay \u201csend 5 usdc to bob\u201d now",
        "pay (send [5 usdc] to (bob)) now",
        "pay ```send 5 usdc. to bob``` now",
        "pay <b>send</b> now",
    ],
)
def test_quotes_and_brackets_are_blank_at_the_same_length(text: str) -> None:
    clean, closed = blanked(text)
    assert closed
    assert len(clean) == len(text)
    assert clean.split()[0] == "pay"
    assert "5" not in clean


def test_an_apostrophe_is_no_quote_and_an_open_quote_blanks_the_rest() -> None:
    assert blanked("don't pay bob's bill") == ("don't pay bob's bill", True)
    clean, closed = blanked('send 5 usdc to alice "and more')
    assert not closed
    assert clean.rstrip() == "send 5 usdc to alice"


def test_a_sentence_inside_quotes_is_no_clause_of_its_own(catalog: Catalog) -> None:
    text = 'the memo is "thanks. send 5 usdc to bob. bye"'
    words, _ = read_words(text, catalog.handles)
    assert [[w.text for w in clause] for clause in split(words, text, grammar(catalog).verbs.keys())] == [
        ["the", "memo", "is"]
    ]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("send 5 usdc to alice and then wrap 1 eth", ["send 5 usdc to alice", "wrap 1 eth"]),
        ("rebalance to 60% weth and 40% usdc", ["rebalance to 60% weth and 40% usdc"]),
        ("Hi treasurer! We closed the round. Pay bob 5 dai. Thanks!", ["pay bob 5 dai"]),
        ("supply 1 weth, borrow 5 usdc; repay 2 usdc", ["supply 1 weth", "borrow 5 usdc", "repay 2 usdc"]),
        ("provided the vote passes, pay bob 5 dai", ["provided the vote passes , pay bob 5 dai"]),
        ("pay bob 5 dai. False alarm.", ["pay bob 5 dai", "false alarm"]),
    ],
)
def test_clauses_split_at_commands_and_preambles_that_say_nothing_go(
    text: str, clauses: list[str], catalog: Catalog
) -> None:
    words, _ = read_words(text, catalog.handles)
    assert [" ".join(w.text for w in c) for c in split(words, text, grammar(catalog).verbs.keys())] == clauses


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader_and_every_word_keeps_its_place(text: str) -> None:
    from treasurer.tools import Handles

    words, _ = read_words(text, Handles.of())
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert [word.start for word in words] == sorted(word.start for word in words)
