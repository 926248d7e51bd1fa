"""Lengths of time as people write them: ``90s``, ``30m``, ``24h``, ``7d``."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator

_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST_SECONDS = 36_500 * 86_400
"""A hundred years: what is longer is a slip of the keyboard, and no calendar counts it back from today."""


def parse_seconds(value: Any) -> int:
    """Seconds of ``24h``. Raises ValueError that says how a length of time is written."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"a length of time is a number with s, m, h, d or w, as in 24h, not {value!r}")
    seconds = int(match[1]) * UNIT_SECONDS[match[2]]
    if seconds > LONGEST_SECONDS:
        raise ValueError(f"a length of time is at most a hundred years, as in 36500d, not {value}")
    return seconds


def write_seconds(seconds: int) -> str:
    """The shortest exact form of a length of time, as in ``24h``."""
    if seconds == 86400:
        return "24h"
    for unit in "wdhm":
        if seconds and seconds % UNIT_SECONDS[unit] == 0:
            return f"{seconds // UNIT_SECONDS[unit]}{unit}"
    return f"{seconds}s"


Seconds = Annotated[int, BeforeValidator(parse_seconds)]
"""A length of time in seconds, written as ``24h``."""
