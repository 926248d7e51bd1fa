"""Plug-ins run where they can do no harm, and whatever they do wrong is no answer."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.language.plugins import PluginPin
from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.guard import plugins
from treasurer.runtime.guard.plugin_code import PluginCode, PluginMissing, find_plugin, plugin_names
from treasurer.runtime.guard.plugins import PluginFailed, run_plugin
from treasurer.scenarios.devnet import Devnet

from .conftest import Running, change_policy, guarding, signing

PAGE = Path(__file__).parents[4] / "docs/plugins.md"
QUESTION = b'{"effects": [{}, {}]}\n'


def _code(source: str) -> PluginCode:
    return PluginCode("tried", "tried:judge", {"tried.py": source.encode()})


async def _holds(source: str) -> list[bool]:
    return (await run_plugin(_code(source), QUESTION))[0].holds


def _installed(folder: Path) -> Path:
    """The example of the page, as pip installs it."""
    blocks = re.findall(r"```(python|toml)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    project, place = folder / "quiet-days", folder / "installed"
    project.mkdir()
    for kind, text in blocks:
        (project / ("quiet_days.py" if kind == "python" else "pyproject.toml")).write_text(text)
    build = "import setuptools.build_meta as b; print(b.build_wheel('.'))"
    built = subprocess.run(
        [sys.executable, "-c", build], cwd=project, check=True, capture_output=True, text=True, timeout=60
    )
    subprocess.run(
        [sys.executable, "-m", "zipfile", "-e", str(project / built.stdout.split()[-1]), str(place)], check=True
    )
    return place


async def test_it_answers_each_effect_with_a_reason_and_what_it_prints_is_no_answer() -> None:
    source = "def judge(request):\n    print('noise')\n    return [True, (False, 'no\\x1b' + 'x' * 300)]\n"
    answer, _ = await run_plugin(_code(source), QUESTION)
    assert answer.holds == [True, False]
    assert answer.why == ["", "no " + "x" * 197]


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("raise SystemExit(3)", "could start"),
        ("def judge(request):\n    raise ValueError", "could answer"),
        ("def judge(request):\n    return [1, 0]", "could answer"),
        ("def judge(request):\n    return [(True, 5), True]", "could answer"),
        ("def judge(request):\n    while True: pass", "within 500 ms"),
        ("import time\ndef judge(request):\n    time.sleep(60)", "within 500 ms"),
        ("def judge(request):\n    return [(True, 'x' * 200)] * 1000", "too much"),
        ("def judge(request):\n    return 'ab' * 2**40", "could answer"),
        ("def other(request):\n    return []", "could start"),
        ("import os\nos.write(3, b'x' * 100000)\ndef judge(request):\n    return []", "cannot be read"),
        ("import os\ndef judge(request):\n    [os.close(n) for n in range(10)]\n    os._exit(0)", "could answer"),
    ],
)
async def test_whatever_goes_wrong_is_no_answer(source: str, why: str) -> None:
    with pytest.raises(PluginFailed, match=why):
        await _holds(source)


async def test_it_sees_no_environment_no_folder_and_no_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TREASURER_SECRET", "hunter2")
    source = (
        "import os, sys\n"
        "def judge(request):\n"
        "    try:\n        import treasurer\n        alone = False\n    except ImportError:\n        alone = True\n"
        "    fds = [n for n in range(3, 30) if os.path.exists(f'/proc/self/fd/{n}')]\n"
        "    return [set(os.environ) <= {'PATH', 'LC_ALL'}, alone]\n"
    )
    assert await _holds(source) == [True, True]


async def test_an_inherited_descriptor_is_closed(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        source = f"import os\ndef judge(request):\n    os.fstat({file.fileno()})\n    return [True, True]\n"
        if file.fileno() > 4:
            with pytest.raises(PluginFailed):
                await _holds(source)


async def test_it_reaches_no_network_and_no_file_of_the_guards_user(tmp_path: Path) -> None:
    secret = tmp_path / "clearance.key"
    secret.write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = f"""
