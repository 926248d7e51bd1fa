"""A document is read strictly, and each fault says where it stands and what was expected."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import pytest
from pydantic import Field

from treasurer.policies.documents.duration import Seconds, parse_seconds, write_seconds
from treasurer.policies.documents.yaml_document import Written, read_document, read_file, read_yaml
from treasurer.policies.errors import DocumentError, PolicyError


class Shop(Written):
    name: str
    opening: Seconds = 60
    prices: dict[str, Decimal] = Field(default_factory=dict)
    rank: tuple[Literal["first", "last"], ...] = ()
    label: Annotated[str, Field(min_length=1, max_length=5)] = "x"


def faults(text: str) -> tuple[str, ...]:
    with pytest.raises(DocumentError) as caught:
        read_document(Shop, text.encode(), "shop.yaml")
    assert caught.value.exit_status == 2
    return caught.value.faults


def test_numbers_with_a_fraction_are_exact_and_never_floats() -> None:
    value, _ = read_yaml(b"a: 0.1\nb: 1000\nc: 12:30\nd: on\ne: -1\nf: -0.50\ng: ~\nh: true\ni: 2026-01-01\n", "x")
    assert value == {
        "a": Decimal("0.1"), "b": 1000, "c": "12:30", "d": "on", "e": -1, "f": Decimal("-0.50"),
        "g": None, "h": True, "i": "2026-01-01",
    }  # fmt: skip
    assert isinstance(value["a"], Decimal)


def test_an_unknown_key_names_line_column_expectation_and_the_nearest_word() -> None:
    (fault,) = faults("name: x\nopenning: 1h\n")
    assert fault.startswith("shop.yaml:2:1: ")
    assert 'did you mean "opening"?' in fault
    assert "Expected one of: name, opening, prices, rank, label" in fault


def test_every_fault_is_named_not_only_the_first() -> None:
    found = faults("name: [1]\nopening: 3\nprices: {a: x}\n")
    assert [fault.split(": ")[0] for fault in found] == ["shop.yaml:1:1", "shop.yaml:2:1", "shop.yaml:3:10"]


def test_a_missing_key_is_named_at_the_value_around_it() -> None:
    assert faults("opening: 1h\n") == ('shop.yaml:1:1: name: "name" is missing here',)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("name: x\nname: y\n", "2:1", "second time"),
        ("name: &a x\nother: *a\n", "1:7", "anchors"),
        ("name: [x\n", "2:1", "not YAML"),
        ("", "1:1", "empty"),
        ("name: !!python/name:os.system x\n", "1:7", "tag"),
        ("name: !!str x\n", "1:7", "tag"),
        ("name: ! 12\n", "1:7", "tag"),
        ("name: x\nprices: !!map {a: 1}\n", "2:9", "tag"),
        ("%YAML 1.1\n---\nname: x\n", "2:1", "begin with %"),
        ("name: *a\n", "1:7", "undefined alias"),
        ("name: x\n<<: {opening: 1h}\n", "2:1", 'unknown key "<<"'),
        ("? [a]\n: b\n", "1:3", "one word"),
        ("a\n---\nb\n", "2:1", "not YAML"),
        ("[" * 1000, "1:33", "nested deeper"),
        ("name: x\nopening: \x07\n", "2:10", "not YAML"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str, place: str, words: str) -> None:
    (fault,) = faults(text)
    assert fault.startswith(f"shop.yaml:{place}: ")
    assert words in fault


@pytest.mark.parametrize(
    "number",
    ["010", "-01", "0o17", "0x3e8", "0b11", "1_000", "1e3", "1.5E2", "+5", ".5", "5.", ".inf", "-.inf", ".nan", "00.5"],
)
def test_a_number_that_another_yaml_reads_as_another_is_refused(number: str) -> None:
    (fault,) = faults(f"name: x\nprices: {{a: {number}}}\n")
    assert fault.startswith(f"shop.yaml:2:13: {number} is not a number in plain digits, as in 1000 or 0.5; ")


def test_a_number_of_very_many_digits_is_refused() -> None:
    (fault,) = faults(f"name: x\nprices: {{a: {'9' * 101}}}\n")
    assert "more than 100 digits" in fault


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("12\n", "keys with their values are expected here, of: name, opening, prices, rank, label; not 12"),
        ("[a]\n", "of: name, opening, prices, rank, label; not a list"),
        ("~\n", "not nothing"),
        ("name: 5\n", "name: text is expected"),
        ("name: x\nprices: [1]\n", "prices: names with their values are expected, as in {name: value}"),
        ("name: x\nrank: [frst]\n", 'rank.0: "frst" is not known here; did you mean "first"? write first or last'),
        ("name: x\nrank: [[1]]\n", "rank.0: a list is not known here; write first or last"),
        ("name: x\nrank: first\n", "rank: a list is expected, as in [a, b]"),
        ("name: x\nlabel: ''\n", "label: at least 1 character is expected"),
        ("name: x\nlabel: abcdef\n", "label: at most 5 characters are expected"),
    ],
)
def test_a_fault_is_said_in_the_words_of_the_document(text: str, words: str) -> None:
    (fault,) = faults(text)
    assert words in fault


def test_text_that_is_not_utf8_is_refused() -> None:
    with pytest.raises(DocumentError, match="not UTF-8"):
        read_yaml(b"\xff\xfe", "x")


def test_a_file_that_cannot_be_read_or_is_too_long_says_so(tmp_path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        read_file(tmp_path / "none.yaml")
    (tmp_path / "long.yaml").write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(PolicyError, match="larger"):
        read_file(tmp_path / "long.yaml")


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("24h", 86400), ("7d", 604800), ("1w", 604800)]
)
def test_lengths_of_time_are_a_number_and_a_unit(text: str, seconds: int) -> None:
    assert parse_seconds(text) == seconds
    assert parse_seconds(write_seconds(seconds)) == seconds


@pytest.mark.parametrize("text", ["24", "0h", "1 h", "1.5h", "-1h", 24, None, "1y", "h"])
def test_anything_else_is_no_length_of_time(text: object) -> None:
    with pytest.raises(ValueError, match="as in 24h"):
        parse_seconds(text)
