"""What must survive the process: the prefix's state, and the bits of a recorded sample."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

from treasurer.inference.llama import LlamaEngine

from .conftest import MECHANICS, ROUTE, models_beside, need

OTHER_PROCESS = """
import asyncio, json, pathlib, sys
from treasurer.inference import Sample, Turn, open_engine
from treasurer.inference.replay import replay

async def main():
    given = json.loads(sys.stdin.read())
    prefix = [Turn.model_validate(turn) for turn in given["prefix"]]
    sample = Sample.model_validate(given["sample"])
    engine = await open_engine(sample.model.name, cache=pathlib.Path(given["cache"]))
    result = await replay(engine, sample, prefix)
    session = await engine.open_session(prefix)
    print(json.dumps({"replay": result.model_dump(), "restored": session.sample().prefix_restored}))
    await engine.aclose()

asyncio.run(main())
"""


def in_another_process(cache: Path, sample: dict[str, object]) -> dict[str, object]:
    given = {"prefix": [turn.model_dump() for turn in ROUTE], "sample": sample, "cache": str(cache)}
    command = [sys.executable, "-c", OTHER_PROCESS]
    answer = subprocess.run(command, input=json.dumps(given), capture_output=True, text=True, timeout=60, check=True)
    result: dict[str, object] = json.loads(answer.stdout)
    return result


async def test_a_sample_replays_bit_by_bit_in_another_process(engine: LlamaEngine, tmp_path: Path) -> None:
    need(MECHANICS)
    async with contextlib.aclosing(await engine.open_session(ROUTE)) as session:
        await session.append("user", "send 5 usdc to alice")
        await session.choose(["swap", "transfer", "supply"])
        async for _ in session.stream(max_tokens=5):
            pass
        sample = session.sample().model_dump(mode="json")
    cache = models_beside(tmp_path)
    first = in_another_process(cache, sample)
    assert first["replay"] == {
        "same_tokens": True,
        "same_build": True,
        "decisions": len(sample["decisions"]),
        "agreed": len(sample["decisions"]),
        "first_difference": None,
        "max_logit_difference": 0.0,
    }
    assert first["restored"] is False
    assert in_another_process(cache, sample)["restored"] is True