import socket
def judge(request):
    try:
        socket.create_connection(("127.0.0.1", {server.getsockname()[1]}), 0.2)
        network = True
    except OSError:
        network = False
    try:
        files = bool(open({str(secret)!r}).read())
    except OSError:
        files = False
    return [(network, "network"), (files, "files")]
"""
        answer, kept = await run_plugin(_code(source), QUESTION)
    reached = [name for name, got in zip(("network", "files"), answer.holds, strict=True) if got]
    assert reached == kept, "what doctor says that a plug-in keeps is what it keeps"


async def test_it_writes_nothing() -> None:
    source = "def judge(request):\n    with open('x', 'w') as file:\n        file.write('x')\n    return [True, True]\n"
    with pytest.raises(PluginFailed, match="could answer"):
        await _holds(source)


async def test_nothing_is_left_running_or_lying_about(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(plugins.tempfile, "tempdir", str(tmp_path))
    with pytest.raises(PluginFailed):
        await _holds("import time\ndef judge(request):\n    time.sleep(60)")
    assert os.listdir(tmp_path) == []
    assert not [words for words in _command_lines() if str(tmp_path).encode() in words]


def _command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            lines.append(path.read_bytes())
    return lines


def test_the_hash_is_of_the_code_and_another_file_is_another_hash(tmp_path: Path) -> None:
    place = _installed(tmp_path)
    assert plugin_names([str(place)]) == ["quiet-days"]
    code = find_plugin("quiet-days", [str(place)])
    assert (set(code.files), code.target) == ({"quiet_days.py"}, "quiet_days:judge")
    (place / "__pycache__").mkdir()
    (place / "__pycache__/quiet_days.cpython-311.pyc").write_bytes(b"planted")
    (place / "planted.py").write_text("not in the list that pip wrote")
    assert find_plugin("quiet-days", [str(place)]).hash == code.hash
    (place / "quiet_days.py").write_text("def judge(request):\n    return [True]\n")
    assert find_plugin("quiet-days", [str(place)]).hash != code.hash
    with pytest.raises(PluginMissing, match="quiet-days"):
        find_plugin("quiet-day", [str(place)])
    (place / "quiet_days.py").unlink()
    with pytest.raises(PluginMissing, match="cannot be read"):
        find_plugin("quiet-days", [str(place)])


@pytest.mark.parametrize(("day", "holds"), [("2026-11-29", [True, True]), ("2026-11-30", [True, False])])
async def test_the_pages_example_does_what_it_says(tmp_path: Path, day: str, holds: list[bool]) -> None:
    code = find_plugin("quiet-days", [str(_installed(tmp_path))])
    at = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).isoformat()
    question = {"facts": {"at": at}, "effects": [{"amount": "100000000"}, {"amount": "100000001"}]}
    assert (await run_plugin(code, json.dumps(question).encode() + b"\n"))[0].holds == holds


async def test_a_payment_waits_for_what_the_pinned_plug_in_says(
    bot: BotFolder, chain: Devnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        "def judge(request):\n    return [(int(e['amount']) <= 10**7, 'ten at most') for e in request['effects']]\n"
    )
    code = {"tried": _code(source)}
    monkeypatch.setattr(plugins, "find_plugin", lambda name: code[name])
    pin = PluginPin(hash=code["tried"].hash).hash
    change_policy(bot, "rules:\n", f'plugins:\n  tried: {{hash: "{pin}"}}\nrules:\n')
    change_policy(bot, "usd: {max: 1000}, ", "usd: {max: 1000}, plugin: tried, ")
    async with signing(bot), guarding(bot) as guard:
        assert (await guard.done(guard.pay("10", "small")))["state"] == "confirmed"
        denied = await guard.submit(guard.pay("11", "large"))
        assert denied["verdict"] == "deny"
        code["tried"] = _code(source + "# changed\n")
        denied = await guard.submit(guard.pay("5", "unpinned"))
        assert denied["verdict"] == "deny"
        assert _said(guard)["failed"].startswith("what is installed has another hash")


def _said(guard: Running) -> dict[str, Any]:
    record = list(guard.state.log.records(kind="judged"))[-1]
    facts = guard.state.log.facts(record)
    assert facts is not None
    said: dict[str, Any] = facts["plugins"]["tried"]
    return said
