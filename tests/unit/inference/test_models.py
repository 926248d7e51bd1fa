"""Models come by name, resumable, and only with the right hash. pip fetches from a folder here, httpx from loopback."""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from treasurer.inference.errors import DownloadFailed, ModelHashMismatch, ModelMissing, OutOfDisk, UnknownModel
from treasurer.inference.models import find_model, list_models, load_catalog, pull, remove, verify
from treasurer.inference.models.__main__ import main
from treasurer.inference.models.cache import ModelEntry
from treasurer.inference.models.catalog import Catalog, Manifest, WheelPart, WheelSource
from treasurer.inference.models.progress import StreamProgress

PIECES = (os.urandom(5000), os.urandom(3000))
WHOLE = b"".join(PIECES)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def wheel(folder: Path, name: str, data: bytes) -> None:
    information = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}/data.bin", data)
        archive.writestr(f"{information}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{information}/RECORD", "")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for number, piece in enumerate(PIECES, 1):
        wheel(folder, f"piece{number}", piece)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture(autouse=True)
def catalog(monkeypatch: pytest.MonkeyPatch) -> Catalog:
    parts = tuple(
        WheelPart(requirement=f"piece{n}==1.0", member=f"piece{n}/data.bin", size_bytes=len(p), sha256=sha256(p))
        for n, p in enumerate(PIECES, 1)
    )
    tiny = Manifest(
        name="tiny",
        title="Tiny",
        purpose="tests",
        sha256=sha256(WHOLE),
        size_bytes=len(WHOLE),
        licence="Apache-2.0",
        licence_url="https://example.org",
        publisher="nobody",
        origin="https://example.org",
        context_tokens=8,
        sources=(WheelSource(kind="pypi", parts=parts),),
    )
    one = Catalog(version=1, models=(tiny,))
    monkeypatch.setattr("treasurer.inference.models.store.load_catalog", lambda: one)
    return one


def test_wheels_are_joined_and_the_joined_file_is_verified(wheels: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = pull("tiny", root=tmp_path / "cache", progress=lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == WHOLE
    assert find_model("tiny", tmp_path / "cache") == path
    assert seen[-1] == (8000, 8000)
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["lock", "model.gguf", "verified.json"]


def test_an_interrupted_pull_fetches_only_what_is_missing(wheels: Path, tmp_path: Path) -> None:
    (wheels / "piece2-1.0-py3-none-any.whl").rename(tmp_path / "later.whl")
    with pytest.raises(DownloadFailed, match=r"piece2.*pull again"):
        pull("tiny", root=tmp_path / "cache")
    (tmp_path / "later.whl").rename(wheels / "piece2-1.0-py3-none-any.whl")
    (wheels / "piece1-1.0-py3-none-any.whl").unlink()  # cannot be fetched a second time
    assert pull("tiny", root=tmp_path / "cache").read_bytes() == WHOLE


def test_a_part_damaged_on_disk_is_fetched_again(wheels: Path, tmp_path: Path) -> None:
    (wheels / "piece2-1.0-py3-none-any.whl").rename(tmp_path / "later.whl")
    with pytest.raises(DownloadFailed):
        pull("tiny", root=tmp_path / "cache")
    (tmp_path / "later.whl").rename(wheels / "piece2-1.0-py3-none-any.whl")
    part = next((tmp_path / "cache").rglob("part001"))
    part.write_bytes(b"x" * 5000)
    assert pull("tiny", root=tmp_path / "cache").read_bytes() == WHOLE


def test_a_wheel_with_other_bytes_is_refused(wheels: Path, tmp_path: Path) -> None:
    wheel(wheels, "piece1", b"evil")
    with pytest.raises(DownloadFailed, match="wrong hash"):
        pull("tiny", root=tmp_path / "cache")
    with pytest.raises(ModelMissing, match="treasurer model pull tiny"):
        find_model("tiny", tmp_path / "cache")


def test_a_changed_file_is_found_at_the_next_load_and_mended_by_the_next_pull(wheels: Path, tmp_path: Path) -> None:
    path = pull("tiny", root=tmp_path)
    path.write_bytes(WHOLE[:-1] + bytes([WHOLE[-1] ^ 1]))
    with pytest.raises(ModelHashMismatch, match="treasurer model rm tiny"):
        find_model("tiny", tmp_path)
    assert pull("tiny", root=tmp_path).read_bytes() == WHOLE


def test_verify_hashes_again_where_the_stamp_would_be_believed(wheels: Path, tmp_path: Path) -> None:
    path = pull("tiny", root=tmp_path)
    before = path.stat()
    path.write_bytes(bytes(len(WHOLE)))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_model("tiny", tmp_path) == path
    with pytest.raises(ModelHashMismatch):
        verify("tiny", tmp_path)


def test_two_pulls_at_once_fetch_once(tmp_path: Path, catalog: Catalog, caplog: pytest.LogCaptureFixture) -> None:
    origin, cache = tmp_path / "model.gguf", tmp_path / "cache"
    origin.write_bytes(WHOLE)
    with ModelEntry(catalog.models[0], cache).locked():
        second = threading.Thread(target=pull, args=("tiny",), kwargs={"url": origin.as_uri(), "root": cache})
        second.start()
        second.join(0.2)
        assert second.is_alive()
        pulled = cache / "models" / sha256(WHOLE) / "model.gguf"
        pulled.write_bytes(WHOLE)  # the first one finished
        origin.unlink()
    second.join(5)
    assert not second.is_alive()
    assert find_model("tiny", cache) == pulled
    assert "waiting" in caplog.text


def test_remove_frees_what_list_showed(wheels: Path, tmp_path: Path) -> None:
    path = pull("tiny", root=tmp_path)
    assert [status.path for status in list_models(tmp_path)] == [path]
    assert remove("tiny", tmp_path) >= len(WHOLE)
    assert [status.path for status in list_models(tmp_path)] == [None]
    assert remove("tiny", tmp_path) == 0


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownModel, match="did you mean 'tiny'"):
        pull("tiny-1", root=tmp_path)


def test_a_disk_without_room_is_found_before_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000})())
    with pytest.raises(OutOfDisk, match="TREASURER_CACHE"):
        pull("tiny", root=tmp_path)


