"""`treasurer scenario` and `treasurer demo` from outside: exit statuses, JSON, and that all they start they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from treasurer.scenarios.commands.scenario import RED_TEAM
from treasurer.scenarios.devnet.rpc import Rpc
from treasurer.scenarios.runner import list_scenarios

COMMAND = [sys.executable, "-c", "import sys; from treasurer.runtime.commands import main; sys.exit(main())"]
LIMIT_SECONDS = 180


def _treasurer(*words: str, temp: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], env=_environment(temp), capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )


def _environment(temp: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(temp), "XDG_RUNTIME_DIR": str(temp)}


def _left_running(temp: Path) -> list[str]:
    """Processes whose environment names this test's folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
            if f"TMPDIR={temp}".encode() in environment:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_the_library_is_listed(tmp_path: Path) -> None:
    listed = _treasurer("scenario", "list", "--json", temp=tmp_path)
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    names = [row["name"] for row in rows]
    assert names == [*(scenario.name for scenario in list_scenarios()), RED_TEAM], (
        "the attack library is played by name"
    )
    assert {"day", "defend", "pay-and-escalate", "poisoned-airdrop", "rebalance"} <= set(names)


def test_the_demo_proves_a_day_and_leaves_nothing_running(tmp_path: Path) -> None:
    done = _treasurer("demo", "--no-model", "--json", temp=tmp_path)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["ok"] is True
    assert set(report["verdicts"]) == {"allow", "escalate", "deny"}
    assert min(report["verdicts"].values()) > 0
    assert all(len(hashed) == 66 for hashed in report["transactions"])
    assert report["audit"]["verified"] > 0
    assert (report["audit"]["refuted"], report["audit"]["unverifiable"]) == (0, 0)
    assert Path(report["export"]).is_file()
    assert Path(report["folder"], "treasurer.toml").is_file()
    assert "never denies" in done.stderr
    assert _left_running(tmp_path) == []


def test_an_expectation_that_fails_is_exit_1(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "version: 1\nname: wrong\nabout: x\nsteps: [{name: pay, send: 1 usdc to alice, expect: {verdicts: [deny]}}]\n"
    )
    done = _treasurer("scenario", "run", str(path), temp=tmp_path)
    assert done.returncode == 1
    assert "NOT AS EXPECTED: the verdicts are allow, not deny" in done.stdout


def test_a_name_that_is_none_is_exit_2_and_names_the_nearest(tmp_path: Path) -> None:
    done = _treasurer("scenario", "run", "defnd", temp=tmp_path)
    assert done.returncode == 2
    assert 'did you mean "defend"?' in done.stderr


def test_a_model_that_is_none_is_exit_2_before_anything_starts(tmp_path: Path) -> None:
    done = _treasurer("scenario", "run", "defend", "--model", "qwen", temp=tmp_path)
    assert done.returncode == 2
    assert "no model is called 'qwen'" in done.stderr


def test_an_expectation_about_nobody_is_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "version: 1\nname: wrong\nabout: x\nsteps: [{name: pay, run: balances, expect: {balances: {malory usdc: 0}}}]\n"
    )
    done = _treasurer("scenario", "run", str(path), temp=tmp_path)
    assert done.returncode == 2
    assert "'malory usdc' is nobody's balance here" in done.stderr


def test_a_kept_devnet_still_has_the_transactions(tmp_path: Path) -> None:
    done = _treasurer("demo", "--no-model", "--keep", "--json", temp=tmp_path)
    try:
        assert done.returncode == 0, done.stderr
        (record,) = (tmp_path / "treasurer").glob("devnet-*.json")
        rpc = Rpc(json.loads(record.read_text())["rpc"])
        receipts = [rpc.request("eth_getTransactionReceipt", each) for each in json.loads(done.stdout)["transactions"]]
        rpc.close()
        assert {receipt["status"] for receipt in receipts} == {"0x1"}
    finally:
        assert _treasurer("devnet", "down", temp=tmp_path).returncode == 0
    assert _left_running(tmp_path) == []


def test_an_interrupt_ends_what_was_started(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "scenario", "run", "pay-and-escalate"],
        env=_environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("2/"):
            break
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=LIMIT_SECONDS)[0]
    assert process.returncode == 130, said
    assert "Traceback" not in said
    until = time.monotonic() + 10
    while _left_running(tmp_path) and time.monotonic() < until:
        time.sleep(0.1)
    assert _left_running(tmp_path) == []
