"""Limits and escalations: kinds that nothing counts, and escalations that a limit never lets through."""

from __future__ import annotations

from ....wallets.values import NATIVE
from ...conditions.amounts import Usd
from ...conditions.bounds import write_number
from ...effect import Kind
from ...kinds import GOES_ELSEWHERE
from ...language.limits import Limit
from ...language.rules import Rule
from .finding import Desk

_SHORT_SECONDS = 600


def check_budgets(desk: Desk) -> None:
    """Adds what it finds to the desk."""
    lets = [rule for rule in desk.policy.rules if rule.decision != "deny"]
    kinds = {kind for rule in lets for kind in rule.kinds}
    limits = desk.policy.limits
    place = ("limits",) if limits else ("name",)
    outflow = [limit for limit in limits if limit.counts == "outflow"]
    if kinds & GOES_ELSEWHERE and not any(limit.asset == "usd" and _whole(limit) for limit in outflow):
        desk.policy_says(
            "no-outflow-limit",
            place,
            f"{', '.join(sorted(kinds & GOES_ELSEWHERE))} may leave, and no limit bounds outflow in USD in any window",
            "a thousand proposals below every rule's bound are without bound together",
            "add - {id: day-out, counts: outflow, asset: usd, window: 24h, max: 25000} under limits",
        )
    _check_coin(desk, kinds, outflow)
    for kind, counter in ((Kind.SWAP, "turnover"), (Kind.BORROW, "borrow")):
        if kind in kinds and not any(limit.counts == counter for limit in limits):
            desk.policy_says(
                "unlimited-kind",
                place,
                f"{kind.value} is let through, and no limit counts {counter}",
                "repeated within its rule it loses a little each time, without end",
                f"add - {{id: day-{counter}, counts: {counter}, asset: usd, window: 24h, max: 100000}} under limits",
            )
    if lets and not any(limit.counts == "gas" for limit in limits):
        desk.policy_says(
            "no-gas-limit",
            place,
            "no limit counts gas",
            "transactions that do nothing still cost their gas",
            "add - {id: day-gas, counts: gas, asset: usd, window: 24h, max: 50} under limits",
        )
    for position, rule in enumerate(desk.policy.rules):
        if rule.decision == "escalate":
            _check_escalation(desk, rule, position)


def _check_coin(desk: Desk, kinds: set[Kind], outflow: list[Limit]) -> None:
    """What is unwrapped leaves as the chain's coin, which a limit on the token that wraps it does not count."""
    if not {Kind.UNWRAP, Kind.TRANSFER} <= kinds or any(limit.asset in ("usd", NATIVE) for limit in outflow):
        return
    wrapping = {
        token.label for chain in desk.policy.chains if (token := desk.bundle.book.wrapped_native(chain)) is not None
    }
    for position, limit in enumerate(desk.policy.limits):
        if limit.counts == "outflow" and limit.asset in wrapping:
            desk.policy_says(
                "coin-uncounted",
                ("limits", position, "asset"),
                f"{limit.id} counts {limit.asset} alone: unwrapped, the same value leaves as coin that no limit counts",
                f"unwrap, then a transfer of coin, goes past the limit on {limit.asset}",
                "add a limit on native, or count asset: usd, which counts both",
            )


def _whole(limit: Limit) -> bool:
    return all(getattr(limit, name, None) is None for name in ("per", "rule", "to"))


def _check_escalation(desk: Desk, rule: Rule, position: int) -> None:
    path = ("rules", position, "id")
    bound = next((item.bounds for item in rule.when if isinstance(item, Usd)), None)
    top = None if bound is None else bound.top
    if rule.kinds and set(rule.kinds) <= {Kind.TRANSFER, Kind.APPROVAL, Kind.PERMIT}:
        for limit in desk.policy.limits:
            if limit.counts == "outflow" and limit.asset == "usd" and _whole(limit) and top and top > limit.max:
                desk.policy_says(
                    "impossible-escalation",
                    path,
                    f"{rule.id} asks people up to USD {write_number(top)}, and {limit.id} ends at "
                    f"{write_number(limit.max)}",
                    "no approval lifts a limit: people would approve what is then denied",
                    f"raise {limit.id}, or write max: {write_number(limit.max)} here",
                )
    assert rule.approvals is not None
    able = [label for label, person in desk.bundle.book.people.items() if "approve" in person.may]
    if rule.approvals.quorum == 1 and len(able) > 1:
        desk.policy_says(
            "quorum-of-one",
            path,
            f"{rule.id} needs one approval, and {len(able)} people of the book may approve",
            "one lost key approves everything that this rule asks for",
            f"write quorum: 2, of: [{', '.join(sorted(able))}]",
        )
    if rule.approvals.expires < _SHORT_SECONDS:
        desk.policy_says(
            "short-approval",
            path,
            f"{rule.id} gives people {rule.approvals.expires} seconds",
            "who has to hurry does not read",
            "write expires: 1h",
        )
