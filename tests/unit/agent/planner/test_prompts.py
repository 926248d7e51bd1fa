"""The static prefixes are the same text every time, short, and hold nothing of a bot: their hashes are held here."""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from typing import Any

import pytest

from treasurer.agent.planner.prompts import answer_prefix, fill_prefix, route_prefix, routes
from treasurer.inference import Turn
from treasurer.tools import Amount, Catalog, Context, Handles, Payee, tool
from treasurer.tools.tool import Topic

SNAPSHOTS = {
    "route": "2e9b58c13f2d980a",
    "pay": "7851cb8d8dab68b2",
    "swap": "77c521ddc86edfc9",
    "rebalance": "b23690e46ce29cf6",
    "lend": "2d8a3ed6dbfbecdc",
    "answer": "fbe0d76ebd88c008",
    "answering": "761122631f870e54",
}
"""SHA-256 of each prefix, first 16 digits. A change needs a new held-out half of tests/judgement/requests.yaml."""


def prefixes(catalog: Catalog) -> dict[str, tuple[Turn, ...]]:
    topics: tuple[Topic, ...] = ("pay", "swap", "rebalance", "lend", "answer")
    filled = {topic: fill_prefix(topic, catalog) for topic in topics}
    return {"route": route_prefix(catalog), **filled, "answering": answer_prefix()}


def text(prefix: tuple[Turn, ...]) -> str:
    return "\n".join(f"<{turn.role}>{turn.text}" for turn in prefix)


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_a_prefix_is_the_text_that_was_judged(name: str, catalog: Catalog) -> None:
    assert hashlib.sha256(text(prefixes(catalog)[name]).encode()).hexdigest()[:16] == SNAPSHOTS[name]


def test_no_prefix_depends_on_the_book_or_holds_hex(catalog: Catalog) -> None:
    bare = Catalog.of(catalog.tools.values(), Handles.of())
    assert prefixes(bare) == prefixes(catalog)
    for prefix in prefixes(catalog).values():
        assert not re.search(r"0x|[0-9a-f]{12}", text(prefix))
        assert not set(re.findall(r"\w+", text(prefix))) & {"alice", "bob", "carol"}


def test_every_prefix_is_well_below_its_budget_of_tokens(catalog: Catalog) -> None:
    # Three characters a token is fewer than this model needs; the real count is asserted in tests/judgement.
    for prefix in prefixes(catalog).values():
        assert len(text(prefix)) / 3 + 6 * len(prefix) < 1500


def test_shots_are_interleaved_and_end_their_turn(catalog: Catalog) -> None:
    said = [turn.text for turn in route_prefix(catalog) if turn.role == "assistant"]
    assert all(text.endswith("\n") for text in said)
    assert all(first != second for first, second in pairwise(said))
    assert {text.strip() for text in said} == set(routes(catalog))


def test_a_tool_of_ones_own_brings_its_intent_and_its_line(catalog: Catalog) -> None:
    @tool(effect="propose")
    async def donate(ctx: Context, to: Payee, amount: Amount) -> Any:
        """Donate to a payee."""

    own = Catalog.of([*catalog.tools.values(), donate], catalog.handles)
    assert routes(own) == ("pay", "swap", "rebalance", "lend", "other", "answer", "ask", "refuse")
    assert "donate: Donate to a payee." in route_prefix(own)[0].text
    assert "donate: Donate to a payee." in fill_prefix("other", own)[0].text
