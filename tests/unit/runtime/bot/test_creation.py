"""A bot is written whole or not at all: what init writes is read back before the folder appears."""

from __future__ import annotations

from pathlib import Path

import pytest

from treasurer.runtime.bot.bundle import read_bundle
from treasurer.runtime.bot.configuration import ConfigurationError, read_configuration
from treasurer.runtime.bot.creation import NewBot, create
from treasurer.runtime.bot.doctor import _pins
from treasurer.runtime.bot.folder import BotFolder
from treasurer.wallets.keys import PrivateKey

OWNER = PrivateKey(bytes((7,)) * 32).address


def _new(folder: Path, **changes: object) -> NewBot:
    told = {"folder": folder, "chain": "sepolia", "rpc": ("env:A", "env:B"), "owner": OWNER, "password": "hunter2"}
    return NewBot.model_validate(told | changes)


def test_a_folder_of_any_name_holds_a_bot_that_is_read(tmp_path: Path) -> None:
    folder = tmp_path / "b with spaces ü"
    create(_new(folder))
    assert read_configuration(folder / "treasurer.toml").name == "b-with-spaces-u"


def test_what_would_not_be_read_back_is_not_left(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="credentials"):
        create(_new(tmp_path / "acme", rpc=("https://user:hunter2@rpc.example.org",)))
    assert list(tmp_path.iterdir()) == []


def test_unpinned_venues_fail_away_from_a_devnet_only(tmp_path: Path) -> None:
    create(_new(tmp_path / "acme"))
    bot = BotFolder(tmp_path / "acme")
    bundle = read_bundle(bot, read_configuration(bot.configuration))
    venues = bundle.book.venues(11155111)
    assert venues
    assert not any(venue.code_hash for venue in venues)
    check = _pins(bundle, 11155111)
    assert (check.level, check.command) == ("fail", "treasurer registry pin --write")
    assert all(venue.label in check.fact for venue in venues)
    assert _pins(bundle, 31337).level == "ok"
