"""The command line tells itself: each command has help, an example and --json, and the page in docs is what it says."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

LEAVES = """
import sys, typer
sys.path.insert(0, "docs")
import commands
from treasurer.runtime.commands import root
root._mount()
for words, command in commands.leaves(typer.main.get_command(root.app), ("treasurer",)):
    options = {name for parameter in command.params for name in parameter.opts}
    print(" ".join(words), bool(command.help), "Example" in (command.epilog or ""), "--json" in options, sep="|")
"""
# Screens and streams for people: their answers as JSON come from status, audit log and run.
NOT_JSON = {"treasurer chat", "treasurer up"}


def _run(root: Path, command: Sequence[str]) -> str:
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


@pytest.fixture(scope="module")
def commands(root: Path) -> list[list[str]]:
    return [line.split("|") for line in _run(root, [sys.executable, "-P", "-c", LEAVES]).splitlines()]


def test_every_command_has_help_and_an_example(commands: list[list[str]]) -> None:
    assert len(commands) > 10
    assert not [name for name, told, _, _ in commands if told != "True"]
    assert not [name for name, _, example, _ in commands if example != "True"]


def test_every_command_has_json(commands: list[list[str]]) -> None:
    assert not [name for name, _, _, as_json in commands if as_json != "True" and name not in NOT_JSON]


def test_the_page_of_commands_is_what_the_commands_say(root: Path) -> None:
    _run(root, [sys.executable, "-P", "docs/commands.py", "--check"])


def test_every_command_that_the_pages_name_exists(root: Path, commands: list[list[str]]) -> None:
    known = {name for name, *_ in commands}
    groups = {" ".join(name.split()[:count]) for name in known for count in (1, 2)}
    pages = [root / "README.md", *(path for path in (root / "docs").glob("*.md") if path.name != "commands.md")]
    named = {(page.name, call) for page in pages for call in _calls(page.read_text())}
    assert len(named) > 10
    assert not [(page, call) for page, call in named if not _is_known(call.split(), known, groups)]


def _is_known(words: list[str], known: set[str], groups: set[str]) -> bool:
    """The words are a command with its arguments, or a group."""
    return " ".join(words) in groups or any(" ".join(words[:count]) in known for count in (2, 3))


def _calls(text: str) -> set[str]:
    """What follows each ``treasurer`` that a page shows as something to type, up to the first option."""
    blocks = [line for block in re.findall(r"^```\w+\n(.*?)^```", text, re.M | re.S) for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    pieces = [piece.strip().removeprefix("$ ") for shown in [*blocks, *spans] for piece in re.split(r"&&|\|", shown)]
    typed = [re.sub(r" --bot \S+", "", piece).split() for piece in pieces if piece.startswith("treasurer ")]
    return {" ".join(itertools.takewhile(lambda word: re.fullmatch(r"[a-z][a-z-]*", word), words)) for words in typed}


@pytest.mark.parametrize("words", [["nope"], ["wallet", "nope"], ["status", "--nope"], ["wallet", "send"]])
def test_wrong_words_are_exit_2_and_a_sentence(root: Path, words: list[str], tmp_path: Path) -> None:
    command = [str(root / ".venv" / "bin" / "treasurer"), *words]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 2, result.stderr[-500:]
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_help_comes_without_the_heavy_imports(root: Path) -> None:
    heavy = {"web3", "langgraph", "llama_cpp", "textual", "eth_account", "aiohttp", "numpy", "apscheduler"}
    start = f"""
import sys
from treasurer.runtime.commands import main
sys.argv = ["treasurer", "--help"]
status = main()
assert status == 0, status
print("loaded:", *sorted({heavy!r} & set(sys.modules)))
"""
    assert _run(root, [sys.executable, "-P", "-c", start]).splitlines()[-1] == "loaded:"
