"""Limits that have a window for each recipient or asset, count what some rules let through, or what goes somewhere."""

from __future__ import annotations

from decimal import Decimal

import pytest

from treasurer.policies.errors import DocumentError
from treasurer.policies.facts import EVERY_RULE, Fees, Spent
from treasurer.policies.judgement.limits import held, used

USDC = 10**6
ETHER = 10**18
RULES = "rules: [{id: pay, allow: transfer, when: {asset: [usdc]}}, {id: gift, allow: transfer, when: {asset: [dai]}}, "
RULES += "{id: trade, allow: [swap, approval, borrow]}, {id: ask, escalate: transfer, when: {asset: [weth]}, "
RULES += "approvals: {quorum: 1, of: [ann], expires: 1h}}]\n"


def judged(world, limit: str, *calls, **facts):
    policy = world.policy(f"limits: [{{id: cap, window: 24h, {limit}}}]\n{RULES}")
    return world.judge(policy, *calls, facts=world.facts(**facts))


def decided(world, limit: str, *calls, **facts) -> str:
    return str(judged(world, limit, *calls, **facts).decision)


def out(world, usd: int, to: str | None = "alice", token: str = "usdc", rules=("pay",), **more) -> Spent:
    recipient = None if to is None else world.at(to)
    row = {"counter": "outflow", "asset": world.at(token), "base_units": usd * USDC, "usd": Decimal(usd)}
    return Spent(**({"intent": "i", "recipient": recipient, "rules": rules, "at": world.noon} | row | more))


EACH = "counts: outflow, asset: usd, max: 100, per: recipient"


def test_each_recipient_has_a_window_of_its_own(world) -> None:
    call = world.transfer("usdc", "alice", 60 * USDC)
    assert decided(world, EACH, call, spent=(out(world, 60, "bob"),)) == "allow"
    assert decided(world, EACH, call, spent=(out(world, 60, "alice"),)) == "deny"
    assert decided(world, EACH, call, world.transfer("usdc", "bob", 60 * USDC)) == "allow"
    assert decided(world, EACH, call, call) == "deny"


def test_a_reason_names_the_recipient_and_each_that_is_over(world) -> None:
    calls = [world.transfer("usdc", name, 101 * USDC) for name in ("alice", "bob", "cold")]
    verdict = judged(world, EACH, *calls)
    assert [reason.condition for reason in verdict.reasons] == ["outflow in 24h for alice", "outflow in 24h for bob"]


def test_what_went_nobody_knows_where_counts_for_everybody(world) -> None:
    foreign = out(world, 60, None, rules=())
    assert decided(world, EACH, world.transfer("usdc", "alice", 60 * USDC), spent=(foreign,)) == "deny"
    to = "counts: outflow, asset: usd, max: 100, to: alice"
    assert decided(world, to, world.transfer("usdc", "alice", 60 * USDC), spent=(foreign,)) == "deny"
    unbounded = world.withdraw("usdc", 2**256 - 1, world.stranger)
    policy = world.policy(f"limits: [{{id: cap, window: 24h, {EACH}}}]\nrules: [{{id: w, allow: withdraw}}]\n")
    assert world.judge(policy, unbounded).decision == "deny", "an amount without a bound"


def test_what_this_proposal_sends_nobody_knows_where_adds_to_each_window(world) -> None:
    policy = world.policy(f"limits: [{{id: cap, window: 24h, {EACH}}}]\n{RULES}")
    for usd, over in ((40, 0), (41, 1)):
        now = (out(world, 60, "alice", at=None), out(world, usd, None, at=None))
        reasons, _ = held(policy, world.book, world.propose(), world.facts(), now)
        assert [reason.condition for reason in reasons] == ["outflow in 24h for alice"] * over


def test_each_asset_has_a_window_of_its_own(world) -> None:
    limit = "counts: outflow, asset: usd, max: 100, per: asset"
    call = world.transfer("usdc", "alice", 60 * USDC)
    assert decided(world, limit, call, world.transfer("dai", "alice", 60 * ETHER)) == "allow"
    assert decided(world, limit, call, spent=(out(world, 60, "bob"),)) == "deny"
    assert decided(world, limit, call, spent=(out(world, 60, token="dai"),)) == "allow"


def test_a_limit_on_a_rule_counts_only_what_that_rule_lets_through(world) -> None:
    limit = "counts: outflow, asset: usd, max: 100, rule: pay"
    gifts = world.transfer("dai", "alice", 500 * ETHER)
    assert decided(world, limit, gifts) == "allow"
    assert decided(world, limit, world.transfer("usdc", "alice", 100 * USDC), gifts) == "allow"
    assert decided(world, limit, world.transfer("usdc", "alice", 101 * USDC)) == "deny"
    call = world.transfer("usdc", "alice", 60 * USDC)
    assert decided(world, limit, call, spent=(out(world, 60, rules=("gift",)),)) == "allow"
    assert decided(world, limit, call, spent=(out(world, 60, rules=("gift", "pay")),)) == "deny"
    assert decided(world, limit, call, spent=(out(world, 60, rules=(EVERY_RULE,)),)) == "deny", "nobody knows which"


