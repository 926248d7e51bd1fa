"""docs/prices.md begins with a program, and what it prints on a real devnet is what the page shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import treasurer.policies.observation.prices
from treasurer.policies.book.book import Book
from treasurer.policies.book.entries import TokenEntry

PAGE = Path(__file__).parents[3] / "docs" / "prices.md"
GAP = re.compile(r"\d+(?= bps)")
SLACK_BPS = 10
"""The pool's mean is over time, and on a busy machine a second or two more lie between two blocks."""
PLAIN_WORDS = {"address", "chains", "decimals", "kind", "label", "permit", "note"}


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def _rows(head: str) -> list[str]:
    """The first cells of the table that begins with ``head``."""
    _, _, rest = PAGE.read_text().partition(f"| {head} |")
    rows = rest.partition("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in rows]


def test_the_program_of_the_page_prints_what_the_page_shows(tmp_path: Path) -> None:
    program, shown = tmp_path / "show.py", _blocks("text")[0]
    program.write_text(_blocks("python")[0])

    done = subprocess.run([sys.executable, str(program)], capture_output=True, timeout=120, check=False, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert GAP.sub("..", done.stdout) == GAP.sub("..", shown)
    told, said = ([int(gap) for gap in GAP.findall(text)] for text in (done.stdout, shown))
    assert max(abs(one - other) for one, other in zip(told, said, strict=True)) <= SLACK_BPS


def test_the_book_of_the_page_loads() -> None:
    (text,) = _blocks("yaml")
    assert [token.label for token in Book.read(text.encode()).tokens(1)] == ["usdc", "weth", "wbtc"]


def test_every_key_about_prices_has_a_row() -> None:
    said = {name.strip("`") for row in _rows("of a token") for name in row.split(", ")}
    pins = {name for name in TokenEntry.model_fields if "hash" in name or name == "implementation"}
    assert said == set(TokenEntry.model_fields) - PLAIN_WORDS - pins


def test_every_reason_of_the_page_is_one_that_is_given() -> None:
    folder = Path(treasurer.policies.observation.prices.__file__).parent
    given = "".join((folder / name).read_text() for name in ("feeds.py", "pools.py", "prices.py"))
    rows = [row.strip("`") for row in _rows("the reason says")]
    assert len(rows) == 12
    assert [row for row in rows if row not in given] == []
