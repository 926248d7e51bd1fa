"""The guard's clock: monotone UTC, held against the newest block; on a devnet the newest block's time is the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from ...wallets.errors import TreasurerError

MAX_SKEW_SECONDS = 60
"""More than this between our clock and the newest block, and nothing is judged (design.md, Time)."""


class ClockSkew(TreasurerError):
    """Our clock and the chain's disagree: windows and expiries would be wrong."""

    next_command = "treasurer doctor"


class GuardClock:
    """``now`` never runs backwards. ``block_time``: the newest block's timestamp is the time (a devnet)."""

    def __init__(self, *, block_time: bool) -> None:
        self._block_time = block_time
        self._started = datetime.now(UTC).timestamp() - time.monotonic()
        self._newest = 0.0

    def now(self) -> datetime:
        """The present, UTC."""
        if not self._block_time:
            self._newest = max(self._newest, self._started + time.monotonic())
        return datetime.fromtimestamp(self._newest, UTC)

    def not_before(self, timestamp: int) -> None:
        """A block of the past was read: on a devnet it is not earlier than that."""
        if self._block_time:
            self._newest = max(self._newest, float(timestamp))

    def hear(self, timestamp: int) -> None:
        """A new block was seen. Raises ClockSkew where it is more than MAX_SKEW_SECONDS from our clock."""
        self.not_before(timestamp)
        if self._block_time:
            return
        skew = abs(self.now().timestamp() - timestamp)
        if skew > MAX_SKEW_SECONDS:
            raise ClockSkew(
                f"the newest block and this machine's clock are {skew:.0f} s apart: nothing is judged until they agree"
            )
