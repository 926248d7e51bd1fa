"""`make fuzz SEED=1 INPUTS=1000000`: the fuzzer, resumable; it ends with one JSON line.

An input is its number, so that `make fuzz ONLY=NUMBER` tries a failing one again.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from inputs import try_input

BATCH = 5_000
NUMBERS_A_SEED = 1_000_000_000
SHOWN = 5
"""Faults that are printed; the rest lies in .cache/fuzz."""


def batch(first: int) -> tuple[Counter[str], list[tuple[int, str]]]:
    """What came of one batch of inputs: decisions, and faults by number."""
    told: Counter[str] = Counter()
    faults = []
    for number in range(first, first + BATCH):
        try:
            told[try_input(number)] += 1
        except Exception:  # noqa: BLE001 - whatever comes is a finding
            faults.append((number, traceback.format_exc()))
    return told, faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--only", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    if given.only is not None:
        print(try_input(given.only))
        return 0
    kept = Path(".cache") / "fuzz" / f"{given.seed}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    state = json.loads(kept.read_text()) if kept.exists() else {"done": 0, "told": {}, "faults": []}
    start = given.seed * NUMBERS_A_SEED
    firsts = list(range(start + state["done"], start + given.inputs, BATCH))
    told = Counter(state["told"])
    with ProcessPoolExecutor(given.jobs) as pool:
        for first, (found, faults) in zip(firsts, pool.map(batch, firsts), strict=True):
            told += found
            state = {"done": first - start + BATCH, "told": dict(told), "faults": [*state["faults"], *faults]}
            kept.write_text(json.dumps(state))
            for number, why in state["faults"][len(state["faults"]) - len(faults) : SHOWN]:
                print(f"input {number}:\n{why}", file=sys.stderr)
    print(
        json.dumps(
            {
                "seed": given.seed,
                "inputs": state["done"],
                **told,
                "faults": len(state["faults"]),
                "first_faults": [number for number, _ in state["faults"][:SHOWN]],
            }
        )
    )
    return 1 if state["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
