"""Every figure is told in the docs with the numbers that were printed, and each side of it does what it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import Load

PEERS = {"verdict_static": "cedarpy", "policy_check_batch": "cedarpy", "startup": "coinbase-agentkit"}


def _rows(root: Path) -> dict[str, list[str]]:
    page = (root / "docs" / "benchmarks.md").read_text()
    found = re.findall(r"^\| `(\w+)` \| (.*) \|$", page, re.MULTILINE)
    return {name: cells.split(" | ") for name, cells in found}


def test_each_figure_has_a_row_and_a_paragraph(root: Path, load: Load) -> None:
    figures = load("figures")
    assert list(_rows(root)) == list(figures.NAMES)
    page = (root / "docs" / "benchmarks.md").read_text()
    assert not [name for name in figures.NAMES if f"\n**{name}**: " not in page]
    assert {name: figures.figure(name).unit for name in figures.NAMES} == {
        name: row[5] for name, row in _rows(root).items()
    }


def test_the_rows_are_what_was_printed(root: Path) -> None:
    newest = max((root / "bench" / "results").glob("*.jsonl"))
    printed = [json.loads(line) for line in newest.read_text().splitlines()]
    keys = ("ours", "peer", "ratio", "lo", "hi", "unit", "n")
    assert {line["name"]: [str(line[key]) for key in keys] for line in printed} == _rows(root)
    assert newest.stem in (root / "docs" / "benchmarks.md").read_text()


def test_what_a_peer_needs_is_pinned_with_hashes_and_without_an_address(root: Path) -> None:
    for peer in PEERS.values():
        lock = (root / "bench" / "peers" / f"{peer}.txt").read_text()
        pins = re.findall(r"^[a-z0-9.-]+==\S+[^\n]*", lock, re.MULTILINE)
        assert "://" not in lock
        assert pins
        assert all(pin.endswith(" \\") for pin in pins), "a pin goes on with its hashes"
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) >= len(pins)


def test_a_name_that_there_is_not_is_a_usage_error(root: Path) -> None:
    done = subprocess.run([sys.executable, str(root / "bench"), "verdict"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "there are verdict_static_2, verdict_static," in done.stderr


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_that_cannot_be_installed_leaves_our_side_and_says_why(
    name: str, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv is told to stay offline and has no cache: the installation fails for real, and nothing is left behind."""
    monkeypatch.setenv("TREASURER_CACHE", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    with load("figures").figure(name).contest() as contest:
        assert contest.peer is None
        assert "uv pip exited with" in contest.missing
        assert contest.ours() > 0
    assert not list(tmp_path.glob("bench-*"))


PAID, NO_RULE = ("allow", "pay"), ("deny", "no-rule")
BY_TWENTY = [
    PAID, NO_RULE, PAID, NO_RULE, ("deny", "blocked"), NO_RULE, ("allow", "pay-coin"), NO_RULE,
    ("allow", "router"), NO_RULE,
]  # fmt: skip
BY_TWO = [PAID, NO_RULE, PAID, NO_RULE, PAID, NO_RULE, NO_RULE, NO_RULE, ("allow", "router"), NO_RULE]


@pytest.mark.parametrize(("rules", "wanted"), [(2, BY_TWO), (20, BY_TWENTY), (200, BY_TWENTY)])
def test_each_request_is_allowed_or_denied_by_the_rule_that_is_meant(
    rules: int, wanted: list[tuple[str, str]], load: Load
) -> None:
    """What Cedar has to agree with: the amounts at the bound pass, one unit more, strangers and the blocked do not."""
    verdict_static = load("verdict_static")
    policy, book, cedar = verdict_static.documents(rules)
    bundle = verdict_static.PolicyBundle.from_bytes(policy.encode(), book.encode())
    assert len(bundle.policy.rules) == rules == cedar.count("permit(") + cedar.count("forbid(")
    facts = verdict_static.Facts(at=verdict_static.AT, static=True)
    verdicts = [
        verdict_static.judge(bundle.policy, bundle.book, verdict_static.proposal(*request), facts)
        for request in verdict_static.REQUESTS
    ]
    assert [(verdict.decision, verdict.reasons[0].rule) for verdict in verdicts] == wanted


def test_every_line_of_the_batch_is_answered_as_its_request_is_judged(load: Load) -> None:
    batch = load("policy_check_batch")
    bundle, lines = batch.batch()
    answers = [json.loads(answer) for answer in batch.answers(bundle, lines)]
    assert [answer["id"] for answer in answers] == [f"line-{number}" for number in range(batch.LINES)]
    assert [answer["verdict"] for answer in answers[:20]] == [decision for decision, _ in BY_TWENTY * 2]
    assert {answer["verdict"] for answer in answers[-10:]} == {"allow", "deny"}


def test_both_graphs_run_to_their_end(load: Load) -> None:
    with load("figures").figure("step_overhead").contest() as contest:
        assert contest.ours() > 0
        assert contest.peer is not None
        assert contest.peer() > 0
