"""CallNode: one call of a proposal as people read it, in the tree of everything that is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ....wallets.call import Operation


@dataclass(frozen=True)
class Argument:
    """One argument of a decoded call: its ABI ``type``, and its value as abi.py reads it."""

    type: str
    value: Any


@dataclass(frozen=True)
class CallNode:
    """``sender`` calls ``target`` (lower case; None creates a contract) with ``value`` wei and ``data``.

    ``path``: empty at the top, ``(1, 0)`` for the first call of the second one that call number ``call`` makes.
    ``call`` is None below typed data, ``signature`` where nobody knows the function. ``note`` says what is odd.
    """

    path: tuple[int, ...]
    call: int | None
    sender: str
    target: str | None
    value: int
    data: bytes
    operation: Operation
    signature: str | None = None
    arguments: tuple[Argument, ...] = ()
    note: str = ""
