"""The library: the scenarios that come with treasurer, by name."""

from __future__ import annotations

import contextlib
from importlib.resources import as_file, files
from pathlib import Path

from ...wallets.errors import InvalidValue
from ...wallets.hints import nearest
from .document import Scenario, read_scenario

_FOLDER = files(__package__).joinpath("..", "library")


def names() -> list[str]:
    """The names in the library, sorted."""
    return sorted(item.name.removesuffix(".yaml") for item in _FOLDER.iterdir() if item.name.endswith(".yaml"))


def list_scenarios() -> list[Scenario]:
    """Every scenario of the library."""
    return [find_scenario(name) for name in names()]


def find_scenario(name: str) -> Scenario:
    """The scenario of a file, or of a name of the library. Raises InvalidValue with the nearest name, DocumentError."""
    with contextlib.ExitStack() as stack:
        if name in names():
            return read_scenario(stack.enter_context(as_file(_FOLDER.joinpath(f"{name}.yaml"))))
        if Path(name).is_file():
            return read_scenario(Path(name))
    known = names()
    raise InvalidValue(
        f"{name} is no file and no scenario of the library{nearest(name, known) or '.'} There are: {', '.join(known)}",
        next_command="treasurer scenario list",
    )
