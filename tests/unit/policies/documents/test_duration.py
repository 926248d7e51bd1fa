"""Lengths of time: bounded, so that no calendar overflows when they are counted back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from treasurer.policies.analysis.schema import schema
from treasurer.policies.book.book import Book
from treasurer.policies.documents.duration import LONGEST_SECONDS, parse_seconds
from treasurer.policies.errors import DocumentError
from treasurer.policies.language.policy import Policy

EDGES = {"999999999s": True, "52560000m": True, "52560001m": False, "876000h": True, "876001h": False}
EDGES |= {"36500d": True, "36501d": False, "5214w": True, "5215w": False, "999999999w": False, "1s": True, "0s": False}


@pytest.mark.parametrize(("written", "good"), EDGES.items())
def test_a_hundred_years_is_the_longest_and_the_schema_says_the_same(written: str, *, good: bool) -> None:
    pattern = schema("policy")["properties"]["limits"]["items"]["properties"]["window"]["pattern"]
    assert (re.search(pattern, written) is not None) is good
    if good:
        assert 0 < parse_seconds(written) <= LONGEST_SECONDS
    else:
        with pytest.raises(ValueError, match="length of time"):
            parse_seconds(written)


def test_the_longest_can_be_counted_back_from_today() -> None:
    assert datetime(2026, 11, 24, tzinfo=UTC) - timedelta(seconds=LONGEST_SECONDS)


def test_a_window_that_overflows_is_a_fault_with_its_line() -> None:
    source = "version: 1\nname: x\nchains: [1]\nlimits:\n  - {id: a, counts: count, window: 999999999w, max: 1}\n"
    with pytest.raises(DocumentError, match=r"policy\.yaml:5:\d+: limits\.0\.window: .*a hundred years"):
        Policy.read(source.encode(), Book({}))
