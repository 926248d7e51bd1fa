"""The treasury of tests/judgement, and the scripted engine."""

from __future__ import annotations

import pytest

from treasurer.tools import Catalog

from ....judgement.treasury import CATALOG


@pytest.fixture
def catalog() -> Catalog:
    return CATALOG
