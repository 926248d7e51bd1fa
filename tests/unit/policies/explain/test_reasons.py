"""A reason names its rule once."""

from __future__ import annotations

import pytest

from treasurer.policies.explain.reasons import reason_line


@pytest.mark.parametrize(
    ("rule", "message", "line"),
    [
        ("day-out", "day-out: 26000 is over 25000", "day-out: 26000 is over 25000"),
        ("pay-known-people", "pay-known-people allows transfer", "pay-known-people allows transfer"),
        ("pay", "pay-known-people allows transfer", "pay: pay-known-people allows transfer"),
        ("pay", "payments are closed", "pay: payments are closed"),
        ("no-rule", "no rule allows transfer", "no-rule: no rule allows transfer"),
        ("a.b", "a-b: no", "a.b: a-b: no"),
        ("r", "", "r: "),
    ],
)
def test_the_rule_stands_before_a_message_that_does_not_name_it(rule: str, message: str, line: str) -> None:
    assert reason_line({"rule": rule, "message": message}) == line
