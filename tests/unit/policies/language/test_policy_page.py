"""docs/policy.md: its policy and book load together, and every effect has a line."""

from __future__ import annotations

import re
from pathlib import Path

from treasurer.policies.effect import Kind
from treasurer.policies.language.bundle import PolicyBundle

PAGE = Path(__file__).parents[4] / "docs" / "policy.md"


def test_the_policy_and_the_book_of_the_page_load_together() -> None:
    policy, book = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)[:2]
    bundle = PolicyBundle.from_bytes(policy.encode(), book.encode())
    assert bundle.policy.name == "conservative-treasury"


def test_every_effect_has_a_line() -> None:
    assert all(f"| `{kind}` |" in PAGE.read_text() for kind in Kind)


def test_the_limits_and_the_timelock_of_the_page_load(world) -> None:
    limits, timelock = re.findall(r"```text\n((?:limits|timelock):.*?)```", PAGE.read_text(), re.DOTALL)
    book = world.book_text + 'new:\n  eve: {address: "0x0e0e000000000000000000000000000000000e0e", chains: [1]}\n'
    rules = "rules: [{id: gift, allow: transfer}, {id: grant, allow: transfer}]\n"
    head = "version: 1\nname: t\nchains: [1]\n"
    policy = PolicyBundle.from_bytes(f"{head}{limits}{timelock}{rules}".encode(), book.encode()).policy
    assert [(limit.per, limit.rule) for limit in policy.limits[:3]] == [
        ("recipient", None),
        ("asset", None),
        (None, ("gift", "grant")),
    ]
    assert policy.timelock is not None
    assert policy.timelock.book == 86400
