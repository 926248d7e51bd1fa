"""``treasurer policy explain`` as a process: a line, raw bytes, with and without a policy."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from treasurer.wallets.values import checksum

POLICY = "version: 1\nname: t\nchains: [1]\nrules: [{id: pay, allow: transfer, when: {usd: {max: 5}}}]\n"
COMMAND = "import sys; from treasurer.runtime.commands import main; sys.exit(main())"


@pytest.fixture
def folder(world: Any, tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "book.yaml").write_text(world.book_text)
    (tmp_path / "prices.json").write_text('{"usdc": "1"}')
    (tmp_path / "proposal.json").write_bytes(_line(world, 6_000_000) + b"\n")
    return tmp_path


def _line(world: Any, base_units: int) -> bytes:
    call = world.transfer("usdc", "alice", base_units).model_dump(mode="json")
    value = {"id": "a", "chain_id": 1, "from": world.account, "calls": [call], "at": "2026-11-23T10:00:00Z"}
    return json.dumps(value).encode()


def _explain(folder: Path, *words: str, lines: bytes = b"") -> tuple[int, str, str]:
    command = [sys.executable, "-c", COMMAND, "policy", "explain", *words]
    done = subprocess.run(command, input=lines, cwd=folder, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_with_a_policy_it_ends_with_the_verdict_and_its_reasons(folder: Path) -> None:
    words = ("--policy", "policy.yaml", "--book", "book.yaml", "--prices", "prices.json", "--file", "proposal.json")
    status, said, _ = _explain(folder, *words)
    assert status == 0
    assert "transfer: send 6 usdc (USD 6.00) to alice" in said
    assert "verdict: deny\n└─ no-rule: no rule allows: send 6 usdc" in said


def test_without_a_book_the_registry_names_what_it_knows(world: Any, folder: Path) -> None:
    status, said, _ = _explain(folder, lines=_line(world, 1))
    assert status == 0
    assert "call usdc 0xA0b8" in said
    assert "verdict" not in said


def test_json_is_the_same_as_data(folder: Path) -> None:
    status, said, _ = _explain(folder, "--book", "book.yaml", "--json", "--file", "proposal.json")
    told = json.loads(said)
    assert status == 0
    assert told["calls"][0]["effects"][0]["words"] == "send 6 usdc to alice"
    assert told["verdict"] is None


def test_raw_bytes_say_who_signed_them(world: Any, folder: Path) -> None:
    key = Account.from_key("0x" + "46" * 32)
    call = world.transfer("usdc", "alice", 6_000_000)
    fields = {"nonce": 7, "gas": 65_000, "to": checksum(world.at("usdc")), "value": 0, "data": "0x" + call.data.hex()}
    raw = key.sign_transaction({**fields, "gasPrice": 30}).raw_transaction.hex()
    status, said, _ = _explain(folder, "--book", "book.yaml", "--raw", f"0x{raw}", "--chain", "1")
    assert status == 0
    assert f"account {key.address} on chain 1" in said
    assert "nonce 7" in said
    assert "send 6 usdc to alice" in said
    status, _, why = _explain(folder, "--raw", f"0x{raw}")
    assert (status, "--chain" in why) == (2, True)


@pytest.mark.parametrize(
    ("words", "lines", "why"),
    [
        ((), b"{", "no proposal can be read"),
        (("--tx", "0x" + "11" * 32), b"", "--rpc"),
        (("--raw", "0x02"), b"", "no transaction"),
        (("--raw", "0x02", "--file", "proposal.json"), b"", "one of --file"),
        (("--file", "nowhere.json"), b"", "nowhere.json"),
        (("--policy", "nowhere.yaml"), b"", "nowhere.yaml"),
    ],
)
def test_what_cannot_be_read_is_a_sentence(folder: Path, words: tuple[str, ...], lines: bytes, why: str) -> None:
    status, said, told = _explain(folder, *words, lines=lines)
    assert (status in (2, 3), said, why in told) == (True, "", True)
    assert "Traceback" not in told
