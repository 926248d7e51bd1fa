"""A stopped wallet, or one whose breaker tripped, may always be made safer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.policies.facts import Simulated
from treasurer.wallets.call import Call

USDC = 10**6
EVERYTHING = "rules: [{id: all, allow: [transfer, approval, supply, withdraw, repay, borrow, swap]}]\n"
BREAKER = "breakers: [{id: fall, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}]\n"


def repay(world, owner: str):
    signature = "repay(address,uint256,uint256,address)"
    return Call.encode(world.at("aave-v3"), signature, world.at("usdc"), 5 * USDC, 2, owner)


def owing(factor: str | None) -> Simulated:
    return Simulated(succeeded=True, health_factor_after=None if factor is None else Decimal(factor))


def situations(world):
    approve = world.approve("usdc", "aave-v3", 5 * USDC)
    supply = (approve, world.supply("usdc", 5 * USDC))
    return {
        "revoke": ((world.approve("usdc", world.stranger, 0),), None, True),
        "repay for self": ((approve, repay(world, world.account), world.approve("usdc", "aave-v3", 0)), None, True),
        "repay for another": ((approve, repay(world, world.stranger)), None, False),
        "withdraw for self": ((world.withdraw("usdc", 5),), None, True),
        "withdraw for another": ((world.withdraw("usdc", 5, world.stranger),), None, False),
        "supply while a debt is open": (supply, "1.1", True),
        "supply without a debt": (supply, "1e59", False),
        "supply where nobody tells of a debt": (supply, None, False),
        "supply for another": ((approve, world.supply("usdc", 5 * USDC, world.stranger)), "1.1", False),
        "pay": ((world.transfer("usdc", "alice", 5),), "1.1", False),
        "withdraw and pay": ((world.withdraw("usdc", 5), world.transfer("usdc", "alice", 5)), "1.1", False),
    }


NAMES = (
    "revoke",
    "repay for self",
    "repay for another",
    "withdraw for self",
    "withdraw for another",
    "supply while a debt is open",
    "supply without a debt",
    "supply where nobody tells of a debt",
    "supply for another",
    "pay",
    "withdraw and pay",
)


@pytest.mark.parametrize("name", NAMES)
def test_defence_passes_when_stopped_and_when_a_breaker_tripped(world, name: str) -> None:
    calls, factor, passes = situations(world)[name]
    policy = world.policy(EVERYTHING + BREAKER)
    simulation = owing(factor)
    fallen = {"portfolio_usd": Decimal(80), "portfolio_peaks_usd": {"fall": Decimal(100)}, "not_held": ("gas",)}
    whole = {"portfolio_usd": Decimal(100), "portfolio_peaks_usd": {"fall": Decimal(100)}, "not_held": ("gas",)}
    assert world.judge(policy, *calls, facts=world.facts(simulation=simulation, **whole)).decision == "allow"
    for more in (fallen, {**whole, "stopped": True}):
        verdict = world.judge(policy, *calls, facts=world.facts(simulation=simulation, **more))
        assert verdict.decision == ("allow" if passes else "deny"), [reason.message for reason in verdict.reasons]


def test_a_deny_rule_still_denies_what_would_defend(world) -> None:
    policy = world.policy("rules: [{id: no, deny: withdraw}]\n")
    assert world.judge(policy, world.withdraw("usdc", 5), facts=world.facts(stopped=True)).decision == "deny"
