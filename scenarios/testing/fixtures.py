"""Pytest fixtures: one devnet for the whole session, and the world as it was for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .agents import TestedDevnet


@pytest.fixture(scope="session")
def devnet() -> Iterator[TestedDevnet]:
    """A real anvil with the protocols, on a free port."""
    with TestedDevnet.start() as running:
        yield running


@pytest.fixture
def chain(devnet: TestedDevnet) -> Iterator[TestedDevnet]:
    """The session's devnet; what a test does to it is undone."""
    before = devnet.world.snapshot()
    yield devnet
    devnet.world.revert(before)
