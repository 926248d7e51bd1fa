"""The 1.5B model reads requests in plain language: no call that was not asked for, and few questions too many."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from treasurer.agent.planner import Command, Request, read, write_answer
from treasurer.agent.planner.prompts import answer_prefix, fill_prefix, route_prefix
from treasurer.inference import Engine, open_engine
from treasurer.tools.fact import Fact
from treasurer.tools.tool import Topic

from .scoring import requests, score
from .treasury import CATALOG

MODEL = "qwen2.5-coder-1.5b-q4_k_m"
TOPICS: tuple[Topic, ...] = ("pay", "swap", "rebalance", "lend", "answer")

pytestmark = [pytest.mark.judgement, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    loaded = await open_engine(MODEL)
    yield loaded
    await loaded.aclose()


@pytest.mark.parametrize("which", ["tune", "held"])
async def test_no_request_becomes_a_call_that_it_does_not_say(which: str, engine: Engine) -> None:
    scores: Counter[str] = Counter()
    wrong_calls = []
    for row in requests(which):
        understood = await read(Request(text=row["text"]), CATALOG, engine=engine)
        result = score(row["expect"], understood)
        scores[result] += 1
        if result == "wrong" and any(isinstance(reading, Command) for reading in understood.readings):
            wrong_calls.append(row["id"])
    assert not wrong_calls
    assert scores["correct"] + scores["rightly asked"] >= 0.85 * scores.total(), scores


async def test_every_prefix_fits_its_budget_of_tokens(engine: Engine) -> None:
    for prefix in [route_prefix(CATALOG), answer_prefix(), *(fill_prefix(topic, CATALOG) for topic in TOPICS)]:
        session = await engine.open_session(prefix)
        await session.append("user", "a")
        await session.choose(["a", "b"])
        assert sum(session.sample().prefix_segments) <= 1500
        await session.aclose()


async def test_an_answer_states_facts_and_no_other_number(engine: Engine) -> None:
    facts = [Fact(name="usdc balance", text="1,250 usdc"), Fact(name="weth balance", text="2 weth")]
    said = "".join([piece async for piece in write_answer("how much usdc do we have?", facts, engine)])
    assert "1,250 usdc" in said
    assert not re.search(r"[0-9]", said.replace("1,250 usdc", "").replace("2 weth", ""))
