"""Breakers: what stops everything. They only deny; the guard, seeing one tripped, also stops the wallet."""

from __future__ import annotations

from decimal import Decimal

from ..conditions.bounds import write_number
from ..facts import Facts
from ..language.breakers import Breaker
from ..language.duration import write_seconds
from ..language.policy import Policy
from ..verdict import Reason
from .valuation import written_usd


def tripped(policy: Policy, facts: Facts) -> tuple[list[Reason], list[str]]:
    """Reasons of the breakers that are tripped or cannot be judged; and ids of those that this judgement leaves out."""
    if "breakers" in facts.not_held:
        return [], [breaker.id for breaker in policy.breakers]
    found = (_judge(breaker, facts) for breaker in policy.breakers)
    return [reason for reason in found if reason is not None], []


def _judge(breaker: Breaker, facts: Facts) -> Reason | None:
    drop = breaker.when.portfolio_usd
    worth, peak = facts.portfolio_usd, facts.portfolio_peaks_usd.get(breaker.id)
    condition = f"portfolio_usd falls {write_number(drop.drop_pct)} % in {write_seconds(drop.window)}"
    if worth is None or peak is None:
        return Reason(
            rule=breaker.id,
            condition=condition,
            actual="the portfolio's worth is unknown",
            limit=f"{write_number(drop.drop_pct)} %",
            message=f"{breaker.id}: the portfolio's worth is unknown, so the breaker cannot be held",
        )
    if peak <= 0 or (peak - worth) * 100 < drop.drop_pct * peak:
        return None
    fallen = round(Decimal(100) * (peak - worth) / peak, 2)
    return Reason(
        rule=breaker.id,
        condition=condition,
        actual=f"{write_number(fallen)} %",
        limit=f"{write_number(drop.drop_pct)} %",
        message=f"{breaker.id}: the portfolio fell from USD {written_usd(peak)} to {written_usd(worth)}; all stops",
    )
