"""HealthTrigger: fires when the health factor of our debt falls below a bound, once until it has recovered above it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ...tools import Context
from ...tools.aave_v3 import position, the_pool
from ..bot.configuration import Trigger
from .firing import Firing, triggered


class HealthTrigger:
    """One trigger of treasurer.toml. It keeps nothing: whether it is armed is told to it, and told back."""

    def __init__(self, trigger: Trigger) -> None:
        self.trigger = trigger

    def check(
        self, health_factor: Decimal | None, *, armed: bool, block_hash: str, at: datetime
    ) -> tuple[Firing | None, bool]:
        """The firing at this block, if it goes off, and whether it is armed from now on. None: there is no debt."""
        bound = self.trigger.health_factor_below
        if health_factor is None or health_factor > bound:
            return None, True
        if armed and health_factor < bound:
            return triggered(self.trigger, block_hash, at), False
        return None, armed


async def health_factor(context: Context) -> Decimal | None:
    """The account's health factor in the book's lending pool, None without debt. Raises NotOffered, ChainError."""
    return (await position(context, the_pool(context, None))).health_factor
