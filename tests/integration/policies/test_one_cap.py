"""64 processes share one ledger and one cap: each judges, reserves and commits, and together they never overspend."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from treasurer.policies.budget.ledger import Ledger

PROCESSES = 64
CAP = 1000
_DRIVER = """
import os, sqlite3, sys, time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from treasurer.policies.budget.ledger import Ledger
from treasurer.policies.facts import Facts, Price
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Proposal
from treasurer.wallets.call import Call

folder, processes = Path(sys.argv[1]), int(sys.argv[2])
bundle = PolicyBundle.read(folder / "policy.yaml", folder / "book.yaml")
usdc, alice = bundle.book.section("tokens", 1)["usdc"], bundle.book.section("payees", 1)["alice"]
account, now = "0x" + "1" * 40, datetime(2026, 11, 23, 12, tzinfo=UTC)


def spend(number):
    connection = sqlite3.connect(folder / "guard.db", isolation_level=None, timeout=60)
    ledger = Ledger(connection)
    while not (folder / "go").exists():
        time.sleep(0.002)
    for turn in range(3):
        amount = 7 + (number * 3 + turn) % 11
        call = Call.encode(usdc, "transfer(address,uint256)", alice, amount * 10**6)
        key = f"0x{number:032x}{turn:032x}"
        expiry = now + timedelta(hours=1)
        proposal = Proposal(
            chain_id=1, account=account, calls=(call,), run="r", intent_key=key, expires_at=expiry
        )
        connection.execute("BEGIN IMMEDIATE")
        spent = ledger.spent(account, now=now, without_intent=key, since=now - timedelta(days=1))
        facts = Facts(at=now, static=True, prices={usdc: Price(usd=Decimal(1))}, spent=spent)
        verdict = judge(bundle.policy, bundle.book, proposal, facts)
        if verdict.decision == "allow":
            ledger.reserve(account, key, verdict.spent)
        if number % 8 == 7 and turn == 1:
            return  # dies inside its transaction: nothing of it may stay
        connection.execute("COMMIT")
        if verdict.decision == "allow" and (number + turn) % 5 == 0:
            connection.execute("BEGIN IMMEDIATE")
            ledger.settle(key, now)
            connection.execute("COMMIT")


children = []
for number in range(processes):
    child = os.fork()
    if child == 0:
        spend(number)
        os._exit(0)
    children.append(child)
(folder / "go").touch()
sys.exit(any(os.waitpid(child, 0)[1] for child in children))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.yaml").write_text(
        "version: 1\nname: cap\nchains: [1]\n"
        f"limits: [{{id: cap, counts: outflow, asset: usdc, window: 24h, max: {CAP}}}]\n"
        "rules: [{id: pay, allow: transfer, when: {to: {book: payees}}}]\n"
    )
    (tmp_path / "book.yaml").write_text(
        f'version: 1\npayees: {{alice: {{address: "0x{"a1" * 20}", chains: [1]}}}}\n'
        f'tokens: {{usdc: {{address: "0x{"c1" * 20}", chains: [1], decimals: 6}}}}\n'
    )
    connection = sqlite3.connect(tmp_path / "guard.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    Ledger(connection).create_tables()
    connection.close()
    return tmp_path


def test_64_processes_never_spend_more_than_one_cap(folder: Path) -> None:
    command = [sys.executable, "-c", _DRIVER, str(folder), str(PROCESSES)]
    ended = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    connection = sqlite3.connect(folder / "guard.db")
    rows = connection.execute("SELECT base_units FROM ledger WHERE counter = 'outflow'").fetchall()
    connection.close()
    total = sum(int(units) for (units,) in rows)
    assert total <= CAP * 10**6, "overspent"
    assert total > (CAP - 18) * 10**6, "and the cap was reached: the processes did compete"
