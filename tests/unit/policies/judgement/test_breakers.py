"""Breakers: each trips at its bound, what is unknown denies, and none stands before the defence of a debt."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import Simulated
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.breakers import BreakerWhen
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.verdict import Verdict
from treasurer.wallets.call import Call

POOL = "0x" + "70" * 20
HELD = f'feed: "{POOL}", heartbeat: 1h, pool: "{POOL}", twap: 30m, max_gap_bps: 100'
ALL = "[transfer, supply, withdraw, repay, borrow]"


@pytest.fixture
def book(world) -> str:
    """WETH and DAI have pools to hold their feeds against, USDC has none."""
    text = world.book_text
    for label in ("dai", "weth"):
        text = text.replace(f"  {label}: {{", f"  {label}: {{{HELD}, ")
    return text


@pytest.fixture
def verdict(world, book):
    def _verdict(when: str, *calls, then: str = "stop", **facts: Any) -> Verdict:
        text = f"version: 1\nname: t\nchains: [1]\nrules:\n  - {{id: r, allow: {ALL}}}\n"
        text += f"breakers:\n  - {{id: b, when: {{{when}}}, then: {then}}}\n"
        bundle = PolicyBundle.from_bytes(text.encode(), book.encode())
        known = world.facts(**{"not_held": ("gas",)} | facts)
        given = calls or (world.transfer("usdc", "alice", 5),)
        return judge(bundle.policy, bundle.book, world.propose(*given), known)

    return _verdict


def drop(worth: str | None, peak: str = "1000") -> dict[str, Any]:
    return {"portfolio_usd": None if worth is None else Decimal(worth), "portfolio_peaks_usd": {"b": Decimal(peak)}}


@pytest.mark.parametrize(
    ("when", "facts", "decision"),
    [
        ("portfolio_usd: {drop_pct: 10, window: 24h}", drop("901"), "allow"),
        ("portfolio_usd: {drop_pct: 10, window: 24h}", drop("900"), "deny"),
        ("portfolio_usd: {drop_pct: 10, window: 24h}", drop(None), "deny"),
        ("portfolio_usd: {drop_pct: 10, window: 24h}", drop("0", peak="0"), "allow"),
        ("denials_in_row: {count: 5}", {"denials_in_row": 4}, "allow"),
        ("denials_in_row: {count: 5}", {"denials_in_row": 5}, "deny"),
        ("denials_in_row: {count: 5}", {}, "deny"),
        ("drift_bps: {above: 50}", {"drift_bps": Decimal(50)}, "allow"),
        ("drift_bps: {above: 50}", {"drift_bps": Decimal("50.1")}, "deny"),
        ("drift_bps: {above: 50}", {}, "deny"),
    ],
)
def test_a_breaker_trips_at_its_bound_and_on_what_is_unknown(verdict, when: str, facts: Any, decision: str) -> None:
    found = verdict(when, **facts)

    assert found.decision == decision
    assert [reason.rule for reason in found.reasons] == (["r"] if decision == "allow" else ["b"])


def test_the_gap_of_any_token_with_a_pool_trips(world, verdict) -> None:
    dai, weth = world.at("dai"), world.at("weth")

    def gaps(dai_bps: int, weth_bps: int) -> dict[str, Any]:
        return {"oracle_gaps_bps": {dai: Decimal(dai_bps), weth: Decimal(weth_bps)}}

    assert verdict("oracle_gap_bps: {above: 100}", **gaps(100, 100)).decision == "allow"
    assert verdict("oracle_gap_bps: {above: 100}", **gaps(101, 0)).decision == "deny"
    assert verdict("oracle_gap_bps: {above: 100}", **gaps(0, 101)).decision == "deny"
    assert verdict("oracle_gap_bps: {above: 100}", oracle_gaps_bps={dai: Decimal(0)}).decision == "deny"
    assert verdict("oracle_gap_bps: {above: 100, asset: dai}", **gaps(0, 101)).decision == "allow"
    assert verdict("oracle_gap_bps: {above: 100, asset: dai}", **gaps(101, 0)).decision == "deny"
    assert verdict("oracle_gap_bps: {above: 100, asset: dai}").decision == "deny"


def test_it_says_what_it_found_and_what_follows(verdict) -> None:
    stops = verdict("drift_bps: {above: 50}", drift_bps=Decimal(80)).reasons[0]
    denies = verdict("drift_bps: {above: 50}", then="deny", drift_bps=Decimal(80)).reasons[0]

    assert (stops.actual, stops.limit) == ("80 bps", "at most 50 bps")
    assert stops.message == "b: an outcome was 80 bps from its simulation; all stops"
    assert denies.message == "b: an outcome was 80 bps from its simulation; nothing passes until it is over"


OWES = Simulated(succeeded=True, health_factor_after=Decimal("1.4"))
OWES_NOTHING = Simulated(succeeded=True, health_factor_after=Decimal(2) ** 256)


@pytest.mark.parametrize("then", ["stop", "deny"])
def test_a_breaker_never_blocks_the_defence_of_a_debt(world, verdict, then: str) -> None:
    def decision(*calls, simulation: Simulated | None = OWES) -> str:
        return verdict("drift_bps: {above: 50}", *calls, then=then, simulation=simulation).decision

    def repay(owner: str) -> Call:
        signature = "repay(address,uint256,uint256,address)"
        return Call.encode(world.at("aave-v3"), signature, world.at("usdc"), 5, 2, owner)

    assert decision(repay(world.account)) == "allow"
    assert (
        decision(world.approve("usdc", "aave-v3", 5), repay(world.account)) == "deny"
    )  # what is left of it stays open
    assert decision(repay(world.at("alice"))) == "deny"
    assert decision(world.approve("usdc", "uniswap-v3", 0), world.withdraw("usdc", 5)) == "allow"
    assert decision(world.supply("usdc", 5)) == "allow"
    assert decision(world.supply("usdc", 5), simulation=OWES_NOTHING) == "deny"
    assert decision(world.supply("usdc", 5), simulation=None) == "deny"
    assert decision(world.supply("usdc", 5, "alice")) == "deny"
    assert decision(world.withdraw("usdc", 5, "alice")) == "deny"
    assert decision(world.borrow("usdc", 5)) == "deny"
    assert decision(world.supply("usdc", 5), world.transfer("usdc", "alice", 5)) == "deny"


@pytest.mark.parametrize(
    ("when", "then", "words"),
    [
        ("portfolio_usd: {drop_pct: 10, window: 24h}, drift_bps: {above: 5}", "stop", "a breaker looks at one of"),
        ("drift: {above: 5}", "stop", 'did you mean "drift_bps"'),
        ("drift_bps: {above: 5}", "warn", "then"),
        ("denials_in_row: {count: 5}", "deny", "this would never end: write then: stop"),
        ("denials_in_row: {count: 1}", "stop", "count"),
        ("oracle_gap_bps: {above: 5, asset: usdc}", "stop", "usdc has no pool in the book"),
        ("oracle_gap_bps: {above: 5, asset: wheth}", "stop", 'did you mean "weth"'),
    ],
)
def test_what_cannot_be_meant_is_a_fault_with_its_line(verdict, when: str, then: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        verdict(when, then=then)

    assert words in str(caught.value)
    assert "policy.yaml:7:" in str(caught.value)


def test_a_book_without_any_pool_can_hold_no_gap(world) -> None:
    with pytest.raises(DocumentError, match="no token of the book has a pool"):
        world.policy("breakers:\n  - {id: b, when: {oracle_gap_bps: {above: 5}}, then: deny}\n")


def test_a_token_on_another_chain_is_not_asked_for(world) -> None:
    elsewhere = world.book_text.replace("  dai: {", f"  dai: {{{HELD}, ").replace(
        '6B175474E89094C44Da98b954EedeAC495271d0F", chains: [1]',
        '6B175474E89094C44Da98b954EedeAC495271d0F", chains: [10]',
    )
    text = "version: 1\nname: t\nchains: [1, 10]\nrules:\n  - {id: r, allow: transfer}\n"
    text += "breakers:\n  - {id: b, when: {oracle_gap_bps: {above: 5}}, then: deny}\n"
    bundle = PolicyBundle.from_bytes(text.encode(), elsewhere.encode())

    proposal = world.propose(world.transfer("usdc", "alice", 5))
    assert judge(bundle.policy, bundle.book, proposal, world.facts(not_held=("gas",))).decision == "allow"


def test_the_page_loads_as_it_is_written(book) -> None:
    page = (Path(__file__).parents[4] / "docs" / "breakers.md").read_text()
    written = page.split("```yaml\n")[1].split("```")[0]

    policy = PolicyBundle.from_bytes(f"version: 1\nname: t\nchains: [1]\n{written}".encode(), book.encode()).policy

    assert [breaker.id for breaker in policy.breakers] == ["drawdown", "refused", "surprised", "feed-astray"]
    looks_at = {name for breaker in policy.breakers for name in breaker.when.model_fields_set}
    assert looks_at == set(BreakerWhen.model_fields)
    assert all(f"`{name}: {{" in page for name in looks_at)
