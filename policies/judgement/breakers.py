"""Breakers: what denies everything when something is wrong beyond this proposal. They only deny; the guard, seeing one
tripped that says so, also stops the wallet.
"""

from __future__ import annotations

from decimal import Decimal

from ..book.book import Book
from ..conditions.bounds import write_number
from ..documents.duration import write_seconds
from ..facts import Facts
from ..language.breakers import Breaker, OracleGap, PortfolioDrop
from ..language.policy import Policy
from ..verdict import Reason
from ..worth import written_usd


def tripped(policy: Policy, book: Book, chain_id: int, facts: Facts) -> tuple[list[Reason], list[str]]:
    """Reasons of the breakers that are tripped or cannot be judged; and ids of those that this judgement leaves out."""
    if "breakers" in facts.not_held:
        return [], [breaker.id for breaker in policy.breakers]
    found = (_judge(breaker, book, chain_id, facts) for breaker in policy.breakers)
    return [reason for reason in found if reason is not None], []


def _judge(breaker: Breaker, book: Book, chain_id: int, facts: Facts) -> Reason | None:
    when = breaker.when
    if when.portfolio_usd is not None:
        return _portfolio(breaker, when.portfolio_usd, facts)
    if when.denials_in_row is not None:
        return _row(breaker, when.denials_in_row.count, facts.denials_in_row)
    if when.drift_bps is not None:
        return _drift(breaker, when.drift_bps.above, facts.drift_bps)
    assert when.oracle_gap_bps is not None
    return _oracle_gap(breaker, when.oracle_gap_bps, book, chain_id, facts)


def _portfolio(breaker: Breaker, drop: PortfolioDrop, facts: Facts) -> Reason | None:
    worth, peak = facts.portfolio_usd, facts.portfolio_peaks_usd.get(breaker.id)
    condition = f"portfolio_usd falls {write_number(drop.drop_pct)} % in {write_seconds(drop.window)}"
    limit = f"{write_number(drop.drop_pct)} %"
    if worth is None or peak is None:
        return _unknown(breaker, condition, limit, "the portfolio's worth")
    if peak <= 0 or (peak - worth) * 100 < drop.drop_pct * peak:
        return None
    fallen = round(Decimal(100) * (peak - worth) / peak, 2)
    words = f"the portfolio fell from USD {written_usd(peak)} to {written_usd(worth)}"
    return _trips(breaker, condition, f"{write_number(fallen)} %", limit, words)


def _row(breaker: Breaker, count: int, found: int | None) -> Reason | None:
    limit = f"fewer than {count}"
    if found is None:
        return _unknown(breaker, "denials_in_row", limit, "how many proposals in a row were denied")
    if found < count:
        return None
    return _trips(breaker, "denials_in_row", str(found), limit, f"{found} proposals in a row were denied")


def _drift(breaker: Breaker, above: Decimal, found: Decimal | None) -> Reason | None:
    limit = f"at most {write_number(above)} bps"
    if found is None:
        return _unknown(breaker, "drift_bps", limit, "how far outcomes are from their simulations")
    if found <= above:
        return None
    words = f"an outcome was {write_number(found)} bps from its simulation"
    return _trips(breaker, "drift_bps", f"{write_number(found)} bps", limit, words)


def _oracle_gap(breaker: Breaker, gap: OracleGap, book: Book, chain_id: int, facts: Facts) -> Reason | None:
    """The first token, in the book's order, whose gap is too wide or not known."""
    limit = f"at most {write_number(gap.above)} bps"
    for token in book.tokens(chain_id):
        if gap.asset not in (None, token.label) or token.pool is None:
            continue
        found = facts.oracle_gaps_bps.get(token.address)
        if found is None:
            return _unknown(breaker, "oracle_gap_bps", limit, f"how far the price of {token.label} is from its pool's")
        if found > gap.above:
            words = f"the price of {token.label} is {write_number(found)} bps from its pool's"
            return _trips(breaker, "oracle_gap_bps", f"{write_number(found)} bps", limit, words)
    return None


def _trips(breaker: Breaker, condition: str, actual: str, limit: str, words: str) -> Reason:
    then = "all stops" if breaker.then == "stop" else "nothing passes until it is over"
    message = f"{breaker.id}: {words}; {then}"
    return Reason(rule=breaker.id, condition=condition, actual=actual, limit=limit, message=message)


def _unknown(breaker: Breaker, condition: str, limit: str, what: str) -> Reason:
    return Reason(
        rule=breaker.id,
        condition=condition,
        actual=f"{what} is unknown",
        limit=limit,
        message=f"{breaker.id}: {what} is unknown, so the breaker cannot be held",
    )
