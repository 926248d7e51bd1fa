"""PluginCode: the files of an installed plug-in, found by its entry point, read without running any, and their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from pathlib import Path, PurePosixPath

from ...wallets.errors import TreasurerError
from ...wallets.hints import nearest_or_all

GROUP = "treasurer.policies"
"""The entry points whose names a policy pins under ``plugins``."""
MAX_FILES = 256
MAX_BYTES = 4 << 20
"""A plug-in answers questions about effects: it is small, and it is read before each start."""


class PluginMissing(TreasurerError):
    """No such plug-in is installed, or it cannot be pinned."""

    next_command = "treasurer policy plugins"


@dataclass(frozen=True)
class PluginCode:
    """What a plug-in consists of: bytes by path, and the ``module:function`` that answers."""

    name: str
    target: str
    files: Mapping[str, bytes]

    @property
    def hash(self) -> str:
        """``sha256:`` and the SHA-256 of a text: a line with the target, then for each file, ordered by path, the line
        that ``sha256sum`` prints for it. So anybody can compute it.
        """
        lines = [f"{hashlib.sha256(self.files[path]).hexdigest()}  {path}\n" for path in sorted(self.files)]
        return "sha256:" + hashlib.sha256("".join([f"{self.target}\n", *lines]).encode()).hexdigest()

    def write(self, folder: Path) -> None:
        """Lay the files down in a folder that is empty: what was hashed is what runs."""
        for path, content in self.files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def find_plugin(name: str, path: list[str] | None = None) -> PluginCode:
    """The plug-in of that name. ``path``: folders to look in, by default where Python does. Raises PluginMissing."""
    found = {point.name: (point, of) for point, of in _points(path)}
    if name not in found:
        raise PluginMissing(f"no plug-in is called {name}{nearest_or_all(name, found)}")
    point, of = found[name]
    return _read(point, of)


def plugin_names(path: list[str] | None = None) -> list[str]:
    """The plug-ins that are installed."""
    return sorted({point.name for point, _ in _points(path)})


def _points(path: list[str] | None) -> Iterable[tuple[EntryPoint, Distribution]]:
    for of in distributions() if path is None else distributions(path=path):
        for point in of.entry_points:
            if point.group == GROUP:
                yield point, of


def _read(point: EntryPoint, of: Distribution) -> PluginCode:
    if not point.attr or point.extras:
        raise PluginMissing(f'the entry point of {point.name} must name one function: "module:function"')
    listed = [PurePosixPath(str(file)) for file in of.files or ()]
    wanted = sorted(str(path) for path in listed if _is_code(path))
    if len(wanted) > MAX_FILES:
        raise PluginMissing(f"{point.name} has more than {MAX_FILES} files: a plug-in is small")
    files: dict[str, bytes] = {}
    for path in wanted:
        try:
            files[path] = Path(str(of.locate_file(path))).read_bytes()
        except OSError as error:
            raise PluginMissing(f"{path} of {point.name} cannot be read: {error.strerror}") from error
        if sum(map(len, files.values())) > MAX_BYTES:
            raise PluginMissing(f"{point.name} has more than {MAX_BYTES} bytes: a plug-in is small")
    module = point.module.replace(".", "/")
    if not {f"{module}.py", f"{module}/__init__.py"} & files.keys():
        raise PluginMissing(
            f"{point.name} is installed without its code ({point.module}), as `pip install -e` does: install it whole"
        )
    return PluginCode(point.name, point.value, files)


def _is_code(path: PurePosixPath) -> bool:
    """Whether a file can be run or read by the plug-in: not the installer's notes, bytecode, or scripts outside."""
    if path.is_absolute() or ".." in path.parts or "__pycache__" in path.parts or path.suffix in (".pyc", ".pth"):
        return False
    return not (path.parts and path.parts[0].endswith((".dist-info", ".egg-info", ".data")))
