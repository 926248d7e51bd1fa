"""The attack library is data, large enough, and what attackers deploy is what their sources say."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import pytest

from treasurer.scenarios.devnet.contracts.compile import compiled, sources
from treasurer.scenarios.redteam import attack_files, benign_files

CONTRACTS = Path(str(files("treasurer.scenarios.redteam") / "contracts"))


def test_there_are_25_kinds_of_at_least_8_variants_each() -> None:
    kinds = attack_files()
    assert len({file.kind for file in kinds}) == len(kinds) >= 25
    few = {file.kind: sum(len(variant.forms) for variant in file.variants) for file in kinds}
    assert not {kind: count for kind, count in few.items() if count < 8}


def test_each_variant_has_a_name_of_its_own() -> None:
    for file in attack_files():
        names = [variant.name for variant in file.variants]
        assert len(names) == len(set(names)), file.kind


def test_there_are_200_pieces_of_daily_work() -> None:
    assert sum(max(1, len(case.each)) for file in benign_files() for case in file.cases) >= 200


@pytest.mark.parametrize("source", sources(CONTRACTS), ids=lambda path: path.stem)
def test_what_attackers_deploy_is_what_the_source_compiles_to(source: Path) -> None:
    assert json.loads(source.with_suffix(".json").read_text()) == compiled(source)
