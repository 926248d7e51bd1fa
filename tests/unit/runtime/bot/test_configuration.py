"""treasurer.toml: each fault is told with file, line, what was expected and the nearest word."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.runtime.bot.configuration import ConfigurationError, read_configuration
from treasurer.runtime.bot.secrets import SecretMissing, reference, resolve
from treasurer.runtime.commands.payment import to_base_units
from treasurer.wallets.errors import InvalidValue

GOOD = """version = 1
name = "acme"
mode = "observe"

[chain]
id = 11155111
rpc = ["env:TREASURER_RPC_1", "https://rpc.example.org"]

[wallet]
address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
signer = "keystore"
password = "file:signer/password"
max_value_usd = 5000

[[schedule]]
id = "morning"
cron = "0 9 * * 1-5"
goal = "rebalance"

[[trigger]]
id = "defend"
health_factor_below = "1.5"
goal = "raise the health factor to 1.8"
"""
SECRET = "0x" + "ab" * 32
BAD = {
    'mode = "observe"': [
        ('mode = "observ"', 3, "'observe' or 'live'"),
        ('moed = "observe"', 3, 'did you mean "mode"?'),
        (f'private_key = "{SECRET}"', 3, "unknown key private_key"),
        ("mode = 3", 3, "'observe' or 'live'"),
    ],
    'name = "acme"': [('name = "Acme Corp"', 2, "name"), ("name = 7", 2, "string"), ("", 1, "name: is missing")],
    "version = 1": [("version = 2", 1, "1"), ("version = true", 1, "not true")],
    "id = 11155111": [
        ('id = "sepolia"', 6, "integer"),
        ("id = true", 6, "integer"),
        ("id = -1", 6, "greater than"),
        ("idd = 11155111", 6, 'did you mean "id"?'),
    ],
    '"https://rpc.example.org"': [
        ('"https://user:hunter2@rpc.example.org"', 7, "credentials"),
        ('"https://rpc.example.org/v3/0123456789abcdef0123456789abcdef"', 7, "credentials"),
        ('"https://rpc.example.org/?key=hunter2"', 7, "credentials"),
        ('"ftp://rpc.example.org"', 7, "http(s)"),
        ("5", 7, "rpc"),
    ],
    'address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"': [
        ('address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"', 10, "checksum"),
        ("address = 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", 10, "quote it"),
    ],
    'password = "file:signer/password"': [('password = "hunter2"', 12, "literal secret")],
    "max_value_usd = 5000": [
        ("max_value_usd = 0", 13, "greater than 0"),
        ("max_value_usd = 1.5", 13, "integer"),
        ("max_value = 5000", 13, 'did you mean "max_value_usd"?'),
    ],
    'cron = "0 9 * * 1-5"': [("", 15, "either cron or every"), ('corn = "0 9 * * 1-5"', 17, 'did you mean "cron"?')],
    'health_factor_below = "1.5"': [("health_factor_below = 1.5", 22, "in quotes")],
    'id = "defend"': [('id = "morning"', 1, "two automations are called morning")],
    "[chain]": [("[chian]", 5, 'did you mean "chain"?'), ("[modle]", 5, 'did you mean "model"?')],
    'rpc = ["env:TREASURER_RPC_1", "https://rpc.example.org"]': [('rpc = "x"', 7, "a list of endpoints")],
}
CASES = [(good, bad, line, words) for good, rows in BAD.items() for bad, line, words in rows]


def _read(tmp_path: Path, text: str) -> None:
    path = tmp_path / "treasurer.toml"
    path.write_text(text)
    read_configuration(path)


def test_the_good_one_is_read(tmp_path: Path) -> None:
    _read(tmp_path, GOOD)


@pytest.mark.parametrize(("good", "bad", "line", "words"), CASES, ids=[bad or f"no {good}" for good, bad, *_ in CASES])
def test_a_fault_names_its_line_and_what_was_expected(
    tmp_path: Path, good: str, bad: str, line: int, words: str
) -> None:
    assert GOOD.count(good) == 1
    with pytest.raises(ConfigurationError) as refused:
        _read(tmp_path, GOOD.replace(good, bad))
    said = str(refused.value)
    assert words in said, said
    assert f"treasurer.toml:{line}: " in said, said
    assert "hunter2" not in said
    assert SECRET not in said
    assert refused.value.exit_status == 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("version =", 1),
        ("\x00", 1),
        ('name = "a"\nname = "b"', 2),
        ("[chain\nid = 1", 1),
        ("a = 1\nb = c\n", 2),
    ],
)
def test_what_is_no_toml_or_empty_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(ConfigurationError, match=rf"treasurer\.toml:{line}: ") as refused:
        _read(tmp_path, text)
    assert refused.value.next_command == f"edit {tmp_path / 'treasurer.toml'}"


def test_a_refused_endpoint_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        _read(tmp_path, GOOD.replace('["env:TREASURER_RPC_1", "https://rpc.example.org"]', '["https://a:b@c.example"]'))
    assert "credentials" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_no_text_or_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "treasurer.toml"
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_configuration(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match=r"treasurer\.toml"):
        read_configuration(path)


def test_a_secret_comes_from_its_place_and_its_absence_names_the_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TREASURER_TEST", "hunter2")
    assert resolve("env:TREASURER_TEST", root=tmp_path, purpose="a test") == "hunter2"
    path = tmp_path / "password"
    path.write_text("hunter2\n")
    path.chmod(0o644)
    with pytest.raises(SecretMissing, match="read by others") as refused:
        resolve("file:password", root=tmp_path, purpose="a test")
    assert "hunter2" not in str(refused.value)
    path.chmod(0o600)
    monkeypatch.setenv("WHERE", str(tmp_path))
    assert resolve("file:${WHERE}/password", root=Path("/"), purpose="a test") == "hunter2"
    with pytest.raises(SecretMissing, match="TREASURER_NONE"):
        resolve("env:TREASURER_NONE", root=tmp_path, purpose="a test")
    with pytest.raises(SecretMissing) as literal:
        reference("hunter2")
    assert "hunter2" not in str(literal.value)


@pytest.mark.parametrize(("amount", "units"), [("10", 10_000_000), ("0.5", 500_000), ("0.000001", 1), ("007", 7000000)])
def test_amounts_are_exact(amount: str, units: int) -> None:
    assert to_base_units(amount, 6, "usdc") == units


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "-1",
        "1e3",
        "1e999999999",
        "nan",
        "inf",
        "1_000",
        "٣",
        "0.0000001",
        ".5",
        "5.",
        "",
        " 1",
        "9" * 78,
        "1" * 400,
    ],
)
def test_what_is_no_amount_of_money_is_refused_at_once(amount: str) -> None:
    with pytest.raises(InvalidValue):
        to_base_units(amount, 6, "usdc")
