"""The 1.5B model behind the engine: it picks the right one, quickly enough to be cheap to test."""

from __future__ import annotations

import contextlib

import pytest

from treasurer.inference.llama import LlamaEngine
from treasurer.inference.replay import replay

from .conftest import ROUTE

pytestmark = pytest.mark.judgement


async def test_plain_requests_reach_their_intent(judge_engine: LlamaEngine) -> None:
    chosen = {}
    for request in ("please pay alice 5 usdc", "swap 250 usdc for weth", "how much dai is there?"):
        async with contextlib.aclosing(await judge_engine.open_session(ROUTE)) as session:
            await session.append("user", request)
            chosen[request] = (await session.choose(["swap", "transfer", "supply", "answer", "ask", "refuse"])).text
    assert list(chosen.values()) == ["transfer", "swap", "answer"]


async def test_names_that_begin_alike_are_told_apart(judge_engine: LlamaEngine) -> None:
    for person in ("bob", "bobbi"):
        async with contextlib.aclosing(await judge_engine.open_session(ROUTE)) as session:
            await session.append("user", f"send 20 dai to {person}")
            await session.append("assistant", "transfer\nto: ")
            choice = await session.choose(["bobbi", "alice", "bob"])
            assert choice.text == person
            assert choice.margin is not None
            assert choice.margin > 0


async def test_a_sample_of_the_planning_model_replays_bit_by_bit(judge_engine: LlamaEngine) -> None:
    async with contextlib.aclosing(await judge_engine.open_session(ROUTE)) as session:
        await session.append("user", "swap 250 usdc for weth")
        await session.choose(["swap", "transfer", "supply"])
        sample = session.sample()
    result = await replay(judge_engine, sample, ROUTE)
    assert (result.same_tokens, result.max_logit_difference) == (True, 0.0)
