"""A capped run of the fuzzer; `make fuzz` is the whole one, and takes up where it stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FUZZER = Path(__file__).parent
INPUTS = 60_000


def test_nothing_raises_and_nothing_forged_is_allowed(tmp_path: Path) -> None:
    command = [sys.executable, str(FUZZER), "--seed", "2026", "--inputs", str(INPUTS)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=900, check=False)
    told = json.loads(ended.stdout)
    assert told["faults"] == 0, ended.stderr[:4000]
    assert told["inputs"] == INPUTS
    assert told["deny"] > INPUTS / 2
    assert told["allow"] > INPUTS / 1000  # a fuzzer that everything is denied to finds nothing


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    command = [sys.executable, str(FUZZER), "--seed", "7", "--jobs", "1"]
    for inputs in ("5000", "10000"):
        ended = subprocess.run(
            [*command, "--inputs", inputs], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=True
        )
    kept = json.loads((tmp_path / ".cache" / "fuzz" / "7.json").read_text())
    assert kept["done"] == json.loads(ended.stdout)["inputs"] == 10_000
