"""`treasurer run`: shapes and exit statuses, on a real chain, without a model."""

from __future__ import annotations

import json
import re

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.testing import ALICE, USDC

from ..conftest import Treasurer

KEYS = {"run", "outcome", "message", "verdicts", "hashes", "digests", "reasons", "rendered"}


def test_a_payment_is_one_object_and_one_effect(treasurer: Treasurer, bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    first = treasurer("run", "send 10 usdc to alice", "--json", "--key", "invoice 7")
    assert first.returncode == 0, first.stderr
    answer = json.loads(first.stdout)
    assert set(answer) == KEYS
    assert (answer["outcome"], answer["verdicts"], len(answer["hashes"])) == ("finished", ["allow"], 1)
    receipt = chain.world.rpc.request("eth_getTransactionReceipt", answer["hashes"][0])
    assert int(receipt["status"], 16) == 1

    again = treasurer("run", "send 10 usdc to alice", "--json", "--key", "invoice 7")
    assert (again.returncode, json.loads(again.stdout)["run"]) == (0, answer["run"])
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC

    other = treasurer("run", "send 11 usdc to alice", "--json", "--key", "invoice 7")
    assert other.returncode == 1
    assert other.stdout == ""
    assert "a new request needs a new key" in other.stderr
    assert chain.world.balance(ALICE, "usdc") - before == 10 * USDC


def test_words_for_a_person(treasurer: Treasurer, chain: Devnet) -> None:
    done = treasurer("run", "send 2 usdc to alice")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert "guard: allow" in lines
    assert any(line.startswith("confirmed: transaction 0x") for line in lines)
    assert lines[-1].startswith("finished: ")
    asked = treasurer("run", "how much usdc do we have?")
    assert (asked.returncode, asked.stdout.strip()) == (0, "usdc balance: 49998 usdc")


@pytest.mark.parametrize(
    ("goal", "status", "outcome", "verdicts"),
    [
        ("send 26000 usdc to alice", 1, "denied", ["deny"]),
        ("send 5000 usdc to alice", 3, "waiting", ["escalate"]),
        ("send 90000 usdc to alice", 1, "failed", []),
        ("could you do something nice for alice", 3, "asked", []),
        ("send 1 usdc to 0x70997970c51812dc3a010c7d01b50e0d17dc79c8", 1, "asked", []),
    ],
)
def test_exit_statuses(
    treasurer: Treasurer, chain: Devnet, goal: str, status: int, outcome: str, verdicts: list[str]
) -> None:
    before = chain.world.balance(ALICE, "usdc")
    done = treasurer("run", goal, "--json")
    answer = json.loads(done.stdout)
    assert set(answer) == KEYS
    assert (done.returncode, answer["outcome"], answer["verdicts"]) == (status, outcome, verdicts)
    assert answer["hashes"] == []
    assert chain.world.balance(ALICE, "usdc") == before
    if outcome == "denied":
        assert any("large-payment" in reason or "day-out" in reason for reason in answer["reasons"])
        assert not any(re.match(r"(\S+): \1\b", reason) for reason in answer["reasons"]), answer["reasons"]


def test_what_waits_names_the_next_command(treasurer: Treasurer, bot: BotFolder, chain: Devnet) -> None:
    before = chain.world.balance(ALICE, "usdc")
    waiting = treasurer("run", "send 5000 usdc to alice", "--key", "big")
    assert waiting.returncode == 3
    command = next(line for line in waiting.stderr.splitlines() if line.startswith("next: treasurer approve yes 0x"))
    digest = command.split()[4]
    key = ("--keystore", str(bot.root / "owner" / "owner.json"), "--password", f"file:{bot.root}/owner/password")
    assert treasurer("approve", "yes", digest, *key).returncode == 0
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC
    finished = treasurer("run", "send 5000 usdc to alice", "--key", "big", "--json")
    assert (finished.returncode, json.loads(finished.stdout)["outcome"]) == (0, "finished")
    assert chain.world.balance(ALICE, "usdc") - before == 5000 * USDC


def test_nothing_to_do_is_wrong_usage(treasurer: Treasurer) -> None:
    assert treasurer("run", "  ").returncode == 2
    assert treasurer("run").returncode == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["\udcff\udcfe"], "no UTF-8 text"),
        (["send 1 usdc to alice", "--key", "\udcff"], "no UTF-8 text"),
        (["a" * 20_000], "at most 4000 characters, this one has 20000"),
    ],
    ids=["bytes", "key", "long"],
)
def test_words_that_nobody_takes_are_refused_before_anything_starts(
    treasurer: Treasurer, bot: BotFolder, words: list[str], said: str
) -> None:
    refused = treasurer("run", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert not bot.guard_socket.exists()
