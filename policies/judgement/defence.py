"""Defence: what only makes the account safer. Neither the kill switch nor a breaker stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from ..effect import Effect, Kind
from ..facts import Facts
from ..proposal import Proposal

_WITHOUT_DEBT = Decimal(10) ** 30
"""Pools answer a health factor beyond any real one (Aave v3: 2^256 - 1) where nothing is owed."""


def is_defence(effects: Sequence[Effect], proposal: Proposal, facts: Facts) -> bool:
    """Whether each effect revokes, repays or withdraws for the account itself, or supplies for it while it owes.

    An approval that such an effect uses up is part of it.
    """
    return bool(effects) and all(
        effect.settled_by is not None or _defends(effect, proposal.account, facts) for effect in effects
    )


def _defends(effect: Effect, account: str, facts: Facts) -> bool:
    if effect.kind is Kind.REVOCATION:
        return True
    if effect.kind is Kind.WITHDRAW:
        return effect.counterparty == account
    if effect.kind is Kind.REPAY:
        return effect.on_behalf_of == account
    return effect.kind is Kind.SUPPLY and effect.on_behalf_of == account and _owes(facts)


def _owes(facts: Facts) -> bool:
    """A debt is known to be open. The simulation tells of the end: who supplies and borrows is no defence anyway."""
    simulation = facts.simulation
    health = None if simulation is None or not simulation.succeeded else simulation.health_factor_after
    return health is not None and health.is_finite() and health < _WITHOUT_DEBT
