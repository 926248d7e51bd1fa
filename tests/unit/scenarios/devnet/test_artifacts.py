"""Compiled contracts are linked in full or refused."""

from __future__ import annotations

import pytest

from treasurer.scenarios.devnet.artifacts import ARTIFACTS, Artifact
from treasurer.scenarios.devnet.errors import ArtifactInvalid
from treasurer.scenarios.devnet.packages import kept_files

LIBRARY = "0x" + "ab" * 20


def artifact(code: str, links: dict[str, tuple[int, ...]] | None = None) -> Artifact:
    return Artifact("Thing", (), code, links or {})


def test_a_library_fills_each_of_its_holes() -> None:
    hole = "__$" + "0" * 35 + "$_"
    linked = artifact("6001" + hole + "6002" + hole, {"Logic": (2, 24)}).linked({"Logic": LIBRARY})
    assert linked.hex() == "6001" + "ab" * 20 + "6002" + "ab" * 20


@pytest.mark.parametrize(
    ("thing", "why"),
    [
        (artifact("__$" + "0" * 35 + "$_", {"Logic": (0,)}), "deploy it first"),
        (artifact("6001__$" + "0" * 35 + "$_"), "libraries that its artifact does not name"),
        (artifact(""), "no creation code"),
        (artifact("600"), "no creation code"),
    ],
)
def test_code_with_holes_is_refused(thing: Artifact, why: str) -> None:
    with pytest.raises(ArtifactInvalid, match=why):
        thing.linked({})


def test_nothing_of_the_packages_is_kept_but_artifacts_and_two_programs() -> None:
    assert len(set(kept_files())) == len(set(ARTIFACTS.values())) + 2
