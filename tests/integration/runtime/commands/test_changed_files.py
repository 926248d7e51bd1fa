"""A bot whose files changed says which, with what to do next, before anything else."""

from __future__ import annotations

import json
import subprocess

from treasurer.runtime.bot.folder import BotFolder

from ..conftest import Treasurer

SEND = ("wallet", "send", "1", "usdc", "to", "alice")
SIGN = "next: treasurer policy sign --keystore OWNER.json"


def _unsigned(bot: BotFolder) -> None:
    with (bot.root / "policy.yaml").open("a") as file:
        file.write("# looked at again\n")


def test_an_edited_policy_is_told_to_have_changed(bot: BotFolder, treasurer: Treasurer) -> None:
    _unsigned(bot)
    said = treasurer(*SEND)
    assert said.returncode == 3, said.stderr
    assert said.stderr.splitlines() == ["policy.yaml or book.yaml changed since an owner signed them", SIGN]
    checked = treasurer("config", "check", "--json")
    assert checked.returncode == 0
    assert "changed since" in json.loads(checked.stdout)["warnings"][0]
    assert "warn  policy.yaml or book.yaml changed since" in checked.stderr
    signed = treasurer(
        "policy", "sign", "--keystore", str(bot.root / "owner/owner.json"),
        "--password", f"file:{bot.root / 'owner/password'}",
    )  # fmt: skip
    assert signed.returncode == 0, signed.stderr
    assert treasurer("config", "check").stderr == ""


def test_another_chain_is_told_before_anything_else(bot: BotFolder, treasurer: Treasurer) -> None:
    right = bot.configuration.read_text()
    assert treasurer("status").returncode == 0  # this guard stays for a moment, and the file changes under it
    bot.configuration.write_text(right.replace("id = 31337", "id = 1"))
    for _ in range(2):
        said = treasurer(*SEND)
        assert said.returncode == 3, said.stderr
        assert "chain 31337" in said.stderr
        assert "no payee" not in said.stderr


def test_an_amount_below_zero_is_no_option(treasurer: Treasurer) -> None:
    said = treasurer("wallet", "send", "-1", "usdc", "to", "alice")
    assert said.returncode == 2
    assert "'-1' is no amount" in said.stderr


def test_doctor_says_what_it_did_not_look_at(bot: BotFolder, treasurer: Treasurer) -> None:
    assert "registry pins" in treasurer("doctor").stdout
    written = bot.configuration.read_text()
    rpc = next(line for line in written.splitlines() if line.startswith("rpc = "))
    bot.configuration.write_text(written.replace(rpc, 'rpc = ["env:NO_SUCH_ENDPOINT"]'))
    said = treasurer("doctor")
    assert said.returncode == 3
    assert "warn  guard           not looked at: no RPC" in said.stdout
    assert "NO_SUCH_ENDPOINT" in treasurer("config", "check").stderr


def test_a_missing_model_is_named(treasurer: Treasurer) -> None:
    said = treasurer("run", "what is a good time to visit Lisbon")
    assert "next: treasurer model pull" in said.stderr
    assert "'no-such-model'" in treasurer("model", "pull").stderr  # the configured one was taken


def _sign(bot: BotFolder, treasurer: Treasurer, *words: str) -> subprocess.CompletedProcess[str]:
    key = ("--keystore", str(bot.root / "owner/owner.json"), "--password", f"file:{bot.root / 'owner/password'}")
    return treasurer("policy", "sign", *key, *words)


def test_a_guard_that_lingers_does_not_obey_an_older_policy(bot: BotFolder, treasurer: Treasurer) -> None:
    first = json.loads(treasurer("status", "--json").stdout)["policy_cid"]
    policy = bot.root / "policy.yaml"
    policy.write_text(policy.read_text().replace("max: 1000}", "max: 5}"))
    said = treasurer("status")
    assert (said.returncode, said.stderr.splitlines()[-1]) == (3, SIGN), said.stderr
    assert _sign(bot, treasurer).returncode == 0
    assert json.loads(treasurer("status", "--json").stdout)["policy_cid"] != first
    assert json.loads(treasurer("wallet", "send", "6", "usdc", "to", "alice", "--json").stdout)["verdict"] != "allow"


def test_sign_then_apply_is_told_and_recorded(bot: BotFolder, treasurer: Treasurer) -> None:
    assert treasurer("status").returncode == 0
    _unsigned(bot)
    unsigned = treasurer("policy", "apply")
    assert (unsigned.returncode, unsigned.stderr.splitlines()[-1]) == (3, SIGN), unsigned.stderr
    signed = json.loads(_sign(bot, treasurer, "--json").stdout)
    assert signed["version"] == 2
    applied = json.loads(treasurer("policy", "apply", "--json").stdout)
    assert applied["policy_cid"] == signed["policy_cid"]
    assert len(treasurer("audit", "log", "--json", "--kind", "policy_changed").stdout.splitlines()) == 1


def test_owners_are_changed_by_one_of_them(bot: BotFolder, treasurer: Treasurer) -> None:
    other = "0x90F79bf6EB2c4f870365E785982E1f101E93b906"
    assert json.loads(_sign(bot, treasurer, "--owners", other, "--json").stdout)["owners"] == [other]
    _unsigned(bot)
    refused = _sign(bot, treasurer)
    assert refused.returncode == 1
    assert "no owner of this bot" in refused.stderr
