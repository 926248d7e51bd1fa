"""A download's progress on standard error: how much, how fast, how long still."""

from __future__ import annotations

import sys
import time
from typing import Protocol, TextIO

_TERMINAL_SECONDS = 0.2  # redraw rate that reads as movement
_LOG_SECONDS = 10.0  # a line now and then, where nobody watches


class Progress(Protocol):
    """Told how many bytes are there, of how many."""

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """`done_bytes` never shrinks; the last call has both equal."""
        ...


class StreamProgress:
    """Writes one line that redraws itself on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, title: str, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._started: tuple[float, int] | None = None
        self._shown = float("-inf")

    def __call__(self, done_bytes: int, total_bytes: int) -> None:
        """Show `done_bytes` of `total_bytes`. What was there at the first call does not count for the rate."""
        now = time.monotonic()
        if self._started is None:
            self._started = (now, done_bytes)
        last = done_bytes >= total_bytes
        if not last and now - self._shown < (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS):
            return
        self._shown = now
        line = self._line(done_bytes, total_bytes, now)
        self._stream.write(f"\r\x1b[K{line}" if self._terminal else f"{line}\n")
        if last and self._terminal:
            self._stream.write("\n")
        self._stream.flush()

    def _line(self, done_bytes: int, total_bytes: int, now: float) -> str:
        since, before = self._started or (now, done_bytes)
        seconds = now - since
        rate = (done_bytes - before) / seconds if seconds > 0 else 0.0
        text = f"{self._title}: {done_bytes / 1e6:,.0f} of {total_bytes / 1e6:,.0f} MB"
        if rate <= 0:
            return text
        remaining = (total_bytes - done_bytes) / rate
        return f"{text}, {rate / 1e6:.1f} MB/s, {remaining:.0f} s left"
