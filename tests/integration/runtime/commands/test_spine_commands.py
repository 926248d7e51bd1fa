"""The spine as people call it: one command, three processes, and what goes wrong around them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.processes.joining import is_held
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from ..conftest import LIMIT_SECONDS, PROGRAM, Treasurer

SEND = ("wallet", "send", "10", "usdc", "to", "alice", "--json")


def _start(bot: BotFolder, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, "--bot", str(bot.root), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _until_gone(bot: BotFolder) -> None:
    until = time.monotonic() + 20
    while is_held(bot.sockets / "guard.lock") or is_held(bot.sockets / "signer.lock"):
        assert time.monotonic() < until, "guard or signer did not end"
        time.sleep(0.05)


def test_two_commands_at_once_share_one_guard_and_both_pay(bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    both = [_start(bot, *SEND) for _ in range(2)]
    answers = [json.loads(process.communicate(timeout=LIMIT_SECONDS)[0]) for process in both]
    assert [answer["state"] for answer in answers] == ["confirmed", "confirmed"]
    assert chain.world.balance(ALICE, "usdc") - before == 20 * USDC
    _until_gone(bot)


def test_the_same_key_pays_once_also_later_and_other_words_are_a_conflict(
    bot: BotFolder, treasurer: Treasurer, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    first = treasurer(*SEND, "--key", "invoice 7")
    chain.world.advance(60)
    again = treasurer(*SEND, "--key", "invoice 7")
    assert (first.returncode, again.returncode) == (0, 0), again.stderr
    assert json.loads(first.stdout)["hash"] == json.loads(again.stdout)["hash"]
    other = treasurer("wallet", "send", "11", "usdc", "to", "alice", "--key", "invoice 7")
    assert other.returncode == 1
    assert "already stands for" in other.stderr
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC


def test_interrupted_in_the_middle_the_next_start_finishes_it(
    bot: BotFolder, treasurer: Treasurer, chain: Devnet
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    chain.world.rpc.request("evm_setAutomine", False)
    try:
        process = _start(bot, *SEND, "--key", "one")
        until = time.monotonic() + 30
        while int(chain.world.rpc.request("txpool_status")["pending"], 16) == 0:
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LIMIT_SECONDS)[1]
        assert process.returncode == 130
        assert "Traceback" not in said
    finally:
        chain.world.rpc.request("evm_setAutomine", True)
        chain.world.rpc.request("evm_mine")
    again = treasurer(*SEND, "--key", "one")
    assert json.loads(again.stdout)["state"] == "confirmed", again.stderr
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC
    _until_gone(bot)


def test_no_secret_is_in_any_log_record_error_or_environment(bot: BotFolder, treasurer: Treasurer) -> None:
    secret = (bot.signer / "password").read_text().strip()
    keys = [(bot.guard / name).read_text().strip() for name in ("clearance.key", "log.key")]
    planted = [secret, *keys, "hunter2"]
    said = [treasurer(*SEND), treasurer("doctor"), treasurer("wallet", "list"), treasurer("status", "--json")]
    configuration = bot.configuration.read_text()
    bot.configuration.write_text(configuration.replace('password = "file:', 'password = "hunter2 file:'))
    said.append(treasurer("config", "check"))
    assert said[-1].returncode == 2
    bot.configuration.write_text(configuration)
    texts = {f"{result.args[-2:]}": result.stdout + result.stderr for result in said}
    places = [*bot.guard.rglob("*"), *bot.signer.glob("signer.db*"), *bot.sockets.glob("*.log")]
    texts |= {
        str(path): path.read_bytes().decode("latin-1") for path in places if path.is_file() and path.suffix != ".key"
    }
    assert any("guard.db" in name for name in texts)
    for where, text in texts.items():
        for secret in planted:
            assert secret not in text, where


def test_what_is_the_bots_own_is_its_owners_alone(bot: BotFolder, treasurer: Treasurer) -> None:
    assert treasurer(*SEND).returncode == 0
    for path in [bot.guard, bot.signer, bot.agent, bot.sockets, *bot.guard.glob("*.*"), *bot.signer.glob("*.json")]:
        open_to = path.stat().st_mode & 0o077
        assert not open_to or (path.parent == bot.guard and path.parent.stat().st_mode & 0o077 == 0), path
    for path in (bot.keystore, bot.clearance_key, bot.log_key, bot.guard_database, bot.signer_database):
        assert path.stat().st_mode & 0o077 == 0, path


def test_without_a_node_one_sentence_and_the_next_command(bot: BotFolder, treasurer: Treasurer, chain: Devnet) -> None:
    bot.configuration.write_text(bot.configuration.read_text().replace(chain.rpc, "http://127.0.0.1:9"))
    result = treasurer(*SEND)
    assert result.returncode == 3
    assert "http://127.0.0.1:9 cannot be reached" in result.stderr
    assert result.stderr.splitlines()[-1] == "next: treasurer doctor"
    assert "Traceback" not in result.stderr
    doctor = treasurer("doctor", "--json")
    assert doctor.returncode == 3
    checks = {row["check"]: row for row in map(json.loads, doctor.stdout.splitlines())}
    assert (checks["rpc"]["level"], checks["rpc"]["command"]) == ("fail", "treasurer devnet up")
    stopped = treasurer("stop", "--reason", "no node")
    assert stopped.returncode == 0
    assert "will start stopped" in stopped.stderr
    assert bot.stop_file.read_text() == "no node\n"


def test_a_wrong_chain_id_starts_nothing(bot: BotFolder, treasurer: Treasurer) -> None:
    bot.configuration.write_text(bot.configuration.read_text().replace("id = 31337", "id = 1"))
    result = treasurer(*SEND)
    assert result.returncode == 3
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert not is_held(bot.sockets / "guard.lock")


@pytest.mark.parametrize(
    ("file", "change", "says"),
    [
        ("policy.yaml", ("max: 25000", "max: 250000"), "treasurer policy sign"),
        ("policy.yaml", ("allow: transfer", "alow: transfer"), "policy.yaml:"),
        ("treasurer.toml", ('mode = "live"', 'moed = "live"'), 'did you mean "mode"?'),
        ("book.yaml", ("decimals: 6", "decimal: 6"), "book.yaml:"),
    ],
)
def test_bad_input_is_named_and_starts_nothing(
    bot: BotFolder, treasurer: Treasurer, file: str, change: tuple[str, str], says: str
) -> None:
    path = bot.root / file
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    result = treasurer(*SEND)
    assert result.returncode == (3 if says == "treasurer policy sign" else 2)
    assert says in result.stderr, result.stderr
    assert "Traceback" not in result.stderr
    assert not is_held(bot.sockets / "guard.lock")


def test_an_export_never_touches_the_bots_own_files(bot: BotFolder, treasurer: Treasurer, tmp_path: Path) -> None:
    for path in (bot.guard / "owners.json", bot.guard / "new.car", bot.root / "policy.yaml", bot.signer / "x.car"):
        before = path.read_bytes() if path.exists() else None
        assert treasurer("audit", "export", str(path)).returncode == 1
        assert (path.read_bytes() if path.exists() else None) == before
    other = tmp_path / "precious.txt"
    other.write_text("precious")
    assert treasurer("audit", "export", str(other)).returncode == 1
    for _ in range(2):
        assert treasurer("audit", "export", str(tmp_path / "out.car")).returncode == 0
    assert other.read_text() == "precious"


def test_interrupted_init_leaves_nothing(tmp_path: Path, chain: Devnet) -> None:
    process = subprocess.Popen(
        [*PROGRAM, "init", str(tmp_path / "new"), "--chain", "devnet", "--rpc", chain.rpc, "--yes"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    until = time.monotonic() + 20
    while process.poll() is None and not list(tmp_path.glob(".new.*")):
        assert time.monotonic() < until
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


def test_init_into_what_is_there_is_refused(tmp_path: Path, chain: Devnet) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("mine")
    (tmp_path / "a file").write_text("mine")
    for name in ("there", "a file"):
        result = subprocess.run(
            [*PROGRAM, "init", str(tmp_path / name), "--chain", "devnet", "--rpc", chain.rpc, "--yes"],
            capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS,
        )  # fmt: skip
        assert result.returncode == 2
        assert "is not empty" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "there"]
    assert os.listdir(tmp_path / "there") == ["file"]
