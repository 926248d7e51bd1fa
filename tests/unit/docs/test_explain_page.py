"""docs/explain.md and docs/signatures.md begin with a command, and what it prints is what the page shows."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from treasurer.policies.decode.tokens.permit2_permits import WITNESS_HEADS
from treasurer.policies.decode.typed_data import STRUCTS

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "explain.md"
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


def _blocks(language: str, page: Path = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)


def test_the_command_of_the_page_prints_what_the_page_shows(tmp_path: Path) -> None:
    for block in _blocks("yaml"):
        name, _, text = block.removeprefix("# ").partition("\n")
        (tmp_path / name).write_text(text)
    (proposal,) = _blocks("json")
    prices = re.search(r'`(\{"usdc".*?\})`', PAGE.read_text())
    assert prices is not None
    (tmp_path / "prices.json").write_text(prices[1])
    words, stdin = shlex.split(_blocks("sh")[0])[1:-2], _blocks("sh")[0].split()[-1]
    assert stdin == "proposal.json"

    done = subprocess.run(
        [sys.executable, "-c", COMMAND, *words],
        input=proposal,
        cwd=tmp_path,
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == _blocks("text")[0]


def test_signatures_are_explained_as_their_page_shows(tmp_path: Path) -> None:
    page = DOCS / "signatures.md"
    proposal = shlex.split(_blocks("sh", page)[0])[1]
    command = [sys.executable, "-c", COMMAND, "policy", "explain"]
    done = subprocess.run(
        command, input=proposal, cwd=tmp_path, capture_output=True, timeout=60, check=False, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == _blocks("text", page)[0]


def test_every_known_struct_stands_in_the_table() -> None:
    named = set(re.findall(r"`(\w+)`", (DOCS / "signatures.md").read_text()))

    assert {struct.encoded.partition("(")[0] for struct in STRUCTS} <= named
    assert set(WITNESS_HEADS) <= named
