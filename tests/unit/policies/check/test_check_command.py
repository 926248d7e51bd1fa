"""``treasurer policy check`` as a process: lines in, lines out, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

POLICY = "version: 1\nname: t\nchains: [1]\nrules: [{id: pay, allow: transfer, when: {usd: {max: 5}}}]\n"
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


@pytest.fixture
def folder(world, tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "book.yaml").write_text(world.book_text)
    (tmp_path / "prices.json").write_text('{"usdc": "1"}')
    return tmp_path


def run(folder: Path, *words: str, lines: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", COMMAND, "policy", "check", *words]
    return subprocess.run(command, input=lines, cwd=folder, capture_output=True, timeout=60, check=False)


def line(world, base_units: int) -> bytes:
    call = world.transfer("usdc", "alice", base_units).model_dump(mode="json")
    value = {"id": "a", "chain_id": 1, "from": world.account, "calls": [call], "at": "2026-11-23T10:00:00Z"}
    return json.dumps(value).encode()


def test_each_line_gets_a_line_also_an_empty_one_and_one_without_an_end(world, folder) -> None:
    endless = b'{"id":"' + b"a" * (5 << 20)
    lines = b"\n".join([line(world, 5_000_000), b"", endless, b"\r", line(world, 5_000_001)])
    done = run(
        folder, "--static", "--policy", "policy.yaml", "--book", "book.yaml", "--prices", "prices.json", lines=lines
    )
    answers = [json.loads(text) for text in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (0, b"")
    assert [answer["verdict"] for answer in answers] == ["allow", "deny", "deny", "deny", "deny"]
    assert [answer["reasons"][0]["rule"] for answer in answers[1:]] == [
        "malformed",
        "malformed",
        "malformed",
        "no-rule",
    ]


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("version: 1\nname: x\nchains: [1]\nruels: []\n", (b"policy.yaml:4:1", b'did you mean "rules"')),
        (POLICY.replace("usd: {max: 5}", "to: {book: friends}"), (b"policy.yaml:4:", b'no section "friends"')),
    ],
)
def test_a_policy_that_does_not_load_is_exit_2_and_no_output(
    world, folder, policy: str, words: tuple[bytes, ...]
) -> None:
    (folder / "policy.yaml").write_text(policy)
    done = run(folder, "--static", "--policy", "policy.yaml", "--book", "book.yaml", lines=line(world, 1))
    assert (done.returncode, done.stdout) == (2, b"")
    assert all(word in done.stderr for word in words)


def test_a_book_or_prices_that_do_not_load_are_exit_2_and_no_output(world, folder) -> None:
    (folder / "book.yaml").write_text("version: 2\n")
    done = run(folder, "--static", "--policy", "policy.yaml", "--book", "book.yaml", lines=line(world, 1))
    assert (done.returncode, done.stdout) == (2, b"")
    (folder / "book.yaml").write_text(world.book_text)
    (folder / "prices.json").write_text('{"usdd": "1"}')
    words = ("--static", "--policy", "policy.yaml", "--book", "book.yaml", "--prices", "prices.json")
    done = run(folder, *words, lines=line(world, 1))
    assert (done.returncode, done.stdout) == (2, b"")
    assert b'did you mean "usdc"' in done.stderr


def test_static_and_rpc_exclude_each_other(folder) -> None:
    done = run(folder, "--static", "--rpc", "http://127.0.0.1:1", "--policy", "policy.yaml")
    assert done.returncode == 2
