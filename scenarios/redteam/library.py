"""The files of the library, by name: attacks by kind, daily work by family."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from typing import TypeVar

from ...policies.documents.yaml_document import read_document, read_file
from .document import AttackFile, BenignFile

_FOLDER = files(__package__).joinpath("..", "attacks")
File = TypeVar("File", AttackFile, BenignFile)


def attack_files() -> list[AttackFile]:
    """Every kind of attack, by file name. Raises DocumentError with file, line and column."""
    return list(_read(_FOLDER, AttackFile))


def benign_files() -> list[BenignFile]:
    """Every family of daily work, by file name. Raises DocumentError with file, line and column."""
    return list(_read(_FOLDER.joinpath("benign"), BenignFile))


def _read(folder: Traversable, model: type[File]) -> Iterator[File]:
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        if item.name.endswith(".yaml"):
            with as_file(item) as path:
                yield read_document(model, read_file(path), item.name)
