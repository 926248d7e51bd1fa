"""The Python that the pages show runs as it stands, and prints what the pages say that it prints."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import io
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from treasurer.inference.errors import InferenceError
from treasurer.inference.models import find_model
from treasurer.scenarios.testing import TestedDevnet

EXAMPLES = re.compile(r"^```python\n(.*?)^```(?:\n\n```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


def _examples(root: Path, page: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = EXAMPLES.findall((root / "docs" / f"{page}.md").read_text())
    assert found
    return found


def _printed(code: str, names: dict[str, Any] | None = None) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "<page>", "exec"), names if names is not None else {})
    return said.getvalue()


def test_the_planner_reads_what_its_page_says(root: Path) -> None:
    ((code, output),) = _examples(root, "planner")
    assert _printed(code) == output


def test_the_devnet_does_what_its_page_says(root: Path) -> None:
    ((code, output),) = _examples(root, "devnet")
    assert _printed(code) == output


def test_the_model_chooses_as_its_page_says(root: Path) -> None:
    ((code, output),) = _examples(root, "inference")
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama-cpp-python is not installed: make setup")
    try:
        find_model("smollm2-135m-q4_1")
    except InferenceError as error:
        pytest.skip(str(error))
    assert _printed(code) == output


def test_the_api_does_what_its_page_says(
    root: Path, devnet: TestedDevnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (a_test, nothing), (an_agent, events), (a_guard, verdict) = _examples(root, "python")
    assert nothing == ""
    names: dict[str, Any] = {}
    _printed(a_test, names)
    asyncio.run(names["test_tip"](devnet))
    (tmp_path / "acme").symlink_to(devnet.agent().bot.root)
    monkeypatch.chdir(tmp_path)
    assert _printed(an_agent, names) == events
    inside = f"async def shown():\n{textwrap.indent(a_guard, '    ')}\nasyncio.run(shown())\n"
    assert _printed(inside, names) == verdict
