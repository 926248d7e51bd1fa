"""`treasurer audit verify` as a stranger types it: words or JSON, and an exit status that scripts can trust."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treasurer.runtime.audit import UnusableInput, export
from treasurer.runtime.commands.audit import app

from . import story


@pytest.fixture
def car(tmp_path: Path) -> Path:
    guard = story.Guard(tmp_path / "bot")
    guard.tell()
    export(guard.log, tmp_path / "out.car")
    return tmp_path / "out.car"


def test_json_is_one_object(car: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(car), "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert set(report) == {"claims", "verified", "refuted", "unverifiable"}
    assert set(report["claims"][0]) == {"claim", "result", "why"}
    assert report["verified"] == sum(item["result"] == "verified" for item in report["claims"])
    assert report["refuted"] == 0


def test_words_end_with_the_counts(car: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(car)])
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].endswith("0 refuted, 3 unverifiable")


def test_a_refutation_is_exit_1(tmp_path: Path) -> None:
    guard = story.Guard(tmp_path / "bot", checkpoints=False)
    guard.tell()
    export(guard.log, tmp_path / "out.car")
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "out.car"), "--json"]).exit_code == 1


def test_junk_is_unusable_input(tmp_path: Path) -> None:
    (tmp_path / "junk.car").write_text("junk")
    result = CliRunner().invoke(app, ["verify", str(tmp_path / "junk.car")])
    assert isinstance(result.exception, UnusableInput)
    assert result.exception.exit_status == 2


@pytest.mark.parametrize("command", ["log", "show", "export", "verify"])
def test_each_command_helps_with_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert f"Example: treasurer audit {command}" in result.stdout
    assert "--json" in result.stdout
