"""Breaker: what stops everything, and when."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..conditions.bounds import Number
from .documents import Written
from .duration import Seconds
from .fields import Id


class PortfolioDrop(Written):
    """The portfolio's worth fell by ``drop_pct`` percent or more from its highest within ``window``."""

    drop_pct: Annotated[Number, Field(gt=0, le=100)]
    window: Seconds


class BreakerWhen(Written):
    """What trips a breaker."""

    portfolio_usd: PortfolioDrop


class Breaker(Written):
    """Denies everything, and stops the wallet, once tripped."""

    id: Id
    when: BreakerWhen
    then: Literal["stop"]
