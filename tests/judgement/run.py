"""Score the planner on a set: `python tests/judgement/run.py tune|held [--no-model] [-v]` prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from scoring import path_of, requests, score
from treasury import CATALOG

from treasurer.agent.planner import Request, read
from treasurer.inference import Engine

MODEL = "qwen2.5-coder-1.5b-q4_k_m"


async def run(which: str, engine: Engine | None, *, verbose: bool) -> dict[str, Any]:
    scores: Counter[str] = Counter()
    paths: dict[str, Counter[str]] = {}
    seconds = calls = 0.0
    for row in requests(which):
        begun = time.monotonic()
        understood = await read(Request(text=row["text"]), CATALOG, engine=engine)
        seconds += time.monotonic() - begun
        calls += understood.model_calls
        result = score(row["expect"], understood)
        scores[result] += 1
        paths.setdefault(path_of(understood), Counter())[result] += 1
        if verbose or result == "wrong":
            said = [reading.model_dump(exclude={"grounds"}, exclude_none=True) for reading in understood.readings]
            sys.stderr.write(f"{row['id']} {result}: {row['text']}\n    {said}\n")
    return {
        "set": which,
        "requests": sum(scores.values()),
        **scores,
        "by_path": {path: dict(counts) for path, counts in paths.items()},
        "seconds": round(seconds, 1),
        "model_calls": int(calls),
    }


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("set", choices=["tune", "held"])
    arguments.add_argument("--no-model", action="store_true")
    arguments.add_argument("-v", "--verbose", action="store_true")
    given = arguments.parse_args()
    engine = None
    if not given.no_model:
        from treasurer.inference import open_engine

        engine = await open_engine(MODEL)
    sys.stdout.write(json.dumps(await run(given.set, engine, verbose=given.verbose)) + "\n")
    if engine is not None:
        await engine.aclose()


if __name__ == "__main__":
    asyncio.run(main())
