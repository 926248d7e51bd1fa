"""What decoding says at the worst case bounds what the real SwapRouter02 does with the money."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from treasurer.policies.book.book import Book
from treasurer.policies.decode import derive_effects
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.proposal import Proposal
from treasurer.scenarios.devnet import Devnet
from treasurer.scenarios.devnet.errors import TransactionFailed
from treasurer.wallets.call import Call
from treasurer.wallets.values import NATIVE

STRANGER = "0x" + "5e" * 20
SENDER, ROUTER = "0x" + "0" * 39 + "1", "0x" + "0" * 39 + "2"
SINGLE = "((address,address,uint24,address,uint256,uint256,uint160))"
UNITS = {"usdc": 10**6, "weth": 10**15, "dai": 10**18}
"""About a dollar or two and a half of each."""
POOLS = {("usdc", "weth"): 500, ("usdc", "dai"): 100}
SAMPLES = 100


class Market:
    """Draws proposals that a treasury, or somebody who misleads one, might send to the router."""

    def __init__(self, chain: Devnet, account: str, seed: int) -> None:
        registry = chain.addresses()
        self.random, self.account, self.rpc = random.Random(seed), account, chain.world.rpc
        self.tokens = {label: str(registry["tokens"][label]["address"]).lower() for label in UNITS}
        self.router = str(registry["venues"]["uniswap-v3"]["address"]).lower()

    def proposal(self) -> list[Call]:
        calls = []
        for label in self.tokens:
            if self.random.random() < 0.6:
                calls.append(self._approve(label, self.random.choice([10, 10, 20, 1000]) * UNITS[label]))
        steps = [self._step() for _ in range(self.random.choice([1, 1, 2, 3, 4]))]
        value = self.random.choice([0, 0, 10, 20]) * UNITS["weth"]
        if len(steps) == 1 and self.random.random() < 0.5:
            calls.append(Call(to=self.router, value=value, data=steps[0]))
        else:
            calls.append(Call.encode(self.router, "multicall(bytes[])", steps, value=value))
        if self.random.random() < 0.3:
            calls.append(self._approve(self.random.choice(list(self.tokens)), 0))
        return calls

    def _approve(self, label: str, amount: int) -> Call:
        return Call.encode(self.tokens[label], "approve(address,uint256)", self.router, amount)

    def _step(self) -> bytes:
        draw = self.random
        weth, recipient = self.tokens["weth"], draw.choice([self.account, SENDER, ROUTER, ROUTER, STRANGER])
        token, literal = draw.choice(list(self.tokens.values())), draw.choice([self.account, self.account, STRANGER])
        ten = 10 * UNITS["weth"]
        choices: list[tuple[Any, ...]] = [
            ("unwrapWETH9(uint256,address)", draw.choice([0, 1000]), literal),
            ("unwrapWETH9(uint256)", 0),
            ("sweepToken(address,uint256,address)", token, 0, literal),
            ("sweepToken(address,uint256)", weth, 0),
            ("refundETH()",),
            ("wrapETH(uint256)", draw.choice([ten, ten // 2])),
            ("pull(address,uint256)", weth, ten),
        ]
        if draw.random() < 0.35:
            signature, *arguments = draw.choice(choices)
            return Call.encode(self.router, signature, *arguments).data
        (first, second), fee = draw.choice(list(POOLS.items()))
        sold, bought = draw.choice([(first, second), (second, first)])
        limit = draw.choice([0, 0, 0, self._limit(sold, bought)])
        start = (self.tokens[sold], self.tokens[bought], fee, recipient)
        if draw.random() < 0.7:
            amount = draw.choice([0, 5, 10, 10]) * UNITS[sold]
            order = (*start, amount, draw.choice([0, UNITS[bought] // 10]), limit)
            return Call.encode(self.router, f"exactInputSingle{SINGLE}", order).data
        order = (*start, UNITS[bought], 10 * UNITS[sold], limit)
        return Call.encode(self.router, f"exactOutputSingle{SINGLE}", order).data

    def _limit(self, sold: str, bought: str) -> int:
        """A price limit that a small swap does not reach."""
        zero_for_one = int(self.tokens[sold], 16) < int(self.tokens[bought], 16)
        return 4295128740 if zero_for_one else 1461446703485210103287273052203988822378723970341

    def holdings(self, holder: str) -> Counter[str]:
        found = Counter({NATIVE: int(self.rpc.request("eth_getBalance", holder, "latest"), 16)})
        for token in self.tokens.values():
            found[token] = self.rpc.call(token, "balanceOf(address)", holder, returns="(uint256)")
        return found

    def run(self, calls: list[Call]) -> int | None:
        """Gas paid in wei; None where a call reverted."""
        paid = 0
        for call in calls:
            transaction = {
                "from": self.account,
                "to": call.to or "",
                "data": "0x" + call.data.hex(),
                "value": hex(call.value),
            }
            try:
                receipt = self.rpc.transact(transaction)
            except TransactionFailed:
                return None
            paid += int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        return paid

    def allowance(self, token: str) -> int:
        found: int = self.rpc.call(token, "allowance(address,address)", self.account, self.router, returns="(uint256)")
        return found


def _worst(effects: tuple[Effect, ...], account: str) -> Counter[str]:
    """Net change of the account at its worst, by asset: what the effects let go at most, and guarantee at least."""
    change: Counter[str] = Counter()
    for effect in effects:
        if effect.kind in (Kind.SWAP, Kind.WRAP, Kind.UNWRAP) or (
            effect.kind == Kind.TRANSFER and effect.counterparty != account
        ):
            assert effect.asset is not None
            assert effect.amount is not None
            change[effect.asset] -= effect.amount
        if effect.bought is not None and effect.counterparty == account:
            change[effect.bought] += effect.bought_minimum or 0
    return change


def test_the_worst_case_bounds_what_the_router_does(chain: Devnet, book: Book, account: str) -> None:
    chain.world.fund(account, tokens={"dai": 10_000})
    market = Market(chain, account, seed=1)
    held, empty = 0, market.holdings(market.router)
    for _ in range(SAMPLES):
        calls = market.proposal()
        before, moment = market.holdings(account), chain.world.snapshot()
        gas = market.run(calls)
        if gas is not None:
            proposal = Proposal(
                chain_id=31337,
                account=account,
                calls=tuple(calls),
                intent_key="0x" + "00" * 32,
                run="run",
                expires_at=datetime(2100, 1, 1, tzinfo=UTC),
            )
            effects = derive_effects(proposal, book)
            if all(effect.kind != Kind.UNKNOWN for effect in effects):
                after, worst = market.holdings(account), _worst(effects, account)
                after[NATIVE] += gas
                for asset in before:
                    assert after[asset] - before[asset] >= worst[asset], (asset, effects)
                assert market.holdings(market.router) == empty, effects
                for effect in effects:
                    if effect.settled_by is not None and effect.asset is not None:
                        assert market.allowance(effect.asset) == 0, effects
                held += any(effect.kind == Kind.SWAP for effect in effects)
        chain.world.revert(moment)
    assert held >= SAMPLES // 10
