"""The presets load with the book that ``init`` writes, and do what their comments say."""

from __future__ import annotations

from importlib.resources import files

import pytest

from treasurer.policies.language.bundle import PolicyBundle

NAMES = ("conservative", "payroll", "read-only")


def bundle(world, name: str) -> PolicyBundle:
    text = (files("treasurer.policies.language") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")
    book = world.book_text.replace("people:\n", 'people:\n  owner: {address: "0x' + "7" * 40 + '", may: [approve]}\n')
    return PolicyBundle.from_bytes(text.replace("chains: [31337]", "chains: [1]").encode(), book.encode())


def decided(world, name: str, *calls) -> str:
    loaded = bundle(world, name)
    return str(world.judge(loaded.policy, *calls).decision)


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_loads(world, name: str) -> None:
    assert bundle(world, name).policy.version == 1


def test_conservative_walks_the_first_quarter_of_an_hour(world) -> None:
    for usdc, decision in ((10, "allow"), (1000, "allow"), (5000, "escalate"), (60_000, "deny")):
        assert decided(world, "conservative", world.transfer("usdc", "alice", usdc * 10**6)) == decision
    assert decided(world, "conservative", world.transfer("usdc", world.stranger, 1)) == "deny"
    assert decided(world, "conservative", world.pay_native("alice", 10**17)) == "allow"


def test_conservative_trades_and_earns_for_ourselves_alone(world) -> None:
    swap = (world.approve("usdc", "uniswap-v3", 2500 * 10**6), world.swap("usdc", 2500 * 10**6, "weth", 995 * 10**15))
    assert decided(world, "conservative", *swap) == "allow"
    assert decided(world, "conservative", swap[0]) == "deny"
    supply = world.approve("usdc", "aave-v3", 5)
    assert decided(world, "conservative", supply, world.supply("usdc", 5)) == "allow"
    assert decided(world, "conservative", supply, world.supply("usdc", 5, world.stranger)) == "deny"
    assert decided(world, "conservative", world.borrow("usdc", 5)) == "deny", "health unknown without a simulation"


def test_payroll_pays_usdc_and_nothing_else(world) -> None:
    assert decided(world, "payroll", world.transfer("usdc", "alice", 5000 * 10**6)) == "allow"
    assert decided(world, "payroll", world.transfer("usdc", "alice", 30_000 * 10**6)) == "escalate"
    assert decided(world, "payroll", world.transfer("dai", "alice", 1)) == "deny"


def test_read_only_lets_nothing_out(world) -> None:
    assert decided(world, "read-only", world.transfer("usdc", "alice", 1)) == "deny"
    assert decided(world, "read-only", world.approve("usdc", "alice", 0)) == "allow"
