"""docs/simulation.md begins with a command, and on a fresh devnet it prints what the page shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from treasurer.scenarios.testing import TestedDevnet

COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


def _blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


def test_the_command_of_the_page_prints_what_the_page_shows(root: Path, chain: TestedDevnet, tmp_path: Path) -> None:
    page = (root / "docs" / "simulation.md").read_text()
    assert chain.addresses()["tokens"]["usdc"]["address"].lower() in page.lower()
    for block in _blocks(page, "yaml"):
        name, _, text = block.removeprefix("# ").partition("\n")
        (tmp_path / name).write_text(text)
    words = _blocks(page, "sh")[0].splitlines()[1].partition(" <")[0].split()[1:]
    words[words.index("--rpc") + 1] = chain.rpc

    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        input=_blocks(page, "json")[0],
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    told = [f"{one['id']}: {one['verdict']} {one['reasons'][0]['message']}\n" for one in answers]
    assert "".join(told) == _blocks(page, "text")[0]
