"""What is read for the last judgement is read anew: a name, a price and a contract's age, before anything is signed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from decimal import Decimal

import pytest

from treasurer.runtime.bot.folder import BotFolder
from treasurer.runtime.bot.orders import sign_policy
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.deploy.deployer import ADMIN
from treasurer.scenarios.testing import ALICE
from treasurer.wallets.ens import namehash

from .conftest import Running, change_policy, guarding, owner_of, signing

MALLORY = "0x" + "66" * 20
HOUR = 3600


def change_book(folder: BotFolder, old: str, new: str) -> None:
    """Another book, signed by the owner."""
    book = folder.root / "book.yaml"
    before = book.read_text()
    assert old in before
    book.write_text(before.replace(old, new, 1))
    sign_policy(folder, owner_of(folder))


@pytest.fixture
def point(chain: Devnet) -> Callable[[str], None]:
    """Let alice.eth say an address."""
    owner = chain.accounts[4]
    chain.world.name("alice.eth", owner)
    resolver = chain.addresses()["contracts"]["ens-resolver"]["address"]

    def to(address: str) -> None:
        chain.world.rpc.send(owner, resolver, "setAddr(bytes32,address)", namehash("alice.eth"), address)

    to(ALICE)
    return to


@pytest.fixture
async def named(bot: BotFolder, chain: Devnet, point: Callable[[str], None]) -> AsyncIterator[Running]:
    """A guard whose book knows alice by her name too."""
    change_book(bot, "  alice: {", "  alice: {ens: alice.eth, ")
    async with signing(bot), guarding(bot) as guard:
        yield guard


@pytest.fixture
async def pooled(bot: BotFolder, chain: Devnet) -> AsyncIterator[Running]:
    """A guard that holds USDC's feed against the pool with DAI."""
    registry = chain.addresses()
    pair = [registry["tokens"][label]["address"] for label in ("usdc", "dai")]
    factory = registry["venues"]["uniswap-v3"]["factory"]
    pool = chain.world.rpc.call(factory, "getPool(address,address,uint24)", *pair, 100, returns="(address)")
    change_book(bot, "  usdc: {", f'  usdc: {{pool: "{pool}", twap: 10m, max_gap_bps: 100, ')
    chain.world.advance(HOUR)
    async with signing(bot), guarding(bot) as guard:
        yield guard


async def test_a_name_that_is_repointed_before_the_signature_is_not_paid(
    named: Running, chain: Devnet, point: Callable[[str], None]
) -> None:
    assert (await named.done(named.pay("10", "before")))["state"] == "confirmed"
    before = chain.world.balance(ALICE, "usdc")
    named.hooks["before clear"] = lambda: point(MALLORY)
    assert (await named.done(named.pay("10", "after")))["state"] == "refused"
    assert chain.world.balance(ALICE, "usdc") == before
    answer = await named.submit(named.pay("10", "again"))
    assert {reason["rule"] for reason in answer["reasons"]} == {"ens"}


async def test_a_feed_that_leaves_its_pool_before_the_signature_is_no_price(pooled: Running, chain: Devnet) -> None:
    assert (await pooled.done(pooled.pay("10", "before")))["state"] == "confirmed"
    feed = chain.addresses()["tokens"]["usdc"]["feed"]
    answer = Decimal("0.98").scaleb(8)
    pooled.hooks["before clear"] = lambda: chain.world.rpc.send(ADMIN, feed, "setAnswer(int256)", int(answer))
    assert (await pooled.done(pooled.pay("10", "after")))["state"] == "refused"
    checked = await pooled.ask("check", proposal=pooled.pay("10", "again").to_json())
    assert checked["verdict"] == "deny"
    assert any("bps apart, at most 100" in reason["message"] for reason in checked["reasons"])


async def test_the_guard_asks_for_ages_where_the_policy_does(bot: BotFolder, chain: Devnet) -> None:
    asked = "usd: {max: 1000}, target: {book: tokens, age: {min: 7d}}"
    change_policy(bot, "usd: {max: 1000}", asked)
    async with signing(bot), guarding(bot) as guard:
        checked = await guard.ask("check", proposal=guard.pay("10").to_json())
        assert checked["verdict"] == "deny"
    for _ in range(20):
        chain.world.advance(10 * 86_400 // 20)
    async with signing(bot), guarding(bot) as guard:
        assert (await guard.done(guard.pay("10")))["state"] == "confirmed"
