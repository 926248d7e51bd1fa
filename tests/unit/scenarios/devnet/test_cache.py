"""A folder of the cache is whole, or not there."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from treasurer.scenarios.devnet.cache import cache_root, content_hash, once


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TREASURER_CACHE", str(tmp_path / "cache"))
    return cache_root()


def test_it_is_made_once(root: Path) -> None:
    made = []

    def build(folder: Path) -> None:
        made.append(folder)
        (folder / "file").write_text("whole")

    assert once("thing", build) == once("thing", build) == root / "thing"
    assert (root / "thing" / "file").read_text() == "whole"
    assert len(made) == 1


def test_an_interrupted_build_leaves_nothing(root: Path) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "file").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        once("thing", interrupted)
    assert not (root / "thing").exists()
    assert [path.name for path in root.iterdir()] == [".thing.lock"]


def test_what_a_killed_build_left_is_removed_by_the_next(root: Path) -> None:
    left = root / ".thing.killed"
    left.mkdir(parents=True)
    (left / "file").write_text("half")
    once("thing", lambda folder: None)
    assert sorted(path.name for path in root.iterdir()) == [".thing.lock", "thing"]


def test_a_second_builder_waits_for_the_first() -> None:
    made = []

    def build(folder: Path) -> None:
        made.append(folder)
        time.sleep(0.2)

    threads = [threading.Thread(target=once, args=("thing", build)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_parts_do_not_run_into_each_other() -> None:
    assert content_hash([b"ab", b"c"]) != content_hash([b"a", b"bc"])
    assert content_hash([b"ab", b""]) != content_hash([b"ab"])
