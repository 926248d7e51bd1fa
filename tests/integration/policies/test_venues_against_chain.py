"""What decoding says of liquidity, lending and Permit2 bounds what the real contracts do with the money."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

STRANGER = "0x" + "5e" * 20
LATE = 4_102_444_800
USDC, WETH = 10**6, 10**18
LEAVING = frozenset({Kind.TRANSFER, Kind.SUPPLY, Kind.REPAY, Kind.SWAP, Kind.WRAP, Kind.UNWRAP})
APPROVE = "approve(address,uint256)"
ADD = "addLiquidity(address,address,uint256,uint256,uint256,uint256,address,uint256)"
ADD_COIN = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
SUPPLY = "supply(address,uint256,address,uint16)"


class Venues:
    """The devnet's contracts by label, and what one account holds of its tokens."""

    def __init__(self, chain: Devnet, account: str) -> None:
        registry = chain.addresses()
        self.rpc, self.account = chain.world.rpc, account
        self.tokens = {label: str(token["address"]).lower() for label, token in registry["tokens"].items()}
        self.at = {label: str(venue["address"]).lower() for label, venue in registry["venues"].items()} | self.tokens

    def holdings(self, holder: str) -> Counter[str]:
        found = Counter({NATIVE: int(self.rpc.request("eth_getBalance", holder, "latest"), 16)})
        for token in self.tokens.values():
            found[token] = self.rpc.call(token, "balanceOf(address)", holder, returns="(uint256)")
        return found

    def run(self, calls: list[Call]) -> int:
        """Gas paid in wei. Raises TransactionFailed where a call reverts."""
        paid = 0
        for call in calls:
            transaction = {
                "from": self.account,
                "to": call.to,
                "data": "0x" + call.data.hex(),
                "value": hex(call.value),
            }
            receipt = self.rpc.transact(transaction)
            paid += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        return paid


def liquidity(venues: Venues) -> list[Call]:
    at, router = venues.at, venues.at["uniswap-v2"]
    pair = (at["usdc"], at["weth"], 500 * USDC, WETH, 0, 0, venues.account, LATE)
    return [
        Call.encode(at["usdc"], APPROVE, router, 500 * USDC),
        Call.encode(at["weth"], APPROVE, router, WETH),
        Call.encode(router, ADD, *pair),
    ]


def liquidity_with_coin(venues: Venues) -> list[Call]:
    at, router = venues.at, venues.at["uniswap-v2"]
    return [
        Call.encode(at["usdc"], APPROVE, router, 500 * USDC),
        Call.encode(router, ADD_COIN, at["usdc"], 500 * USDC, 0, 0, STRANGER, LATE, value=WETH),
    ]


def lending(venues: Venues) -> list[Call]:
    at, pool = venues.at, venues.at["aave-v3"]
    return [
        Call.encode(at["weth"], APPROVE, pool, WETH),
        Call.encode(pool, SUPPLY, at["weth"], WETH, venues.account, 0),
        Call.encode(pool, "setUserUseReserveAsCollateral(address,bool)", at["weth"], True),
        Call.encode(
            pool, "borrow(address,uint256,uint256,uint16,address)", at["usdc"], 100 * USDC, 2, 0, venues.account
        ),
        Call.encode(at["usdc"], APPROVE, pool, 40 * USDC),
        Call.encode(pool, "repay(address,uint256,uint256,address)", at["usdc"], 40 * USDC, 2, venues.account),
        Call.encode(pool, "withdraw(address,uint256,address)", at["weth"], WETH // 10, STRANGER),
    ]


def permit2(venues: Venues) -> list[Call]:
    at, kept = venues.at, venues.at["permit2"]
    inside = "approve(address,address,uint160,uint48)"
    return [
        Call.encode(at["usdc"], APPROVE, kept, 50 * USDC),
        Call.encode(kept, inside, at["usdc"], venues.account, 50 * USDC, 2**48 - 1),
        Call.encode(
            kept, "transferFrom(address,address,uint160,address)", venues.account, STRANGER, 50 * USDC, at["usdc"]
        ),
        Call.encode(kept, "lockdown((address,address)[])", [(at["usdc"], venues.account)]),
    ]


@pytest.mark.parametrize("make", [liquidity, liquidity_with_coin, lending, permit2], ids=lambda make: make.__name__)
def test_no_more_leaves_than_is_named_and_only_to_whom_it_is_named(
    chain: Devnet, book: Book, account: str, make
) -> None:
    venues = Venues(chain, account)
    moment = chain.world.snapshot()
    calls = make(venues)
    proposal = Proposal(
        chain_id=31337,
        account=account,
        calls=tuple(calls),
        intent_key="0x" + "00" * 32,
        run="run",
        expires_at=datetime(2100, 1, 1, tzinfo=UTC),
    )
    effects = derive_effects(proposal, book)
    before, theirs = venues.holdings(account), venues.holdings(STRANGER)
    gas = venues.run(calls)
    after, got = venues.holdings(account), venues.holdings(STRANGER)
    after[NATIVE] += gas
    worst, given = _leaving(effects), _given(effects)
    for asset in before:
        assert before[asset] - after[asset] <= worst[asset], asset
        assert got[asset] - theirs[asset] <= given[asset], asset
    assert any(before[asset] > after[asset] for asset in before), "something moved"
    chain.world.revert(moment)


def _leaving(effects: tuple[Effect, ...]) -> Counter[str]:
    """What leaves the account at most, by asset."""
    named: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in LEAVING and effect.asset is not None:
            named[effect.asset] += effect.amount or 0
    return named


def _given(effects: tuple[Effect, ...]) -> Counter[str]:
    """What the stranger gets at most, by asset."""
    named: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in (Kind.TRANSFER, Kind.WITHDRAW) and effect.counterparty == STRANGER:
            named[str(effect.asset)] += effect.amount or 0
    return named
