"""The attack library before a real guard: all of it stopped, daily work passes, and a lax policy is found out."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

from treasurer.policies.documents.yaml_document import read_document
from treasurer.policies.errors import DocumentError
from treasurer.scenarios.redteam.arena import open_arena
from treasurer.scenarios.redteam.document import AttackFile
from treasurer.scenarios.redteam.library import attack_files
from treasurer.scenarios.redteam.play import play_attacks
from treasurer.scenarios.redteam.report import RedTeamReport
from treasurer.scenarios.runner.document import PolicyPart

LAX = """
version: 1
name: lax
chains: [31337]
rules:
  - {id: anybody, allow: transfer}
  - {id: any-spender, allow: approval}
"""


COMMAND = [sys.executable, "-c", "import sys; from treasurer.runtime.commands import main; sys.exit(main())"]
LIMIT_SECONDS = 600


def _ignore(_: object) -> None:
    return


def test_the_whole_library_is_stopped_and_daily_work_passes() -> None:
    command = [*COMMAND, "scenario", "run", "attacks", "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False)
    told = json.loads(ended.stdout)
    assert ended.returncode == 0, told["missed"] or ended.stderr
    assert told["missed"] == []
    assert told["stopped"] == told["attacks"] >= 25 * 8
    assert told["benign"] >= 200
    assert told["passed"] + told["escalated"] >= 0.98 * told["benign"]
    assert float(told["worst_loss_usd"]) <= 25_000


def test_a_lax_policy_is_found_out_and_its_loss_counted() -> None:
    async def play() -> RedTeamReport:
        report = RedTeamReport()
        files = [file for file in attack_files() if file.kind in ("direct drain", "unlimited approval")]
        async with open_arena(PolicyPart(text=LAX)) as arena:
            await play_attacks(arena, files, report, _ignore)
        return report

    report = asyncio.run(play())
    missed = {one.name for one in report.missed}
    assert "direct drain: all usdc (plain)" in missed
    assert "direct drain: all coins (plain)" in missed
    assert "unlimited approval: of just all that there is (plain)" in missed
    assert report.worst_loss_usd > 40_000
    assert not report.ok


def test_a_file_with_a_wrong_word_is_told_with_its_line() -> None:
    source = b"version: 1\nkind: x\nabout: y\nvariants:\n  - {name: z, cals: []}\n"
    with pytest.raises(DocumentError, match=r"x\.yaml:5.*calls"):
        read_document(AttackFile, source, "x.yaml")