def test_a_file_is_copied_and_held_to_the_catalogs_hash(tmp_path: Path) -> None:
    good, bad = tmp_path / "good one.gguf", tmp_path / "bad.gguf"
    good.write_bytes(WHOLE)
    bad.write_bytes(bytes(len(WHOLE)))
    with pytest.raises(ModelHashMismatch, match="nothing was kept"):
        pull("tiny", url=bad.as_uri(), root=tmp_path / "cache")
    assert pull("tiny", url=good.as_uri(), root=tmp_path / "cache").read_bytes() == WHOLE
    with pytest.raises(DownloadFailed, match="no file"):
        pull("tiny", url=(tmp_path / "none").as_uri(), root=tmp_path / "other")


class Server(http.server.ThreadingHTTPServer):
    """Serves WHOLE with ranges; breaks off after `stop_after` bytes of an answer."""

    stop_after: int | None = None
    ranges: list[str | None]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
        self.send_response(206 if asked else 200)
        self.send_header("Content-Length", str(len(WHOLE) - start))
        self.end_headers()
        self.wfile.write(WHOLE[start : self.server.stop_after])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as one:
        one.ranges = []
        serving = threading.Thread(target=one.serve_forever)
        serving.start()
        yield one
        one.shutdown()
        serving.join()


def test_a_broken_http_download_goes_on_where_it_stopped(server: Server, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{server.server_port}/model.gguf"
    server.stop_after = 4321
    with pytest.raises(DownloadFailed, match="pull again"):
        pull("tiny", url=url, root=tmp_path)
    server.stop_after = None
    assert pull("tiny", url=url, root=tmp_path).read_bytes() == WHOLE
    assert server.ranges == [None, "bytes=4321-"]


@pytest.mark.parametrize("url", ["http://example.org/m.gguf", "ftp://example.org/m.gguf", "model.gguf"])
def test_a_source_that_is_not_safe_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed, match="https: or file:"):
        pull("tiny", url=url, root=tmp_path)


def test_progress_tells_rate_and_remaining_time() -> None:
    stream = io.StringIO()
    progress = StreamProgress("tiny", stream)
    progress(4_000_000, 8_000_000)
    progress(8_000_000, 8_000_000)
    first, last = stream.getvalue().splitlines()
    assert first == "tiny: 4 of 8 MB"
    assert last.startswith("tiny: 8 of 8 MB, ")
    assert last.endswith(" MB/s, 0 s left")


def test_the_module_pulls_from_the_command_line(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TREASURER_CACHE", str(tmp_path / "cache"))
    assert main(["verify", "tiny"]) == 3
    assert main(["pull", "tiny"]) == 0
    assert Path(capsys.readouterr().out.strip()).read_bytes() == WHOLE
    assert main(["verify", "tiny"]) == 0
    assert main(["pull", "huge"]) == 2


def test_the_shipped_catalog_names_licence_source_and_hash_of_each_model() -> None:
    catalog = load_catalog()
    assert {manifest.name for manifest in catalog.models} >= {"qwen2.5-coder-1.5b-q4_k_m", "smollm2-135m-q4_1"}
    for manifest in catalog.models:
        assert manifest.licence
        assert manifest.origin.startswith("https://")
        for source in manifest.sources:
            assert isinstance(source, WheelSource)
            assert sum(part.size_bytes for part in source.parts) == manifest.size_bytes
    qwen = catalog.find("qwen2.5-coder-1.5b-q4_k_m")
    assert qwen.sha256 == "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"
    assert json.loads(qwen.model_dump_json())["size_bytes"] == 1_117_320_768
