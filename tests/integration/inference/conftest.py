"""Engines over real models, loaded once a session; their prefix cache is the test run's own."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from treasurer.inference.llama import LlamaEngine, open_engine
from treasurer.inference.models import cache_root, list_models
from treasurer.inference.protocol import Turn

MECHANICS = "smollm2-135m-q4_1"
JUDGEMENT = "qwen2.5-coder-1.5b-q4_k_m"

ROUTE = (
    Turn(
        role="system",
        text="You route requests of a treasury. Answer with one word: swap, transfer, supply, answer, ask or refuse.",
    ),
    Turn(role="user", text="exchange 300 usdc into weth"),
    Turn(role="assistant", text="swap\n"),
    Turn(role="user", text="what do we hold?"),
    Turn(role="assistant", text="answer\n"),
    Turn(role="user", text="send 20 dai to bob"),
    Turn(role="assistant", text="transfer\n"),
    Turn(role="user", text="put 500 usdc to work on aave"),
    Turn(role="assistant", text="supply\n"),
)


def models_beside(folder: Path) -> Path:
    """A cache of its own that shares the models of this machine."""
    (folder / "models").symlink_to(cache_root() / "models")
    return folder


def need(name: str) -> None:
    if importlib.util.find_spec("llama_cpp") is None:
        pytest.skip("llama-cpp-python is not installed: make setup")
    if not any(status.path for status in list_models() if status.manifest.name == name):
        pytest.skip(f"{name} is not on this machine: python -m treasurer.inference.models pull {name}")


def loaded(name: str, cache: Path) -> Iterator[LlamaEngine]:
    need(name)
    engine = asyncio.run(open_engine(name, cache=models_beside(cache)))
    yield engine
    asyncio.run(engine.aclose())


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    """The 135M model: fast, for mechanics."""
    yield from loaded(MECHANICS, tmp_path_factory.mktemp("mechanics"))


@pytest.fixture(scope="session")
def judge_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlamaEngine]:
    """The 1.5B model that plans."""
    yield from loaded(JUDGEMENT, tmp_path_factory.mktemp("judgement"))
