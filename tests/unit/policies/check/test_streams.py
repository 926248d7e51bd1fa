"""The policy commands with a stream closed, a pipe that nobody reads, and words that are missing or wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"
POLICY = "version: 1\nname: t\nchains: [1]\nrules: [{id: pay, allow: transfer, when: {usd: {max: 5}}}]\n"
CHECK = "check --static --policy policy.yaml"
COMMANDS = [
    CHECK,
    "explain --file lines",
    "lint --policy policy.yaml",
    "diff policy.yaml policy.yaml",
    "schema policy",
    "prove --policy policy.yaml --transfer-to stranger",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "names.yaml").write_text(POLICY.replace("usd: {max: 5}", "to: {book: payees}"))
    line = '{"id":"a","chain_id":1,"from":"0x' + "11" * 20 + '","calls":[],"at":"2026-11-23T10:00:00Z"}\n'
    (tmp_path / "lines").write_text(line)
    return tmp_path


def run(folder: Path, words: str, streams: str = "< lines") -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", f'exec "$0" -c "$1" policy {words} {streams}', sys.executable, PROGRAM]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize("words", COMMANDS)
def test_an_answer_that_has_nowhere_to_go_is_one_line_and_exit_2(folder: Path, words: str) -> None:
    done = run(folder, words, "< lines >&-")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("standard output is closed")


@pytest.mark.parametrize("words", [CHECK, "explain"])
def test_a_closed_standard_input_is_one_line_and_exit_2(folder: Path, words: str) -> None:
    done = run(folder, words, "<&-")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("standard input is closed")


@pytest.mark.parametrize("words", COMMANDS)
def test_a_pipe_that_nobody_reads_ends_quietly_with_one_status(folder: Path, words: str) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        command = [sys.executable, "-c", PROGRAM, "policy", *words.split()]
        with (folder / "lines").open("rb") as lines:
            done = subprocess.run(
                command, cwd=folder, stdin=lines, stdout=writer, stderr=subprocess.PIPE, timeout=120, check=False
            )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (130, b"")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check --policy policy.yaml", "--static"),
        ("check --policy policy.yaml --rpc nonsense", "http://"),
        ("check --policy policy.yaml --rpc http://[", "as in http://127.0.0.1:8545"),
        ("check --policy policy.yaml --rpc http://x:port", "as in http://127.0.0.1:8545"),
        ("check --static --policy names.yaml", 'no section "payees"'),
        ("check --static --policy names.yaml", "no --book was given: give the book that has these names"),
        ("lint --policy names.yaml", "no --book was given"),
        ("explain --file nope.json", "nope.json cannot be read"),
    ],
)
def test_words_that_are_missing_or_wrong_are_exit_2(folder: Path, words: str, said: str) -> None:
    done = run(folder, words)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
