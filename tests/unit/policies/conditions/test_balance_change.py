"""balance_change: the simulated net change of a balance, each unit counted once."""

from __future__ import annotations

from typing import Any

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import Facts, Simulated

WETH = 10**18
USDC = 10**6


def facts(world, usdc: int, weth_thousandths: int, **more: Any) -> Facts:
    """USDC out, thousandths of a WETH in, as simulated."""
    came = {world.at("weth"): weth_thousandths * WETH // 1000}
    simulated = Simulated(succeeded=True, outflows={world.at("usdc"): usdc * USDC}, inflows=came)
    return world.facts(**{"simulation": simulated} | more)


@pytest.mark.parametrize(
    ("terms", "decision"),
    [
        ("{weth: {min: 0.5}}", "allow"),
        ("{weth: {min: 0.501}}", "deny"),
        ("{weth: {max: 0.5}}", "allow"),
        ("{weth: {max: 0.499}}", "deny"),
        ("{usdc: {min: -1300}}", "allow"),
        ("{usdc: {min: -1299}}", "deny"),
        ("{usdc: {max: -1300}}", "allow"),
        ("{usdc: {max: -1301}}", "deny"),
        ("{weth: {min: 0.5}, usdc: {min: -1299}}", "deny"),
        ("{dai: {min: 0, max: 0}}", "allow"),
        ("{native: {min: 0}}", "allow"),
    ],
)
def test_the_net_change_lies_within_bounds(world, terms: str, decision: str) -> None:
    policy = world.rules(f"id: r, allow: swap, when: {{balance_change: {terms}}}")

    assert world.judge(policy, world.swap("usdc", 1300, "weth", 1), facts=facts(world, 1300, 500)).decision == decision


def test_what_came_and_went_again_is_no_change(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {balance_change: {usdc: {min: 0}}}")
    simulated = Simulated(succeeded=True, outflows={world.at("usdc"): 5}, inflows={world.at("usdc"): 5})

    assert (
        world.judge(policy, world.swap("usdc", 5, "weth", 1), facts=world.facts(simulation=simulated)).decision
        == "allow"
    )


def test_without_a_simulation_that_tells_it_is_unknown(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {balance_change: {weth: {min: -5}}}")
    call = world.swap("usdc", 5, "weth", 1)

    for simulation in (None, Simulated(succeeded=False, failure="x")):
        verdict = world.judge(policy, call, facts=world.facts(simulation=simulation))
        assert verdict.decision == "deny"
        assert "the change of the balance of weth is unknown" in verdict.reasons[0].actual


def test_one_change_does_not_satisfy_two_effects(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {balance_change: {weth: {min: 0.5}}}")
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("usdc", 1300, "weth", 1))

    assert world.judge(policy, *calls, facts=facts(world, 2600, 1000)).decision == "allow"
    verdict = world.judge(policy, *calls, facts=facts(world, 2600, 999))
    assert verdict.decision == "deny"
    assert [reason.rule for reason in verdict.reasons] == ["balance-change"]
    assert "2 effects together demand a change of 1 weth, and it is 0.999 weth" in verdict.reasons[0].message


def test_one_change_does_not_satisfy_two_rules(world) -> None:
    policy = world.rules(
        "id: a, allow: swap, when: {sell: [usdc], balance_change: {weth: {min: 0.5}}}",
        "id: b, allow: swap, when: {sell: [dai], balance_change: {weth: {min: 0.25}}}",
    )
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("dai", 1300, "weth", 1))

    assert world.judge(policy, *calls, facts=facts(world, 2600, 750)).decision == "allow"
    assert world.judge(policy, *calls, facts=facts(world, 2600, 749)).decision == "deny"


def test_what_must_go_adds_up_as_well(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {balance_change: {usdc: {max: -1000}}}")
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("usdc", 1300, "weth", 1))

    assert world.judge(policy, *calls, facts=facts(world, 2000, 1)).decision == "allow"
    assert world.judge(policy, *calls, facts=facts(world, 1999, 1)).decision == "deny"


def test_what_may_go_at_most_never_adds_up(world) -> None:
    policy = world.rules("id: r, allow: swap, when: {balance_change: {usdc: {min: -1000}}}")
    calls = (world.swap("usdc", 1000, "weth", 1), world.swap("usdc", 1000, "weth", 1))

    assert world.judge(policy, *calls, facts=facts(world, 1000, 1)).decision == "allow"
    assert world.judge(policy, *calls, facts=facts(world, 2000, 1)).decision == "deny"


def test_a_rule_without_a_demand_lets_its_effect_through_without_one(world) -> None:
    demanding = "id: a, allow: swap, when: {balance_change: {weth: {min: 0.5}}}"
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("usdc", 1300, "weth", 1))
    known = facts(world, 2600, 600)

    assert world.judge(world.rules(demanding), *calls, facts=known).decision == "deny"
    assert world.judge(world.rules(demanding, "id: b, allow: swap"), *calls, facts=known).decision == "allow"


def test_any_choice_of_rules_that_works_is_enough(world) -> None:
    weth = "id: a, allow: swap, when: {balance_change: {weth: {min: 0.5}}}"
    dai = "id: b, allow: swap, when: {balance_change: {dai: {min: 100}}}"
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("usdc", 1300, "dai", 1))
    simulated = Simulated(succeeded=True, inflows={world.at("weth"): WETH // 2, world.at("dai"): 100 * WETH})
    known = world.facts(simulation=simulated)

    assert world.judge(world.rules(weth), *calls, facts=known).decision == "deny"
    assert world.judge(world.rules(dai), *calls, facts=known).decision == "deny"
    assert world.judge(world.rules(weth, dai), *calls, facts=known).decision == "allow"


def test_people_are_not_asked_for_what_does_not_add_up(world) -> None:
    terms = "approvals: {quorum: 1, of: [ann], expires: 1h}"
    policy = world.rules(f"id: r, escalate: swap, when: {{balance_change: {{weth: {{min: 0.5}}}}}}, {terms}")
    calls = (world.swap("usdc", 1300, "weth", 1), world.swap("usdc", 1300, "weth", 1))

    assert world.judge(policy, *calls, facts=facts(world, 2600, 1000)).decision == "escalate"
    assert world.judge(policy, *calls, facts=facts(world, 2600, 999)).decision == "deny"


@pytest.mark.parametrize(
    "terms",
    ["{}", "{weht: {min: 1}}", "{weth: {}}", "{weth: {min: 2, max: 1}}", "{weth: {above: 1}}", "{weth: {min: yes}}"],
)
def test_what_cannot_be_meant_is_a_fault(world, terms: str) -> None:
    with pytest.raises(DocumentError):
        world.rules(f"id: r, allow: swap, when: {{balance_change: {terms}}}")
