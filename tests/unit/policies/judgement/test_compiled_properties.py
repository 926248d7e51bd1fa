"""A compiled policy says what the plain reading of every condition of every rule says, whatever the effects are."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treasurer.policies.book.book import Book
from treasurer.policies.conditions import CONDITIONS, Subject
from treasurer.policies.effect import Effect, Kind
from treasurer.policies.facts import EVERY_RULE, Facts, Fees, PluginAnswer, Price, Simulated, Spent
from treasurer.policies.judgement import judge as judging
from treasurer.policies.judgement.compiled import CompiledMatcher, compiled
from treasurer.policies.judgement.judge import judge
from treasurer.policies.judgement.matching import Matcher
from treasurer.policies.kinds import ALLOWABLE
from treasurer.policies.language.policy import Policy
from treasurer.policies.proposal import Proposal, Provenance
from treasurer.wallets.typed_data import TypedData

from ..conftest import BOOK, NOON, SELF, STRANGER

THOROUGH = settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
CHAINS = (1, 10)
WRITTEN: dict[str, tuple[Any, ...]] = {
    "to": (
        {"book": "payees"},
        "alice",
        "self",
        ["self", "mallory"],
        {"book": ["payees", "blocked"]},
        {"book": "people"},
    ),
    "asset": (["usdc"], ["usdc", "dai"], "native", {"book": "tokens"}, ["native", "weth"]),
    "usd": ({"max": 100}, {"above": 100}, {"min": 0}, {"below": Decimal("150.5"), "min": 10}),
    "amount": ({"max": 100}, {"above": Decimal("0.5")}, {"min": 1, "max": 1}, {"below": 5}),
    "provenance": (["operator"], ["user", "untrusted"]),
    "venue": (["uniswap-v3"], ["uniswap-v3", "aave-v3"], {"book": "venues"}),
    "sell": (["usdc", "weth"], "native"),
    "buy": (["weth"], {"book": "tokens"}),
    "recipient": ("self", {"book": "payees"}, ["self", "bob"]),
    "slippage_bps": ({"max": 50, "against": "oracle"},),
    "on_behalf_of": ("self", "cold"),
    "spender": ({"book": "venues"}, ["uniswap-v3", "alice"]),
    "deadline": ({"max": "1h"},),
    "health_factor_after": ({"min": Decimal("1.8")},),
    "chain": (1, [1, 10], 10),
    "share_of_balance": ({"max": 25}, {"above": 25}),
    "allowance_after": ({"max": 1000}, {"usd": {"max": 1000}}),
    "cooldown": ({"min": "1h"}, {"min": "1h", "per": "recipient"}),
    "duplicate_within": ("24h",),
    "recipient_known_for": ({"min": "7d"},),
    "gas_price_gwei": ({"max": 50},),
    "gas_limit": ({"max": 500000},),
    "fee": ({"max": Decimal("0.01")}, {"usd": {"max": 20}}),
    "time": ({"days": ["mon-fri"], "timezone": "UTC"}, {"from": "13:00", "to": "17:00", "timezone": "UTC"}),
    "target": (["uniswap-v3", "usdc"], {"book": "venues", "age": {"min": "30d"}}, {"code_hash": "pinned"}),
    "typed_data": ({"primary_type": ["Permit"]}, {"domain": {"contract": "usdc"}, "fields": {"value": {"max": 10}}}),
    "message_text": ({"starts_with": "hello"}, {"siwe_domain": "app.example.org"}),
    "lookalike": ({"of": ["book", "peers"]}, {"first": 1, "last": 1, "of": "book"}),
    "on_list": ("sanctioned",),
    "plugin": ("quarter-end",),
    "concentration_after": ({"asset": "weth", "max_pct": 60},),
    "balance_change": ({"weth": {"min": Decimal("0.5")}}, {"usdc": {"min": -100, "max": 100}}),
    "nft": ({"ids": [7]}, {"ids": [1, 2]}),
    "vote": ({"support": ["for"]}, {"governor": ["aave-v3"]}),
}
DECIDED = ("to", "asset", "venue", "sell", "buy", "recipient", "on_behalf_of", "spender", "chain")
NEVER_ALLOWS, ONLY_LETS_THROUGH = {"duplicate_within"}, {"cooldown"}
PERMIT = {
    "types": {
        "EIP712Domain": [{"name": "verifyingContract", "type": "address"}],
        "Permit": [{"name": "value", "type": "uint256"}],
    },
    "primaryType": "Permit",
    "domain": {"verifyingContract": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"},
    "message": {"value": "5"},
}
book = Book.read(BOOK.encode())
ADDRESSES = sorted(
    {address for name in book.sections for chain in CHAINS for address in book.section(name, chain).values()}
)
LISTS = {"lists/sanctioned.txt": f"{STRANGER}\n{ADDRESSES[0]}\n".encode()}


def test_every_condition_is_tried() -> None:
    assert set(WRITTEN) == set(CONDITIONS)


def a_rule(chance: Random, number: int) -> dict[str, Any]:
    decision = chance.choice(["allow", "allow", "escalate", "deny"])
    barred = {"allow": NEVER_ALLOWS, "escalate": set(), "deny": ONLY_LETS_THROUGH}[decision]
    names = [name for name in (*CONDITIONS, *DECIDED * 4) if name not in barred]
    wanted = {name: chance.choice(WRITTEN[name]) for name in chance.sample(names, chance.randint(0, 4))}
    kinds = sorted(ALLOWABLE if decision != "deny" else Kind)
    listed = chance.sample(kinds, chance.randint(1, len(kinds)))
    rule = {"id": f"r{number}", decision: [kind.value for kind in listed], "when": wanted}
    if not wanted:
        del rule["when"]
    return rule | ({"approvals": {"quorum": 1, "of": ["ann"], "expires": "1h"}} if decision == "escalate" else {})


def a_policy(chance: Random) -> Policy:
    written = {
        "version": 1,
        "name": "any",
        "chains": list(CHAINS),
        "rules": [a_rule(chance, number) for number in range(chance.randint(1, 8))],
        "plugins": {"quarter-end": {"hash": "sha256:" + "0" * 64}},
    }
    return Policy.model_validate(written, context={"book": book, "attachments": LISTS})


def an_effect(chance: Random, account: str, index: int, count: int) -> Effect:
    tokens = [book.token_by_label(label, 1) for label in ("usdc", "dai", "weth")]
    assets = ["native", "native", *(token.address for token in tokens if token is not None), STRANGER, ADDRESSES[0]]
    parties = [account, account, SELF, STRANGER, "0x" + "6" * 40, *ADDRESSES]

    def perhaps(values: list[Any], absent: float = 0.15) -> Any:
        return None if chance.random() < absent else chance.choice(values)

    return Effect(
        kind=chance.choice(sorted(Kind) if chance.random() < 0.3 else sorted(ALLOWABLE)),
        call=0,
        asset=perhaps(assets * 3 + parties),
        amount=perhaps([0, 1, 10**6, 10**8, 10**18, 10**20, 2**96, 2**256 - 1]),
        exact=chance.random() < 0.8,
        counterparty=perhaps(parties),
        target=perhaps(parties),
        on_behalf_of=perhaps(parties, 0.5),
        bought=perhaps(assets, 0.4),
        bought_minimum=perhaps([0, 10**6, 10**17, 10**18], 0.3),
        deadline=perhaps([0, int(NOON.timestamp()) + 600, 2**255], 0.6),
        settled_by=chance.randrange(count) if chance.random() < 0.1 else None,
        token_ids=chance.choice([(), (1,), (1, 3)]),
        support=chance.choice([None, 0, 1, 7]),
        unknown=chance.choice([(), (), ("what the code does",)]),
        note=chance.choice(["", "votes"]),
    )


def a_proposal(chance: Random, account: str) -> Proposal:
    signed = chance.choice([{}, {}, {"typed_data": TypedData.model_validate(PERMIT)}, {"message": b"hello there"}])
    labels = {address: chance.choice(list(Provenance)) for address in chance.sample([STRANGER, *ADDRESSES], 3)}
    return Proposal(
        chain_id=chance.choice(CHAINS),
        account=account,
        provenance=labels,
        intent_key="0x" + "1" * 64,
        run="any",
        expires_at=NOON,
        **signed,
    )


def some_facts(chance: Random, account: str, effects: tuple[Effect, ...]) -> Facts:
    assets = ["native", *(token.address for token in book.tokens(1))]
    spent = tuple(
        Spent(
            intent="0x" + "2" * 64,
            counter=chance.choice(["outflow", "turnover", "borrow", "count"]),
            asset=effect.asset,
            base_units=effect.amount or 0,
            recipient=effect.counterparty,
            rules=chance.choice([(), ("r0",), ("r1", "r2"), (EVERY_RULE,)]),
            standing=chance.random() < 0.2,
            at=chance.choice([None, NOON, NOON - timedelta(hours=2), NOON - timedelta(days=9)]),
        )
        for effect in effects
        if chance.random() < 0.5
    )
    answers = chance.choice([{}, {"quarter-end": PluginAnswer(holds=tuple(chance.random() < 0.5 for _ in effects))}])
    simulation = Simulated(
        succeeded=chance.random() < 0.9,
        inflows=dict.fromkeys(chance.sample(assets, 2), 10**18),
        outflows=dict.fromkeys(chance.sample(assets, 2), 10**6),
        health_factor_after=chance.choice([None, Decimal(1), Decimal(3)]),
    )
    return Facts(
        at=NOON + timedelta(hours=chance.randint(0, 72)),
        static=chance.random() < 0.5,
        prices={asset: Price(usd=Decimal(chance.choice([1, 2500]))) for asset in assets if chance.random() < 0.8},
        balances={asset: 10**20 for asset in assets if chance.random() < 0.7},
        total_supplies={asset: 10**19 for asset in assets[1:] if chance.random() < 0.3},
        code_since={address: 0 for address in ADDRESSES if chance.random() < 0.5},
        known_since={address: 0 for address in ADDRESSES if chance.random() < 0.5},
        peers=chance.choice([(), (STRANGER, "0x6666" + "5" * 36)]),
        plugins=answers,
        simulation=chance.choice([None, simulation]),
        fees=chance.choice([None, Fees(gas_limit=400_000, max_fee_per_gas=10**10)]),
        spent=spent,
    )


@THOROUGH
@given(st.integers(0, 2**64))
def test_a_compiled_policy_matches_as_the_plain_one_does(seed: int) -> None:
    chance = Random(seed)
    account = chance.choice([SELF, SELF, *ADDRESSES])
    count = chance.choice([1, 1, 2, 4])
    effects = tuple(an_effect(chance, account, index, count) for index in range(count))
    policy, proposal, facts = a_policy(chance), a_proposal(chance, account), some_facts(chance, account, effects)
    subjects = [Subject(effect, proposal, book, facts, effects, index) for index, effect in enumerate(effects)]
    plain, quick = Matcher(policy, subjects), CompiledMatcher(compiled(policy, book), subjects)
    for index in range(count):
        assert quick.matches(index) == plain.matches(index)
        for rule in policy.rules_for(effects[index].kind):
            assert quick.match(rule, index) == plain.match(rule, index)
            assert quick.shortfalls(rule, index) == plain.shortfalls(rule, index)


@THOROUGH
@given(st.integers(0, 2**64))
def test_a_verdict_is_the_same_to_the_last_word_without_compiling(world, seed: int) -> None:
    chance = Random(seed)
    policy, proposal = a_policy(chance), world.propose(*some_calls(world, chance))
    facts = some_facts(chance, world.account, judge(policy, book, proposal, world.facts()).effects)
    quick = judge(policy, book, proposal, facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging, "CompiledMatcher", lambda made, subjects: Matcher(made.policy, subjects))
        plain = judge(policy, book, proposal, facts)
    assert quick.model_dump_json() == plain.model_dump_json()
    assert quick == plain


def some_calls(world: Any, chance: Random) -> list[Any]:
    token, other = chance.sample(["usdc", "dai", "weth"], 2)
    who = chance.choice(["alice", "bob", "abroad", "mallory", "cold", "ann", "self", STRANGER, "uniswap-v3"])
    amount = chance.choice([0, 1, 50 * 10**6, 150 * 10**6, 10**18, 10**20])
    menu = [
        lambda: world.transfer(token, who, amount),
        lambda: world.approve(token, chance.choice(["uniswap-v3", who]), amount),
        lambda: world.pay_native(who, amount),
        lambda: world.swap(token, amount, other, amount // 2, chance.choice([SELF, STRANGER])),
        lambda: world.supply(token, amount, chance.choice([SELF, who])),
        lambda: world.withdraw(token, amount, who),
        lambda: world.borrow(token, amount),
    ]
    return [chance.choice(menu)() for _ in range(chance.choice([1, 1, 1, 2, 5]))]
