"""`treasurer devnet up` leaves a node running, `down` ends it and nothing else."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.anvil import end, is_anvil
from treasurer.scenarios.devnet.rpc import Rpc

Command = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = "import sys; from treasurer.runtime.commands import main; sys.argv.insert(1, 'devnet'); sys.exit(main())"


@pytest.fixture
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Records of this test alone; whatever it left running is ended."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    folder = tmp_path / "treasurer"
    yield folder
    for record in folder.glob("devnet-*.json"):
        end(json.loads(record.read_text())["pid"])


@pytest.fixture
def command(runtime_folder: Path) -> Command:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        line = [sys.executable, "-c", PROGRAM, *arguments]
        return subprocess.run(line, check=False, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)

    return run


def test_up_returns_with_a_node_that_goes_on_until_down(command: Command, runtime_folder: Path) -> None:
    done = command("up", "--port", "0", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 0
    assert set(answer) == {"rpc", "chain_id", "registry", "accounts"}
    assert (answer["chain_id"], len(answer["accounts"])) == (31337, 10)
    assert json.loads(Path(answer["registry"]).read_text())["chain_id"] == 31337
    node = Rpc(answer["rpc"])
    assert node.request("eth_getBalance", answer["accounts"][0], "latest") == hex(10**22)
    node.close()
    assert runtime_folder.stat().st_mode & 0o777 == 0o700
    pid = json.loads(next(runtime_folder.glob("devnet-*.json")).read_text())["pid"]
    ended = command("down", "--json")
    assert (ended.returncode, json.loads(ended.stdout)["rpc"]) == (0, answer["rpc"])
    assert not is_anvil(pid)
    assert list(runtime_folder.iterdir()) == []


def test_down_without_a_devnet_says_what_to_type(command: Command) -> None:
    done = command("down")
    assert done.returncode == 3
    assert "treasurer devnet up" in done.stderr


def test_a_taken_port_names_the_option(command: Command) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = command("up", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 3
    assert "--port" in done.stderr
    assert done.stdout == ""


def test_down_ends_the_one_started_last_and_names_the_others(command: Command) -> None:
    first, second = (json.loads(command("up", "--port", "0", "--json").stdout) for _ in range(2))
    port = int(first["rpc"].rpartition(":")[2])
    ended = json.loads(command("down", "--json").stdout)
    assert ended == {"rpc": second["rpc"], "ended": True, "still_running": [port]}
    assert json.loads(command("down", "--port", str(port), "--json").stdout)["rpc"] == first["rpc"]


def test_down_never_ends_what_up_did_not_start(command: Command, devnet: Devnet, runtime_folder: Path) -> None:
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        runtime_folder.mkdir(mode=0o700)
        record = {"pid": sleeper.pid, "port": 1234, "rpc": "http://127.0.0.1:1234", "registry": "x"}
        (runtime_folder / "devnet-1234.json").write_text(json.dumps(record))
        assert command("down").returncode == 3
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
    assert is_anvil(devnet.anvil.pid)


@pytest.mark.parametrize("arguments", [["up", "--port", "none"], ["up", "--port", "70000"], ["sideways"]])
def test_wrong_usage_is_status_2(command: Command, arguments: list[str]) -> None:
    assert command(*arguments).returncode == 2


@pytest.mark.parametrize("verb", ["up", "down"])
def test_help_has_an_example(command: Command, verb: str) -> None:
    assert f"treasurer devnet {verb}" in command(verb, "--help").stdout


def test_without_node_it_says_what_to_install(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("TREASURER_CACHE", str(tmp_path / "cache"))
    done = command("up", "--port", "0")
    assert done.returncode == 3
    assert "Node.js 20 or newer" in done.stderr
    assert not list((tmp_path / "cache").glob("npm-*"))


@pytest.mark.parametrize("outlive", [True, False])
def test_an_interrupt_spares_the_devnet_that_shall_go_on_and_no_other(tmp_path: Path, outlive: bool) -> None:
    program = (
        "import pathlib, sys, time; from treasurer.scenarios.devnet import Devnet; "
        f"devnet = Devnet.start(log=pathlib.Path({str(tmp_path / 'log')!r}), outlive={outlive}); "
        "print(devnet.anvil.pid, flush=True); time.sleep(60)"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with caller:
        assert caller.stdout is not None
        pid = int(caller.stdout.readline())
        os.killpg(caller.pid, signal.SIGTERM)
        caller.wait()
    deadline = time.monotonic() + 10
    while not outlive and is_anvil(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    survived = is_anvil(pid)
    end(pid)
    assert survived == outlive
