"""startup: the whole process of `treasurer --help`, beside a Python that imports coinbase_agentkit and ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from environments import PeerMissing, interpreter
from harness import Contest, Figure

TREASURER = Path(sys.executable).parent / "treasurer"


@contextmanager
def contest() -> Iterator[Contest]:
    """Both as a shell starts them; the pair that does not count has compiled their bytecode."""
    ours = partial(_wall_seconds, TREASURER, "--help")
    try:
        python = interpreter("coinbase-agentkit")
    except PeerMissing as error:
        yield Contest(ours, None, str(error))
        return
    yield Contest(ours, partial(_wall_seconds, python, "-c", "import coinbase_agentkit"))


def _wall_seconds(*command: str | Path) -> float:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    taken = time.perf_counter() - started
    if done.returncode:
        raise OSError(f"{Path(command[0]).name} exited with {done.returncode}: {done.stderr.strip()[-300:]}")
    return taken


FIGURE = Figure(unit="s", pairs=20, seconds=90, contest=contest)
