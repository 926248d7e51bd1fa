"""prove: never, with what forbids it, or an example that the engine let through."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treasurer.policies.analysis.prove.proof import prove
from treasurer.policies.analysis.prove.queries import GivesTo, HasKind, OutflowOver, SlippageOver, known_label
from treasurer.policies.analysis.worlds import World
from treasurer.policies.check.check import check
from treasurer.policies.effect import Kind
from treasurer.policies.errors import PolicyError
from treasurer.policies.language.bundle import PolicyBundle

PAY = "rules:\n  - {id: pay, allow: transfer, when: {to: {book: payees}, usd: {max: 100}}}\n"
ASK = (
    "  - {id: ask, escalate: transfer, when: {to: {book: payees}, usd: {above: 100, max: 900}}, "
    "approvals: {quorum: 1, of: [owner], expires: 1h}}\n"
)
DAY, WEEK = 86_400, 7 * 86_400


def limits(*lines: str) -> str:
    return "limits:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


def test_payees_alone_is_never_a_stranger_and_no_recipient_is_one(asked) -> None:
    closed, open_ = asked(PAY), asked("rules: [{id: gift, allow: transfer, when: {usd: {max: 10}}}]")
    assert prove(GivesTo(), closed).answer == "never"
    assert "pay.to" in prove(GivesTo(), closed).forbidden_by
    answer = prove(GivesTo(), open_)
    assert (answer.answer, answer.decision) == ("possible", "allow")
    (example,) = answer.examples
    verdict, _ = open_.judge(example.proposal, example.at)
    assert verdict.decision == "allow"
    assert verdict.effects[0].counterparty == open_.stranger


def test_a_deny_rule_is_what_forbids_it(asked) -> None:
    world = asked("rules:\n  - {id: gift, allow: transfer, when: {usd: {max: 10}}}\n  - {id: stop, deny: transfer}\n")
    answer = prove(GivesTo(), world)
    assert answer.answer == "never"
    assert "stop" in answer.forbidden_by


def test_people_are_told_apart_from_nobody(asked) -> None:
    world = asked(PAY + ASK)
    assert prove(GivesTo(to="alice", usd=Decimal(100), alone=True), world).answer == "never"
    assert prove(GivesTo(to="alice", usd=Decimal(100)), world).decision == "escalate"
    assert prove(GivesTo(to="alice", usd=Decimal(99), alone=True), world).decision == "allow"
    assert prove(GivesTo(to="alice", usd=Decimal(900)), world).answer == "never"


def test_a_provenance_that_trusts_users_lets_strangers_through(asked) -> None:
    world = asked("rules: [{id: gift, allow: transfer, when: {provenance: [user], amount: {max: 1}}}]")
    answer = prove(GivesTo(), world)
    assert answer.answer == "possible"
    assert answer.examples[0].proposal.provenance == {world.stranger: "user"}


def test_only_denied_kinds_never_pass_and_others_do_with_a_rule(asked) -> None:
    world = asked("rules: [{id: router, allow: approval, when: {spender: {book: venues}}}]")
    assert prove(HasKind(kind=Kind.UNLIMITED_APPROVAL), world).answer == "never"
    assert prove(HasKind(kind=Kind.DELEGATECALL), world).answer == "never"
    assert prove(HasKind(kind=Kind.PERMIT), world).answer == "never"
    assert prove(HasKind(kind=Kind.APPROVAL), world).answer == "possible"


@pytest.mark.parametrize(
    "kind", ["transfer", "approval", "permit", "wrap", "unwrap", "swap", "supply", "borrow", "repay"]
)
def test_every_kind_that_a_rule_allows_has_an_example(asked, kind: str) -> None:
    answer = prove(HasKind(kind=Kind(kind)), asked(f"rules: [{{id: open, allow: {kind}}}]"))
    assert (answer.answer, answer.decision) == ("possible", "allow")


def test_slippage_is_held_to_the_basis_point(asked) -> None:
    world = asked("rules: [{id: trade, allow: swap, when: {slippage_bps: {max: 50, against: oracle}}}]")
    assert prove(SlippageOver(bps=Decimal(50)), world).answer == "never"
    assert prove(SlippageOver(bps=Decimal("49.9")), world).answer == "possible"


def test_a_window_twice_as_long_as_the_limit_holds_twice_as_much(asked) -> None:
    world = asked(limits("id: day, counts: outflow, asset: usd, window: 24h, max: 1000") + PAY)
    assert prove(OutflowOver(usd=Decimal(1000), window=DAY), world).forbidden_by == ("day",)
    assert prove(OutflowOver(usd=Decimal(2000), window=2 * DAY), world).answer == "never"
    answer = prove(OutflowOver(usd=Decimal(1500), window=2 * DAY), world)
    assert answer.answer == "possible"
    assert len(answer.examples) >= 15, "a hundred a time"


def test_the_narrower_of_two_limits_forbids(asked) -> None:
    world = asked(
        limits(
            "id: day, counts: outflow, asset: usd, window: 24h, max: 1000",
            "id: week, counts: outflow, asset: usd, window: 7d, max: 3000",
        )
        + PAY
    )
    assert prove(OutflowOver(usd=Decimal(3000), window=WEEK), world).forbidden_by == ("week",)
    assert prove(OutflowOver(usd=Decimal(2900), window=WEEK), world).answer == "possible"


def test_a_count_bounds_what_small_payments_make_together(asked) -> None:
    world = asked(limits("id: few, counts: count, window: 24h, max: 5") + PAY)
    answer = prove(OutflowOver(usd=Decimal(500)), world)
    assert answer.answer == "never"
    assert set(answer.forbidden_by) == {"few", "pay"}
    assert prove(OutflowOver(usd=Decimal(450)), world).answer == "possible"


def test_a_limit_on_one_token_bounds_no_other(asked) -> None:
    only = limits("id: usdc-day, counts: outflow, asset: usdc, window: 24h, max: 200")
    assert prove(OutflowOver(usd=Decimal(300)), asked(only + PAY)).answer == "possible"
    narrow = PAY.replace("usd:", "asset: usdc, usd:")
    assert prove(OutflowOver(usd=Decimal(300)), asked(only + narrow)).answer == "never"


def test_a_limit_of_one_rule_bounds_that_rule(asked) -> None:
    scoped = limits("id: pay-day, counts: outflow, asset: usd, window: 24h, max: 200, rule: pay")
    assert prove(OutflowOver(usd=Decimal(200)), asked(scoped + PAY)).forbidden_by == ("pay-day",)
    two = PAY + "  - {id: more, allow: transfer, when: {to: {book: payees}, usd: {max: 150}, asset: dai}}\n"
    assert prove(OutflowOver(usd=Decimal(300)), asked(scoped + two)).answer == "possible"


def test_swaps_leak_what_turnover_times_slippage_allows(asked) -> None:
    world = asked(
        limits("id: turn, counts: turnover, asset: usd, window: 24h, max: 10000")
        + "rules: [{id: trade, allow: swap, when: {recipient: self, slippage_bps: {max: 50, against: oracle}}}]"
    )
    assert prove(OutflowOver(usd=Decimal(50)), world).forbidden_by == ("turn",)
    assert prove(OutflowOver(usd=Decimal(45)), world).answer == "possible"


def test_examples_pass_policy_check_as_lines(asked) -> None:
    world = asked(limits("id: day, counts: outflow, asset: usd, window: 24h, max: 1000") + PAY)
    answer = prove(OutflowOver(usd=Decimal(500)), world)
    lines = [json.dumps(example.line(number)) for number, example in enumerate(answer.examples)]
    prices = {"usdc": Decimal(1), "dai": Decimal(1), "weth": Decimal(2500), "native": Decimal(2500)}
    verdicts = [item["verdict"] for item in check(lines, world.bundle, prices=prices, balances={}, static=True)]
    assert verdicts == ["allow"] * len(lines)


def test_a_condition_that_analysis_does_not_know_is_never_proof(asked) -> None:
    night = 'time: {days: [mon-fri], from: "01:00", to: "01:01", timezone: UTC}'
    answer = prove(GivesTo(), asked(f"rules: [{{id: gift, allow: transfer, when: {{{night}}}}}]"))
    assert answer.answer == "unknown", "no time that is tried lies in it, and yet it may hold"
    morning = 'time: {days: [mon-fri], from: "09:00", to: "17:00", timezone: UTC}'
    assert prove(GivesTo(), asked(f"rules: [{{id: gift, allow: transfer, when: {{{morning}}}}}]")).answer == "possible"


def test_an_unpinned_venue_away_from_a_devnet_lets_nothing_through(asked, world) -> None:
    book = world.book_text
    answer = prove(HasKind(kind=Kind.SWAP), asked("rules: [{id: trade, allow: swap}]", book))
    assert (answer.answer, answer.forbidden_by) == ("never", ("code-hash",))


def test_a_misspelt_label_is_named_with_the_nearest(asked) -> None:
    with pytest.raises(PolicyError, match="alice"):
        known_label(asked(PAY).bundle.book, "alise")


def test_given_prices_are_the_prices(bundle) -> None:
    loaded: PolicyBundle = bundle("rules: [{id: pay, allow: transfer, when: {asset: usdc, amount: {max: 10}}}]")
    assert prove(GivesTo(usd=Decimal(15)), World(loaded)).answer == "never"
    assert prove(GivesTo(usd=Decimal(15)), World(loaded, {"usdc": Decimal(2)})).answer == "possible"
    with pytest.raises(PolicyError, match="usdx"):
        World(loaded, {"usdx": Decimal(1)})


@settings(max_examples=25, deadline=None)
@given(
    bound=st.integers(1, 500),
    ask_from=st.integers(1, 500),
    day=st.integers(1, 1500),
    amount=st.integers(1, 2000),
    to=st.sampled_from(["alice", "stranger"]),
    named=st.booleans(),
)
def test_the_engine_lets_nothing_through_that_was_proven_never(
    asked, bound: int, ask_from: int, day: int, amount: int, to: str, *, named: bool
) -> None:
    """Whatever the numbers are: what passes the engine is possible, and what is possible passes the engine."""
    whom = "to: {book: payees}, " if named else ""
    world = asked(
        limits(f"id: day, counts: outflow, asset: usd, window: 24h, max: {day}")
        + f"rules:\n  - {{id: pay, allow: transfer, when: {{{whom}usd: {{max: {bound}}}}}}}\n"
        + f"  - {{id: ask, escalate: transfer, when: {{usd: {{above: {ask_from}}}}}, "
        + "approvals: {quorum: 1, of: [owner], expires: 1h}}\n"
    )
    answer = prove(GivesTo(to=to, usd=Decimal(amount) - 1, alone=True), world)
    most = min(bound, ask_from, day) if named is False or to == "alice" else 0
    assert answer.answer == ("possible" if most > amount - 1 else "never")


def test_checking_a_policy_loads_no_solver() -> None:
    code = "import sys, treasurer.policies.check.check, treasurer.runtime.commands.policy; print('z3' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
