"""The sentences of the policy language under Matching, Verdict, Addresses and Provenance."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from treasurer.policies.effect import Kind
from treasurer.policies.facts import Facts, Simulated
from treasurer.policies.judgement.judge import judge
from treasurer.policies.kinds import ALLOWABLE
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Proposal, Provenance
from treasurer.policies.verdict import Verdict
from treasurer.wallets.call import Authorization, Call, Operation
from treasurer.wallets.typed_data import TypedData

MAX = 2**256 - 1
PAY = "id: pay, allow: transfer, when: {to: {book: payees}, asset: [usdc], amount: {max: 1000}}"


def rules_named(verdict) -> set[str]:
    return {reason.rule for reason in verdict.reasons}


def decided(world, rule: str, *calls: Call, **more) -> str:
    return str(world.judge(world.rules(rule), *calls, **more).decision)


def test_default_is_deny_and_says_which_rule_came_near(world) -> None:
    verdict = world.judge(world.rules(PAY), world.transfer("usdc", "alice", 1000_000_001))
    assert (verdict.decision, rules_named(verdict)) == ("deny", {"no-rule"})
    assert "1000.000001 usdc" in verdict.reasons[0].actual
    assert "at most 1000" in verdict.reasons[0].limit
    assert "pay" in verdict.reasons[0].condition


def test_max_and_min_include_the_bound_above_and_below_exclude_it(world) -> None:
    for bounds, passing, failing in (
        ("max: 10", 10_000_000, 10_000_001),
        ("min: 10", 10_000_000, 9_999_999),
        ("above: 10", 10_000_001, 10_000_000),
        ("below: 10", 9_999_999, 10_000_000),
    ):
        for condition in ("usd", "amount"):
            rule = f"id: r, allow: transfer, when: {{asset: [usdc], {condition}: {{{bounds}}}}}"
            assert decided(world, rule, world.transfer("usdc", "alice", passing)) == "allow", (condition, bounds)
            assert decided(world, rule, world.transfer("usdc", "alice", failing)) == "deny", (condition, bounds)


def test_splitting_inside_a_proposal_gains_nothing(world) -> None:
    half = world.transfer("usdc", "alice", 600_000_000)
    assert decided(world, PAY, half, world.transfer("usdc", "bob", 400_000_000)) == "allow"
    assert decided(world, PAY, half, world.transfer("usdc", "bob", 400_000_001)) == "deny"


def test_amount_is_summed_for_each_asset_and_usd_over_all(world) -> None:
    calls = (world.transfer("usdc", "alice", 600 * 10**6), world.transfer("dai", "alice", 600 * 10**18))
    amount = "id: r, allow: transfer, when: {to: {book: payees}, amount: {max: 1000}}"
    usd = "id: r, allow: transfer, when: {to: {book: payees}, usd: {max: 1000}}"
    assert decided(world, amount, *calls) == "allow"
    assert decided(world, usd, *calls) == "deny"


def test_effects_that_miss_another_condition_are_no_part_of_the_sum(world) -> None:
    policy = world.rules(
        "id: people, allow: transfer, when: {to: {book: payees}, usd: {max: 100}}",
        "id: cold, allow: transfer, when: {to: cold}",
    )
    calls = (world.transfer("usdc", "alice", 100 * 10**6), world.transfer("usdc", "cold", 9000 * 10**6))
    assert world.judge(policy, *calls).decision == "allow"


def test_an_unpriced_asset_fails_an_allow_rule(world) -> None:
    rule = "id: r, allow: transfer, when: {usd: {max: 1000}}"
    verdict = world.judge(world.rules(rule), world.transfer("dai", "alice", 1), facts=world.facts(unpriced=("dai",)))
    assert verdict.decision == "deny"
    assert "the price of dai is unknown" in verdict.reasons[0].message


def test_an_unpriced_part_makes_the_whole_sum_unknown(world) -> None:
    rule = "id: r, allow: transfer, when: {usd: {max: 1000}}"
    calls = (world.transfer("dai", "alice", 1), world.transfer("usdc", "alice", 1))
    assert decided(world, rule, *calls, facts=world.facts(unpriced=("dai",))) == "deny"


@pytest.mark.parametrize(
    "word", ["deny: transfer", "escalate: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}"]
)
def test_a_deny_or_escalate_rule_of_which_nothing_fails_but_something_is_unknown_denies(world, word: str) -> None:
    policy = world.rules("id: free, allow: transfer", f"id: big, {word}, when: {{asset: [dai], usd: {{above: 100}}}}")
    facts = world.facts(unpriced=("dai",))
    verdict = world.judge(policy, world.transfer("dai", "alice", 1), facts=facts)
    assert (verdict.decision, rules_named(verdict)) == ("deny", {"big"})
    assert "the price of dai is unknown" in verdict.reasons[0].message
    assert world.judge(policy, world.transfer("usdc", "alice", 1), facts=facts).decision == "allow", "asset fails"


def test_what_is_surely_over_the_bound_is_not_unknown(world) -> None:
    """200 USDC beside unpriced DAI: the sum is above 100 whatever DAI is worth."""
    policy = world.rules("id: free, allow: transfer", "id: big, deny: transfer, when: {usd: {above: 100}}")
    calls = (world.transfer("usdc", "alice", 200 * 10**6), world.transfer("dai", "alice", 1))
    verdict = world.judge(policy, *calls, facts=world.facts(unpriced=("dai",)))
    assert all("big denies" in reason.message for reason in verdict.reasons)


def test_deny_beats_escalate_beats_allow(world) -> None:
    allow, deny = "id: a, allow: transfer", "id: d, deny: transfer"
    ask = "id: e, escalate: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}"
    call = world.transfer("usdc", "alice", 1)
    assert world.judge(world.rules(allow), call).decision == "allow"
    escalated = world.judge(world.rules(allow, ask), call)
    assert escalated.decision == "escalate"
    assert (escalated.approvals[0].quorum, escalated.approvals[0].of, escalated.approvals[0].expires_seconds) == (
        1,
        ("ann",),
        3600,
    )
    denied = world.judge(world.rules(ask, deny, allow), call)
    assert (denied.decision, rules_named(denied), denied.approvals) == ("deny", {"d"}, ())


def test_a_deny_lists_every_reason(world) -> None:
    policy = world.rules(
        "id: one, deny: transfer",
        "id: two, deny: transfer, when: {to: {book: payees}}",
        "id: three, deny: approval",
    )
    calls = (
        world.transfer("usdc", "alice", 1),
        world.approve("usdc", "bob", 1),
        world.transfer("usdc", world.stranger, 1),
    )
    assert rules_named(world.judge(policy, *calls)) == {"one", "two", "three"}


def test_the_proposal_takes_the_worst_of_its_effects(world) -> None:
    assert decided(world, PAY, world.transfer("usdc", "alice", 1), world.transfer("usdc", world.stranger, 1)) == "deny"


def test_nothing_to_judge_is_denied(world) -> None:
    assert rules_named(world.judge(world.rules(PAY))) == {"nothing"}


def test_revocations_of_known_tokens_need_no_rule(world) -> None:
    revoke = world.approve("usdc", world.stranger, 0)
    assert world.judge(world.rules(PAY), revoke).decision == "allow"
    unknown = Call.encode(world.stranger, "approve(address,uint256)", world.at("alice"), 0)
    assert world.judge(world.rules(PAY), unknown).decision == "deny"
    assert world.judge(world.rules("id: no, deny: revocation"), revoke).decision == "deny"


def test_kinds_that_are_only_for_deny_rules_are_denied_without_one(world) -> None:
    pull = Call.encode(world.at("usdc"), "transferFrom(address,address,uint256)", world.stranger, world.account, 1)
    calls = {
        Kind.DELEGATECALL: Call(to=world.stranger, operation=Operation.DELEGATECALL),
        Kind.CONTRACT_CREATION: Call(to=None, data=b"\x00"),
        Kind.UNLIMITED_APPROVAL: world.approve("usdc", "uniswap-v3", MAX),
        Kind.UNKNOWN: Call(to=world.stranger, data=b"\x01\x02\x03\x04"),
        Kind.PULL: pull,
    }
    everything = world.rules(f"id: all, allow: [{', '.join(sorted(ALLOWABLE))}]")
    for kind, call in calls.items():
        verdict = world.judge(everything, call)
        assert verdict.decision == "deny"
        assert kind in {effect.kind for effect in verdict.effects}
        assert "never" in rules_named(world.judge(world.rules(f"id: never, deny: {kind}"), call))


def test_an_effect_raised_beside_another_is_judged_for_itself(world) -> None:
    verdict = world.judge(world.rules("id: a, allow: approval"), world.approve("usdc", "uniswap-v3", 2**96 - 1))
    assert verdict.decision == "deny"


SWAP = "id: s, allow: swap, when: {venue: [uniswap-v3], recipient: self}"


def test_an_approval_brought_to_zero_takes_the_verdict_of_what_used_it(world) -> None:
    approve, swap = world.approve("usdc", "uniswap-v3", 10**6), world.swap("usdc", 10**6, "weth", 1)
    assert decided(world, SWAP, approve, swap) == "allow"
    assert decided(world, SWAP, world.approve("usdc", "uniswap-v3", 10**6 + 1), swap) == "deny", "one unit stays open"
    assert decided(world, "id: s, allow: transfer", approve, swap) == "deny", "the use has no rule"
    assert decided(world, SWAP, approve, world.approve("usdc", "uniswap-v3", 0)) == "deny", "closed without use"


def test_a_deny_rule_on_approvals_also_denies_a_settled_one(world) -> None:
    policy = world.rules(SWAP, "id: none, deny: approval, when: {spender: {book: venues}}")
    approve, swap = world.approve("usdc", "uniswap-v3", 10**6), world.swap("usdc", 10**6, "weth", 1)
    assert rules_named(world.judge(policy, approve, swap)) == {"none"}


def test_another_chain_is_denied(world) -> None:
    verdict = world.judge(world.rules("id: a, allow: transfer"), world.pay_native("alice", 1), chain_id=31337)
    assert "chain" in rules_named(verdict)


def test_calls_and_typed_data_in_one_proposal_are_two_things_to_sign(world) -> None:
    typed = TypedData.model_validate({"types": {}, "primaryType": "X", "domain": {}, "message": {}})
    verdict = world.judge(world.rules("id: a, allow: transfer"), world.transfer("usdc", "alice", 1), typed_data=typed)
    assert verdict.decision == "deny"


@pytest.mark.parametrize("chain_id", [0, 1, 10])
def test_an_authorization_denies(world, chain_id: int) -> None:
    item = Authorization(chain_id=chain_id, address=world.stranger, nonce=0)
    verdict = world.judge(
        world.rules("id: a, allow: transfer"), world.transfer("usdc", "alice", 1), authorizations=(item,)
    )
    assert verdict.decision == "deny"


def test_provenance_can_only_narrow(world) -> None:
    rule = "id: gift, allow: transfer, when: {asset: [dai], usd: {max: 10}, provenance: [user]}"
    gift = world.transfer("dai", world.stranger, 10**18)
    for label, decision in ((Provenance.USER, "allow"), (Provenance.CHAIN, "deny"), (Provenance.UNTRUSTED, "deny")):
        assert decided(world, rule, gift, provenance={world.stranger: label}) == decision
    assert decided(world, rule, gift) == "deny", "no label is untrusted"
    named = "id: pay, allow: transfer, when: {to: {book: payees}, provenance: [operator]}"
    labels = {world.at("alice"): Provenance.UNTRUSTED}
    assert decided(world, named, world.transfer("dai", "alice", 1), provenance=labels) == "allow", "the book wins"
    assert decided(world, named, gift, provenance={world.stranger: Provenance.OPERATOR}) == "deny", "no label lets pass"


def test_self_is_the_account(world) -> None:
    rule = "id: s, allow: [swap, withdraw], when: {recipient: self}"
    assert decided(world, rule, world.withdraw("usdc", 5)) == "allow"
    assert decided(world, rule, world.withdraw("usdc", 5, "alice")) == "deny"


def test_a_withdrawal_is_for_its_recipient(world) -> None:
    rule = "id: earn, allow: [supply, withdraw], when: {on_behalf_of: self}"
    for call, decision in (
        (world.withdraw("usdc", 5), "allow"),
        (world.withdraw("usdc", 5, world.stranger), "deny"),
        (world.supply("usdc", 5, world.stranger), "deny"),
    ):
        approve = (world.approve("usdc", "aave-v3", 5),) if call.data[:4] == world.supply("usdc", 5).data[:4] else ()
        assert decided(world, rule, *approve, call) == decision
    assert decided(world, rule, world.approve("usdc", "aave-v3", 5), world.supply("usdc", 5)) == "allow"


def test_slippage_is_exact_at_the_bound(world) -> None:
    rule = "id: s, allow: swap, when: {slippage_bps: {max: 50, against: oracle}}"
    approve = world.approve("usdc", "uniswap-v3", 2500 * 10**6)
    least = 995 * 10**15  # of one WETH, which is what 2,500 USDC are worth
    assert decided(world, rule, approve, world.swap("usdc", 2500 * 10**6, "weth", least)) == "allow"
    assert decided(world, rule, approve, world.swap("usdc", 2500 * 10**6, "weth", least - 1)) == "deny"
    unpriced = world.facts(unpriced=("weth",))
    assert decided(world, rule, approve, world.swap("usdc", 2500 * 10**6, "weth", 10**18), facts=unpriced) == "deny"


def test_health_factor_needs_a_simulation(world) -> None:
    policy = world.rules("id: b, allow: borrow, when: {health_factor_after: {min: 1.8}}")
    assert world.judge(policy, world.borrow("usdc", 5)).decision == "deny"
    for factor, decision in (("1.8", "allow"), ("1.79999", "deny")):
        simulation = Simulated(succeeded=True, health_factor_after=Decimal(factor), inflows={world.at("usdc"): 5})
        assert (
            world.judge(policy, world.borrow("usdc", 5), facts=world.facts(simulation=simulation)).decision == decision
        )


def test_chain_is_a_condition(world) -> None:
    assert decided(world, "id: c, allow: transfer, when: {chain: 1}", world.transfer("usdc", "alice", 1)) == "allow"
    text = "version: 1\nname: t\nchains: [1, 10]\nrules: [{id: c, allow: transfer, when: {chain: [10]}}]\n"
    elsewhere = PolicyBundle.from_bytes(text.encode(), world.book_text.encode()).policy
    assert world.judge(elsewhere, world.transfer("usdc", "alice", 1)).decision == "deny"


def test_stopped_lets_only_revoke_and_repay_or_withdraw_for_self_pass(world) -> None:
    policy = world.rules("id: a, allow: [transfer, withdraw, repay]")
    stopped = world.facts(stopped=True)
    assert world.judge(policy, world.transfer("usdc", "alice", 1), facts=stopped).decision == "deny"
    assert world.judge(policy, world.withdraw("usdc", 1, "alice"), facts=stopped).decision == "deny"
    assert world.judge(policy, world.withdraw("usdc", 1), facts=stopped).decision == "allow"
    assert world.judge(policy, world.approve("usdc", world.stranger, 0), facts=stopped).decision == "allow"


def test_unsimulated_calls_are_denied_where_a_chain_is_read(world) -> None:
    policy = world.rules("id: a, allow: transfer")
    facts = world.facts(static=False)
    assert "simulation" in rules_named(world.judge(policy, world.transfer("usdc", "alice", 1), facts=facts))


def test_a_breaker_denies_what_the_rules_allow(world) -> None:
    policy = world.policy(
        "rules: [{id: a, allow: transfer}]\n"
        "breakers: [{id: drop, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}]\n"
    )
    call = world.transfer("usdc", "alice", 1)
    assert world.judge(policy, call).skipped == ("drop",)
    for worth, decision in ((91, "allow"), (90, "deny"), (89, "deny")):
        known = {"portfolio_usd": Decimal(worth), "portfolio_peaks_usd": {"drop": Decimal(100)}, "not_held": ()}
        assert world.judge(policy, call, facts=world.facts(**known)).decision == decision
    assert world.judge(policy, call, facts=world.facts(not_held=())).decision == "deny", "unknown means no"


def test_the_same_input_gives_the_same_verdict(world) -> None:
    policy, proposal = world.rules(PAY), world.propose(world.transfer("usdc", "alice", 5))
    assert judge(policy, world.book, proposal, world.facts()) == judge(policy, world.book, proposal, world.facts())


def test_a_deadline_is_held_against_the_time_of_judgement(world) -> None:
    rule = "id: p, allow: permit, when: {deadline: {max: 1h}}"
    fields = {"owner": "address", "spender": "address", "value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    domain = {"name": "string", "version": "string", "chainId": "uint256", "verifyingContract": "address"}
    types = {
        name: [{"name": key, "type": kind} for key, kind in members.items()]
        for name, members in (("EIP712Domain", domain), ("Permit", fields))
    }
    for seconds, decision in ((3600, "allow"), (3601, "deny")):
        deadline = int((world.noon + timedelta(seconds=seconds)).timestamp())
        message = {"owner": world.account, "spender": world.at("uniswap-v3"), "value": "1", "nonce": "0"}
        typed = TypedData(
            types=types,
            primaryType="Permit",
            domain={"name": "USD Coin", "version": "2", "chainId": 1, "verifyingContract": world.at("usdc")},
            message={**message, "deadline": str(deadline)},
        )
        assert world.judge(world.rules(rule), typed_data=typed).decision == decision


def test_a_stranger_with_the_record_alone_judges_the_same(world) -> None:
    """Proposal, facts and verdict travel as JSON; judged again they give the verdict that was recorded."""
    policy = world.rules("id: ask, escalate: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}")
    proposal, facts = world.propose(world.transfer("usdc", "alice", 5)), world.facts()
    recorded = judge(policy, world.book, proposal, facts).model_dump_json()
    again = judge(
        policy,
        world.book,
        Proposal.model_validate_json(proposal.model_dump_json()),
        Facts.model_validate_json(facts.model_dump_json()),
    )
    assert again.model_dump_json() == recorded
    assert Verdict.model_validate_json(recorded).effects == again.effects
