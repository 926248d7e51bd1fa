"""Function: one contract function that we can read, and how its arguments become effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .draft import Draft, Frame

Decoder = Callable[[Draft, Frame, tuple[Any, ...]], None]


@dataclass(frozen=True)
class Function:
    """``signature`` as ``name(type,..)``; ``payable`` where value sent along is part of what it does."""

    signature: str
    decode: Decoder
    payable: bool = False
