"""What goes wrong at the command line is a sentence with what to do next and an exit status, never a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from treasurer.runtime.bot.creation import _name_of

PROGRAM = (sys.executable, "-c", "from treasurer.runtime.commands import main; raise SystemExit(main())")
MODEL = "smollm2-135m-q4_1"
CONFIGURATION = """version = 1
name = "acme"
[chain]
id = 31337
rpc = ["env:NO_SUCH_ENDPOINT"]
[wallet]
address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
[model]
name = "no-such-model"
"""
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def treasurer(tmp_path: Path) -> Command:
    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        told = {name: value for name, value in os.environ.items() if name != "TREASURER_BOT"}
        return subprocess.run(
            [*PROGRAM, *words], cwd=tmp_path, env=told | environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    return run


@pytest.fixture
def password(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text("hunter2\n")
    return f"file:{path}"


def _ends(result: subprocess.CompletedProcess[str], status: int, *words: str) -> None:
    assert "Traceback" not in result.stderr, result.stderr[-1500:]
    assert result.returncode == status, result.stderr
    for word in words:
        assert word in result.stderr, result.stderr


@pytest.mark.parametrize("words", [("devnet", "up", "--port", "0"), ("model", "pull", MODEL)])
def test_a_cache_that_cannot_be_written_is_named(treasurer: Command, words: tuple[str, ...]) -> None:
    said = treasurer(*words, TREASURER_CACHE="/proc/x")
    _ends(said, 3, "/proc/x cannot be used: ", "next: export TREASURER_CACHE=")


def test_a_place_that_cannot_be_written_is_named(treasurer: Command, password: str) -> None:
    _ends(treasurer("init", "/proc/foo", "--yes"), 3, "/proc: ", "next: treasurer init OTHER")
    _ends(treasurer("wallet", "new", "/proc/x.json", "--password", password), 3, "/proc/x.json cannot be used: ")


def test_a_model_that_is_not_there_says_how_it_comes(treasurer: Command, tmp_path: Path) -> None:
    _ends(treasurer("model", "verify", MODEL, TREASURER_CACHE=str(tmp_path)), 3, f"treasurer model pull {MODEL}")


def test_pull_without_a_name_takes_the_bots_model(treasurer: Command, tmp_path: Path) -> None:
    (tmp_path / "treasurer.toml").write_text(CONFIGURATION)
    _ends(treasurer("model", "pull", TREASURER_CACHE="/proc/x"), 2, "'no-such-model'")


@pytest.mark.parametrize("seconds", [0.1, 0.15, 0.2, 0.25])
def test_ctrl_c_while_it_loads_is_quiet(seconds: float) -> None:
    slow = (
        "import os, threading, time, signal\n"
        f"threading.Timer({seconds}, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
    )
    # The imports are held up inside the program's own loading, where the signal finds it.
    hold = (
        "import importlib.abc, sys\n"
        "class Slow(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        time.sleep(0.02 if name.startswith('treasurer.runtime') else 0)\n"
        "sys.meta_path.insert(0, Slow())\nsys.argv = ['treasurer', '--help']\n"
    )
    start = "from treasurer.runtime.commands import main\n" + slow + hold + "raise SystemExit(main())"
    ended = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stderr) == (130, "interrupted\n")


def test_ctrl_c_while_it_works_is_quiet(tmp_path: Path, treasurer: Command) -> None:
    fifo = tmp_path / "password"
    os.mkfifo(fifo, 0o600)
    process = subprocess.Popen(
        [*PROGRAM, "wallet", "new", str(tmp_path / "k.json"), "--password", f"file:{fifo}"],
        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    assert "Traceback" not in process.communicate(timeout=30)[1]
    assert process.returncode == 130


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("b with spaces ü", "b-with-spaces-u"),
        ("Acme_Corp.", "acme-corp"),
        ("金", "bot"),
        ("--", "bot"),
        ("a" * 99, "a" * 64),
        ("acme", "acme"),
    ],
)
def test_any_folder_gives_a_name_that_the_configuration_takes(folder: str, name: str) -> None:
    assert _name_of(Path("/x") / folder) == name


def test_init_complains_of_the_chain_and_the_owner_before_the_password(treasurer: Command) -> None:
    _ends(treasurer("init", "x", "--chain", "devnt", "--yes"), 2, 'no chain is called devnt; did you mean "devnet"?')
    _ends(treasurer("init", "x", "--chain", "sepolia", "--yes"), 2, "--owner 0x..")


def test_a_wrong_configuration_names_the_file_to_edit(treasurer: Command, tmp_path: Path) -> None:
    path = tmp_path / "treasurer.toml"
    path.write_text(CONFIGURATION.replace("[model]", "[modle]"))
    _ends(treasurer("config", "check"), 2, f"{path}:8: ", 'did you mean "model"?', f"next: edit {path}")


def test_what_a_registry_and_a_log_do_not_hold_is_said(treasurer: Command, tmp_path: Path) -> None:
    _ends(treasurer("registry", "show", "--chain", "devnet"), 2, "treasurer devnet up")
    (tmp_path / "treasurer.toml").write_text(CONFIGURATION)
    _ends(treasurer("audit", "log", "--kind", "foo"), 2, "no record is of the kind foo", "judged")


def test_an_unknown_scenario_is_told_in_whole_sentences(treasurer: Command) -> None:
    _ends(treasurer("scenario", "run", "zzz"), 2, "of the library. There are: ")
