"""PluginPin: the code of a plug-in by its hash, in the policy and so in what people sign."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from ..documents.yaml_document import Written

PLUGIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_HASH = r"^sha256:[0-9a-f]{64}$"


def _check_name(value: str) -> str:
    if not PLUGIN_NAME.fullmatch(value):
        raise ValueError("a plug-in's name is letters, digits and any of _ . -, a letter first, at most 64 characters")
    return value


def _check_hash(value: str) -> str:
    if not re.fullmatch(_HASH, value):
        raise ValueError("a hash is written as sha256: and 64 small hex digits")
    return value


class PluginPin(Written):
    """``hash``: SHA-256 of the plug-in's code. Code of any other hash is never run."""

    hash: Annotated[str, Field(strict=True), AfterValidator(_check_hash)]


PluginName = Annotated[str, AfterValidator(_check_name)]
"""A plug-in's name: that of its entry point in the group ``treasurer.policies``."""
