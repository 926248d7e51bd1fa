"""Names that look like one another are not two names in one book."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treasurer.policies.book.book import Book
from treasurer.policies.book.confusables import skeleton
from treasurer.policies.errors import DocumentError


def read(*entries: str) -> Book:
    lines = [f'  {entry}, chains: [1], address: "0x{number:040x}"}}' for number, entry in enumerate(entries, start=1)]
    return Book.read(("version: 1\npayees:\n" + "\n".join(lines) + "\n").encode())


@pytest.mark.parametrize(
    ("one", "other"),
    [("alice", "aIice"), ("alice", "a1ice"), ("aIice", "a1ice"), ("modern", "modem"), ("bob", "b0b"), ("Bob", "bob")],
)
def test_two_labels_that_look_alike_are_a_fault_that_names_both(one: str, other: str) -> None:
    with pytest.raises(DocumentError, match=rf"book.yaml:4:3: payees.{other}: {other} and {one} look like"):
        read(f"{one}: {{note: x", f"{other}: {{note: x")


def test_labels_of_two_sections_are_held_against_each_other() -> None:
    source = b'version: 1\npayees: {alice: {address: "0x%040x", chains: [1]}}\n'
    source += b'blocked: {a1ice: {address: "0x%040x", chains: [1]}}\n'

    with pytest.raises(DocumentError, match="a1ice and alice look like"):
        Book.read(source % (1, 2))


def test_one_label_in_two_sections_is_one_name() -> None:
    source = b'version: 1\npayees: {alice: {address: "0x%040x", chains: [1]}}\npeople: {alice: {address: "0x%040x"}}\n'

    assert Book.read(source % (1, 2)).people["alice"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Alice.eth", "is not normalised by ENSIP-15: write alice.eth"),
        ("al ice.eth", "is no ENS name by ENSIP-15"),
        ("\u0430lice.eth", "is no ENS name by ENSIP-15"),
        ("alice", "is no whole ENS name"),
        ("", "is no whole ENS name"),
    ],
)
def test_an_ens_name_is_normalised(name: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(f'alice: {{ens: "{name}"')

    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other"), [("alice.eth", "a1ice.eth"), ("modern.eth", "modem.eth"), ("vitalik.eth", "vita1ik.eth")]
)
def test_two_ens_names_that_look_alike_are_a_fault(one: str, other: str) -> None:
    with pytest.raises(DocumentError, match=f"{other} and {one} look like one another"):
        read(f"first: {{ens: {one}", f"second: {{ens: {other}")


def test_one_ens_name_for_two_entries_is_one_name() -> None:
    assert len(read("first: {ens: alice.eth", "second: {ens: alice.eth").ens_names) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "p\u0430yp\u0430l"),
        ("scope", "\u0455\u0441\u043e\u0440\u0435"),
        ("alice", "\u0251lice"),
        ("rn", "m"),
        ("0", "\u041e"),
        ("1", "\u0406"),
    ],
)
def test_a_skeleton_is_what_a_name_looks_like(one: str, other: str) -> None:
    """Pairs of Unicode's confusables.txt, which UTS 39 (section 4) makes one skeleton."""
    assert skeleton(one) == skeleton(other)


def test_names_that_do_not_look_alike_have_two_skeletons() -> None:
    assert len({skeleton(name) for name in ("alice", "alicia", "bob", "bot", "usdc", "usdt", "m", "n")}) == 8


@given(st.text(max_size=12))
def test_what_looks_like_a_name_looks_like_it_again(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)
