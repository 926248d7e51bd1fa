"""Feeds held against real Uniswap v3 pools with real observations, on a devnet whose prices move."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from treasurer.policies.facts import Facts
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.observation.observe import observe
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.deploy.deployer import ADMIN
from treasurer.wallets.call import Call
from treasurer.wallets.chain import ChainClient
from treasurer.wallets.values import NATIVE

ALICE = "0x" + "a1" * 20
HOUR = 3600
POLICY = b"""
version: 1
name: t
chains: [31337]
rules:
  - {id: pay, allow: transfer, when: {to: {book: payees}, usd: {max: 10000}}}
breakers:
  - {id: astray, when: {oracle_gap_bps: {above: 150}}, then: deny}
"""
Propose = Callable[..., Proposal]


class World:
    """A book of four tokens of which WETH, USDC and WBTC have a pool, and what is judged by it."""

    def __init__(self, chain: Devnet, client: ChainClient, propose: Propose, **terms: str) -> None:
        self.chain, self.client, self.propose = chain, client, propose
        registry = chain.addresses()
        tokens = {label: token["address"].lower() for label, token in registry["tokens"].items()}
        self.tokens = tokens
        self.pools = {
            (one, other, fee): chain.world.rpc.call(
                registry["venues"]["uniswap-v3"]["factory"],
                "getPool(address,address,uint24)",
                tokens[one],
                tokens[other],
                fee,
                returns="(address)",
            )
            for one, other, fee in (("weth", "usdc", 500), ("dai", "usdc", 100), ("wbtc", "weth", 3000))
        }
        held = {
            "weth": self.pools["weth", "usdc", 500],
            "usdc": self.pools["dai", "usdc", 100],
            "wbtc": self.pools["wbtc", "weth", 3000],
        }
        lines = [f'version: 1\npayees:\n  alice: {{address: "{ALICE}", chains: [31337]}}\ntokens:']
        for label, token in registry["tokens"].items():
            pool = f', pool: "{held[label]}", twap: 30m, max_gap_bps: 200' if label in held else ""
            lines.append(
                f'  {label}: {{address: "{token["address"]}", chains: [31337], decimals: {token["decimals"]}, '
                f'kind: {token["kind"]}, feed: "{token["feed"]}", heartbeat: 24h{terms.get(label, pool)}}}'
            )
        self.bundle = PolicyBundle.from_bytes(POLICY, "\n".join(lines).encode())

    def set_feed(self, label: str, usd: int) -> None:
        """The feed alone: nobody trades."""
        feed = self.chain.addresses()["tokens"][label]["feed"]
        self.chain.world.rpc.send(ADMIN, feed, "setAnswer(int256)", usd * 10**8)

    async def look(self, clock_ahead_seconds: int = 0) -> tuple[Facts, str]:
        """Facts for a small payment in WETH, and what is decided on them."""
        payment = self.propose(Call.encode(self.tokens["weth"], "transfer(address,uint256)", ALICE, 10**17))
        seconds = (await self.client.block()).timestamp + clock_ahead_seconds
        facts = await observe(self.client, self.bundle.book, payment, at=datetime.fromtimestamp(seconds, UTC))
        judged = facts.model_copy(update={"not_held": ("gas",)})
        verdict = judge(self.bundle.policy, self.bundle.book, payment, judged)
        Facts.model_validate_json(facts.model_dump_json())
        return facts, verdict.decision

    def gaps(self, facts: Facts) -> dict[str, Decimal]:
        return {label: facts.oracle_gaps_bps[at] for label, at in self.tokens.items() if at in facts.oracle_gaps_bps}


@pytest.fixture
def world(chain: Devnet, client: ChainClient, propose: Propose) -> World:
    chain.world.advance(2 * HOUR)
    return World(chain, client, propose)


async def test_pools_that_agree_leave_the_feeds_prices(world: World) -> None:
    facts, decision = await world.look()
    assert decision == "allow"
    assert facts.prices[world.tokens["weth"]].usd == 2500
    assert facts.prices[world.tokens["wbtc"]].usd == 60_000
    assert facts.prices[NATIVE] == facts.prices[world.tokens["weth"]]
    assert world.gaps(facts).keys() == {"weth", "usdc", "wbtc"}
    assert all(gap < 5 for gap in world.gaps(facts).values())


async def test_a_feed_that_leaves_its_pool_is_no_price(world: World) -> None:
    world.set_feed("weth", 1900)
    facts, decision = await world.look()
    assert decision == "deny"
    assert "its feed says 1900" in facts.unpriced[world.tokens["weth"]]
    assert facts.unpriced[NATIVE] == facts.unpriced[world.tokens["weth"]]
    assert NATIVE not in facts.prices
    # 2500 against 1900; and WBTC, whose pool trades against WETH, is as far off.
    assert 3150 < world.gaps(facts)["weth"] < 3165
    assert 3150 < world.gaps(facts)["wbtc"] < 3165
    assert world.gaps(facts)["usdc"] < 5


async def test_a_breaker_reads_the_gap_before_the_price_is_gone(world: World) -> None:
    world.set_feed("weth", 2456)
    facts, decision = await world.look()
    assert 175 < world.gaps(facts)["weth"] < 185
    assert facts.prices[world.tokens["weth"]].usd == 2456
    assert decision == "deny"


async def test_one_trade_does_not_move_a_time_weighted_price_and_time_does(world: World) -> None:
    """The last trade is all that a pool knows of the time after the newest block: none of it counts."""
    world.chain.world.set_price("weth", 1900)
    world.set_feed("weth", 2500)
    for ahead in (0, 10 * HOUR):
        facts, decision = await world.look(ahead)
        assert world.gaps(facts)["weth"] < 30
        assert decision == "allow"
    world.chain.world.set_price("weth", 1900)
    world.chain.world.advance(HOUR)
    world.chain.world.advance(HOUR)
    world.set_feed("weth", 2500)
    facts, decision = await world.look()
    assert 3100 < world.gaps(facts)["weth"] < 3200
    assert decision == "deny"


async def test_a_stale_feed_has_no_price_and_no_gap(world: World) -> None:
    world.chain.world.advance_stale(25 * HOUR)
    facts, decision = await world.look()
    assert decision == "deny"
    assert facts.prices == {}
    assert facts.oracle_gaps_bps == {}
    assert "is stale" in facts.unpriced[world.tokens["weth"]]


async def test_a_pool_that_remembers_too_little_is_no_confirmation(
    world: World, chain: Devnet, client: ChainClient, propose: Propose
) -> None:
    """Sixty-four observations do not reach back a week where somebody trades each hour."""
    pool = world.pools["weth", "usdc", 500]
    long = World(chain, client, propose, weth=f', pool: "{pool}", twap: 7d, max_gap_bps: 200', usdc="", wbtc="")
    facts, decision = await long.look()
    assert decision == "deny"
    assert "too few observations" in facts.unpriced[long.tokens["weth"]]


async def test_what_is_no_pool_of_the_token_confirms_nothing(
    chain: Devnet, client: ChainClient, propose: Propose
) -> None:
    seen = World(chain, client, propose)
    wrong = {"token": seen.tokens["dai"], "another pair": seen.pools["dai", "usdc", 100], "nobody": ALICE}
    for pool in wrong.values():
        told = World(chain, client, propose, weth=f', pool: "{pool}", twap: 10m, max_gap_bps: 200', usdc="", wbtc="")
        facts, decision = await told.look()
        assert decision == "deny"
        assert "no Uniswap v3 pool of weth" in facts.unpriced[told.tokens["weth"]]


async def test_a_feed_without_a_pool_may_move_so_far_between_two_answers(
    chain: Devnet, client: ChainClient, propose: Propose
) -> None:
    told = World(chain, client, propose, weth=", max_move_bps: 500, min_usd: 500", usdc="")
    for usd, moved in ((2400, ""), (2300, ""), (2100, "moved 953 bps"), (450, "less than the 500"), (470, "less than")):
        told.set_feed("weth", usd)
        facts, _ = await told.look()
        assert (told.tokens["weth"] in facts.prices) is (not moved)
        assert moved in facts.unpriced.get(told.tokens["weth"], "")
