"""States of prefixes: bounded, keyed by all that decides their bits, refused when damaged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from treasurer.inference.prefix import PrefixCache, prefix_key, prefix_sha256
from treasurer.inference.protocol import ModelIdentity

IDENTITY = ModelIdentity(
    name="m", sha256="00", build="b", flags=("CPU:AVX2=1",), n_ctx=4096, n_threads=2, n_gpu_layers=0
)


def test_a_state_survives_a_restart(tmp_path: Path) -> None:
    PrefixCache(tmp_path).put("k", b"state\nwith\nlines")
    assert PrefixCache(tmp_path).get("k") == b"state\nwith\nlines"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"format": "other"}\nstate'])
def test_a_damaged_state_is_deleted_not_used(tmp_path: Path, damage: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "k.kv"
    path.write_bytes(damage)
    assert PrefixCache(tmp_path).get("k") is None
    assert not path.exists()
    assert "damaged" in caplog.text


def test_one_flipped_bit_is_damage(tmp_path: Path) -> None:
    PrefixCache(tmp_path).put("k", b"state")
    path = tmp_path / "k.kv"
    path.write_bytes(path.read_bytes()[:-1] + b"f")
    assert PrefixCache(tmp_path).get("k") is None


def test_a_state_under_another_key_is_damage(tmp_path: Path) -> None:
    PrefixCache(tmp_path).put("k", b"state")
    (tmp_path / "k.kv").rename(tmp_path / "other.kv")
    assert PrefixCache(tmp_path).get("other") is None


def test_the_least_recently_used_is_given_up_on_disk(tmp_path: Path) -> None:
    cache = PrefixCache(tmp_path, disk_bytes=2500)
    for age, key in ((30, "old"), (20, "used"), (10, "new")):
        cache.put(key, bytes(1000))
        path = tmp_path / f"{key}.kv"
        if path.exists():
            os.utime(path, (path.stat().st_mtime - age,) * 2)
        if key == "used":
            PrefixCache(tmp_path).get("old")  # old was used last
    assert sorted(path.stem for path in tmp_path.glob("*.kv")) == ["new", "old"]


def test_memory_is_bounded_and_the_disk_still_has_it(tmp_path: Path) -> None:
    cache = PrefixCache(tmp_path, memory_bytes=1500)
    cache.put("a", bytes(1000))
    cache.put("b", bytes(1000))
    (tmp_path / "b.kv").unlink()
    (tmp_path / "a.kv").rename(tmp_path / "kept")
    assert cache.get("a") is None
    assert cache.get("b") == bytes(1000)


def test_a_disk_that_refuses_costs_only_the_next_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    cache = PrefixCache(tmp_path / "file" / "folder")
    cache.put("k", b"state")
    assert cache.get("k") == b"state"
    assert "evaluates it again" in caplog.text


@pytest.mark.parametrize(
    "change", [{"sha256": "01"}, {"build": "c"}, {"flags": ()}, {"n_threads": 1}, {"n_gpu_layers": 9}]
)
def test_the_key_names_all_that_decides_the_bits(change: dict[str, object]) -> None:
    tokens = prefix_sha256([1, 2, 3])
    other = IDENTITY.model_copy(update=change)
    assert prefix_key(IDENTITY, tokens, (3,)) != prefix_key(other, tokens, (3,))
    assert prefix_key(IDENTITY, tokens, (3,)) != prefix_key(IDENTITY, tokens, (2, 1))
    assert prefix_key(IDENTITY, tokens, (3,)) != prefix_key(IDENTITY, prefix_sha256([3, 2, 1]), (3,))
