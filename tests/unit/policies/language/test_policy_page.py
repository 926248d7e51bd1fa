"""docs/policy.md: its policy and book load, its tables are whole, and each condition's example does what it says."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.conditions import CONDITIONS
from treasurer.policies.effect import Kind
from treasurer.policies.facts import Simulated
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Provenance
from treasurer.wallets.call import Call
from treasurer.wallets.typed_data import TypedData

PAGE = Path(__file__).parents[4] / "docs" / "policy.md"
EXAMPLES = re.compile(r"^\| `(\w+)` \| `(\{.*\})` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def examples() -> list[tuple[str, str, str, str]]:
    return EXAMPLES.findall(page())


def test_the_policy_and_the_book_of_the_page_load_together() -> None:
    policy, book = re.findall(r"```yaml\n(.*?)```", page(), re.DOTALL)[:2]
    bundle = PolicyBundle.from_bytes(policy.encode(), book.encode())
    assert bundle.policy.name == "conservative-treasury"


def test_every_condition_has_an_example_and_every_effect_a_line() -> None:
    assert {name for name, *_ in examples()} <= set(CONDITIONS)
    assert all(f"| `{kind}` |" in page() for kind in Kind)


@pytest.mark.parametrize(("name", "rule", "passes", "fails"), examples())
def test_each_example_lets_through_what_it_says_and_nothing_else(
    world, name: str, rule: str, passes: str, fails: str
) -> None:
    assert f"{name}:" in rule
    policy = world.policy(f"rules: [{{id: example, {rule[1:-1]}}}]")
    situations = situations_of(world)
    for situation, decision in ((passes, "allow"), (fails, "deny")):
        calls, more = situations[situation]
        assert world.judge(policy, *calls, **more).decision == decision, situation


def situations_of(world) -> dict[str, tuple[list[Call], dict[str, Any]]]:
    usdc, ether = 10**6, 10**18
    approve = world.approve("usdc", "uniswap-v3", 2500 * usdc)
    healthy, ill = (
        world.facts(simulation=Simulated(succeeded=True, health_factor_after=Decimal(factor)))
        for factor in ("2", "1.2")
    )

    def permit(seconds: int) -> dict:
        fields = {
            "owner": "address",
            "spender": "address",
            "value": "uint256",
            "nonce": "uint256",
            "deadline": "uint256",
        }
        domain = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
        members = {"EIP712Domain": domain, "Permit": fields}
        message = {"owner": world.account, "spender": world.at("uniswap-v3"), "value": "1", "nonce": "0"}
        typed = TypedData(
            types={name: [{"name": key, "type": kind} for key, kind in of.items()] for name, of in members.items()},
            primaryType="Permit",
            domain={"name": "USD Coin", "version": "2", "chainId": 1, "verifyingContract": world.at("usdc")},
            message={**message, "deadline": str(int(world.noon.timestamp()) + seconds)},
        )
        return {"typed_data": typed}

    gift = [world.transfer("dai", world.stranger, ether)]
    return {
        "100 USDC to alice": ([world.transfer("usdc", "alice", 100 * usdc)], {}),
        "1,001 USDC to alice": ([world.transfer("usdc", "alice", 1001 * usdc)], {}),
        "600 and 600 USDC to alice": ([world.transfer("usdc", "alice", 600 * usdc)] * 2, {}),
        "100 DAI to alice": ([world.transfer("dai", "alice", 100 * ether)], {}),
        "100 USDC to a stranger": ([world.transfer("usdc", world.stranger, 100 * usdc)], {}),
        "an approval of the router": ([world.approve("usdc", "uniswap-v3", 5)], {}),
        "an approval of a stranger": ([world.approve("usdc", world.stranger, 5)], {}),
        "2,500 USDC for 1 WETH": ([approve, world.swap("usdc", 2500 * usdc, "weth", ether)], {}),
        "2,500 USDC for 0.9 WETH": ([approve, world.swap("usdc", 2500 * usdc, "weth", ether * 9 // 10)], {}),
        "2,500 USDC for 2,500 DAI": ([approve, world.swap("usdc", 2500 * usdc, "dai", 2500 * ether)], {}),
        "the WETH to a stranger": ([approve, world.swap("usdc", 2500 * usdc, "weth", ether, world.stranger)], {}),
        "1 WETH for 2,500 USDC": (
            [world.approve("weth", "uniswap-v3", ether), world.swap("weth", ether, "usdc", 2500 * usdc)],
            {},
        ),
        "a withdrawal to us": ([world.withdraw("usdc", 5)], {}),
        "a withdrawal to a stranger": ([world.withdraw("usdc", 5, world.stranger)], {}),
        "a withdrawal that leaves 2": ([world.withdraw("usdc", 5)], {"facts": healthy}),
        "a withdrawal that leaves 1.2": ([world.withdraw("usdc", 5)], {"facts": ill}),
        "a permit for 1 hour": ([], permit(3600)),
        "a permit for 1 day": ([], permit(86400)),
        "DAI to whom a user named": (gift, {"provenance": {world.stranger: Provenance.USER}}),
        "DAI to whom a web page named": (gift, {"provenance": {world.stranger: Provenance.UNTRUSTED}}),
        "the same on chain 10": ([world.transfer("usdc", "alice", 100 * usdc)], {"chain_id": 10}),
    }
