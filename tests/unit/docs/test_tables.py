"""The tables of the pages list what the code knows: tools, events, the devnet's packages and its verbs."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

from treasurer.agent.events import Ended, Included, Judged, Proposed, TextDelta, Waiting
from treasurer.agent.planner.limits import Limits
from treasurer.agent.state import Outcome
from treasurer.scenarios.devnet import World
from treasurer.scenarios.runner import find_scenario
from treasurer.tools import Context

PACKAGES = ("agent", "inference", "policies", "runtime", "scenarios", "tools", "wallets")


def _page(root: Path, name: str) -> str:
    return (root / "docs" / f"{name}.md").read_text()


def _rows(text: str, header: str) -> list[list[str]]:
    _, _, rest = text.partition(f"| {header} |")
    assert rest, f"no table is headed {header}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rest.split("\n\n")[0].splitlines()[2:]]


def _told(text: str, header: str) -> set[str]:
    return {name for row in _rows(text, header) for name in re.findall(r"`(\w+)", row[0])}


def _public(of: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(of, callable) if not name.startswith("_")}


def test_the_page_of_tools_is_what_the_tools_say(root: Path) -> None:
    command = [sys.executable, "-P", "docs/tools.py", "--check"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_devnet_page_lists_every_package_with_version_and_licence(root: Path) -> None:
    folder = root / "scenarios" / "devnet"
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    locked = json.loads((folder / "package-lock.json").read_text())["packages"]
    told = {row[0].strip("`"): (row[1], row[2]) for row in _rows(_page(root, "devnet"), "package")}
    assert told == {
        name: (version, locked[f"node_modules/{name}"].get("license", "none named")) for name, version in wanted.items()
    }


def test_the_devnet_page_lists_every_verb(root: Path) -> None:
    assert _told(_page(root, "devnet"), "verb") == _public(World)


def test_the_python_page_lists_the_context_and_the_events(root: Path) -> None:
    page = _page(root, "python")
    members = {name for name in vars(Context) if not name.startswith("_")}
    assert _told(page, "of the `Context`") == members
    events = (TextDelta, Proposed, Judged, Waiting, Included, Ended)
    told = {row[0].strip("`"): re.findall(r"`(\w+)`", row[1]) for row in _rows(page, "event")}
    assert told == {
        event.__name__: [name for name in event.model_fields if name not in ("kind", "run")] for event in events
    }
    assert set(get_args(Outcome)) <= set(re.findall(r"`(\w+)`", page))


def test_the_planner_page_tells_the_limits_that_hold(root: Path) -> None:
    page = " ".join(_page(root, "planner").split())
    limits = Limits()
    assert f"at most {limits.request_characters:,} characters" in page
    assert f"at most {limits.model_calls} model calls" in page
    assert f"{limits.answer_tokens} tokens" in page
    assert (limits.steps_of_a_plan, limits.proposals, limits.chat_turns) == (5, 5, 4)
    assert "five clauses" in page
    assert "at most five proposals" in page
    assert "four turns" in page


def test_the_transcript_of_the_readme_is_of_the_day_that_the_demo_plays(root: Path) -> None:
    (transcript,) = re.findall(r"^```text\n\$ treasurer demo\n(.*?)^```", (root / "README.md").read_text(), re.M | re.S)
    steps = find_scenario("day").steps
    shown = re.findall(rf"^(\d+)/{len(steps)}\s+(.+?)  \w{{3}} \d\d:\d\d$", transcript, re.MULTILINE)
    assert len(shown) >= 5
    assert all(steps[int(number) - 1].name == name for number, name in shown)
    assert transcript.splitlines()[-1].startswith("every expectation held")


def test_the_architecture_names_files_and_folders_that_exist(root: Path) -> None:
    named = set(re.findall(r"`((?:[a-z_]+/)+(?:[a-z_0-9]+[.]py)?)`", _page(root, "architecture")))
    packages = {name for name in named if name.split("/")[0] in PACKAGES}
    assert len(packages) > 40
    assert not [name for name in packages if not (root / name).exists()]