def test_a_limit_on_several_rules_counts_them_together_and_escalated_ones_too(world) -> None:
    limit = "counts: outflow, asset: usd, max: 2600, rule: [pay, ask]"
    ask = world.transfer("weth", "alice", ETHER)
    assert decided(world, limit, world.transfer("usdc", "bob", 100 * USDC), ask) == "escalate"
    assert decided(world, limit, world.transfer("usdc", "bob", 101 * USDC), ask) == "deny"


def test_a_limit_to_addresses_counts_only_what_goes_there(world) -> None:
    limit = "counts: outflow, asset: usdc, max: 100, to: [{book: blocked}, bob]"
    assert decided(world, limit, world.transfer("usdc", "alice", 1000 * USDC)) == "allow"
    for name in ("mallory", "bob"):
        assert decided(world, limit, world.transfer("usdc", name, 101 * USDC)) == "deny"
    assert decided(world, limit, *(world.transfer("usdc", name, 60 * USDC) for name in ("bob", "mallory"))) == "deny"


def test_proposals_are_counted_for_each_recipient_once(world) -> None:
    limit = "counts: count, max: 1, per: recipient"
    call = world.transfer("usdc", "alice", 1)
    one = out(world, 1).model_copy(update={"counter": "count", "asset": None, "base_units": 1, "usd": None})
    assert decided(world, limit, call, call, world.transfer("usdc", "bob", 1)) == "allow"
    assert decided(world, limit, world.transfer("usdc", "bob", 1), spent=(one,)) == "allow"
    assert decided(world, limit, call, spent=(one,)) == "deny"
    plain = "counts: count, max: 1"
    assert decided(world, plain, call, world.transfer("usdc", "bob", 1), spent=(one,)) == "allow", "not a proposal more"


@pytest.mark.parametrize(
    ("counts", "asset"), [("outflow", "usd"), ("turnover", "usd"), ("borrow", "usd"), ("gas", "usd"), ("count", None)]
)
def test_every_counter_can_be_held_by_rule(world, counts: str, asset: str | None) -> None:
    approve, swap = world.approve("usdc", "uniswap-v3", 5000 * USDC), world.swap("usdc", 5000 * USDC, "weth", ETHER)
    fees = Fees(gas_limit=10**6, max_fee_per_gas=10**12)
    unit = f", asset: {asset}" if asset else ""
    for rule, decision in (("trade", "deny"), ("pay", "allow")):
        limit = f"counts: {counts}{unit}, max: 0, rule: {rule}"
        found = decided(world, limit, approve, swap, world.borrow("usdc", USDC), fees=fees, not_held=("breakers",))
        assert found == decision, (counts, rule)


@pytest.mark.parametrize(("counts", "call"), [("turnover", "swap"), ("borrow", "borrow")])
def test_turnover_and_borrow_have_recipients_too(world, counts: str, call: str) -> None:
    swap = (world.approve("usdc", "uniswap-v3", USDC), world.swap("usdc", USDC, "weth", ETHER, world.at("alice")))
    calls = swap if call == "swap" else (world.borrow("usdc", USDC),)
    whom, other = ("alice", "self") if call == "swap" else ("self", "alice")
    assert decided(world, f"counts: {counts}, asset: usd, max: 0, to: {whom}", *calls) == "deny"
    assert decided(world, f"counts: {counts}, asset: usd, max: 0, to: {other}", *calls) == "allow"


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("counts: count, max: 1, rule: pya", 'no rule is called "pya"; did you mean "pay"'),
        ("counts: count, max: 1, rule: [pay, never]", "never denies"),
        ("counts: count, max: 1, rule: []", "at least 1 item"),
        ("counts: count, max: 1, per: rule", "write recipient or asset"),
        ("counts: gas, asset: usd, max: 1, per: recipient", "gas goes to nobody"),
        ("counts: gas, asset: usd, max: 1, to: alice", "gas goes to nobody"),
        ("counts: outflow, asset: usdc, max: 1, per: asset", "write asset: usd"),
        ("counts: outflow, asset: usdc, max: 1, to: alcie", 'did you mean "alice"'),
    ],
)
def test_a_limit_that_cannot_be_meant_is_a_fault(world, limit: str, words: str) -> None:
    text = f"limits: [{{id: cap, window: 24h, {limit}}}]\n"
    with pytest.raises(DocumentError) as caught:
        world.policy(f"{text}rules: [{{id: pay, allow: transfer}}, {{id: never, deny: pull}}]\n")
    assert words in str(caught.value)
    assert str(caught.value).startswith("policy.yaml:4:")


def test_people_see_each_window_of_a_limit(world) -> None:
    (limit,) = world.policy(f"limits: [{{id: cap, window: 24h, {EACH}}}]\n{RULES}").limits
    rows = (out(world, 60, "bob"), out(world, 5, "alice"), out(world, 1, None))
    found = used(limit, rows, world.noon, world.book, 1, world.account)
    assert found == {world.at("bob"): 61, world.at("alice"): 6}
