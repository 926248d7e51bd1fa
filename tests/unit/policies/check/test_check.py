"""The batch of ``treasurer policy check``: one verdict a line, in order, never a crash, never a missing line."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from treasurer.policies.check.check import check, read_numbers
from treasurer.policies.errors import PolicyError
from treasurer.policies.facts import Facts, Simulated
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.digest import Approvable
from treasurer.wallets.errors import ChainError

POLICY = """
version: 1
name: t
chains: [1, 10]
limits:
  - {id: day-out, counts: outflow, asset: usdc, window: 24h, max: 1500}
  - {id: hour-count, counts: count, window: 1h, max: 100}
  - {id: day-gas, counts: gas, asset: usd, window: 24h, max: 1}
rules:
  - {id: pay, allow: transfer, when: {to: {book: payees}, asset: [usdc, dai]}}
  - id: ask
    escalate: transfer
    when: {asset: [usdc], amount: {above: 1000}}
    approvals: {quorum: 1, of: [ann], expires: 1h}
  - {id: router, allow: approval, when: {spender: {book: venues}}}
breakers:
  - {id: drawdown, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}
"""
USDC = 10**6


def bundle(world, policy: str = POLICY) -> PolicyBundle:
    return PolicyBundle.from_bytes(policy.encode(), world.book_text.encode())


def line(world, *calls, line_id: str = "x", at: str = "2026-11-23T10:00:00Z", **more: Any) -> str:
    value: dict[str, Any] = {"id": line_id, "chain_id": 1, "from": world.account, "at": at, "typed_data": None}
    value["calls"] = [call.model_dump(mode="json") for call in calls]
    return json.dumps({**value, "authorization_list": [], "provenance": {}, **more})


def run(
    world, *lines: str | bytes, policy: str = POLICY, prices: dict[str, Decimal] | None = None
) -> list[dict[str, Any]]:
    return list(check(lines, bundle(world, policy), prices=prices or {}, balances={}, static=True))


def decisions(answers: list[dict[str, Any]]) -> list[str]:
    return [answer["verdict"] for answer in answers]


def test_an_answer_has_the_shape_of_the_contract(world) -> None:
    (answer,) = run(world, line(world, world.transfer("usdc", "alice", 5)), prices={"usdc": Decimal(1)})
    assert answer == {
        "id": "x",
        "verdict": "allow",
        "reasons": [{"rule": "pay", "condition": "allow", "actual": "", "limit": "", "message": "pay allows transfer"}],
        "effects": [
            {
                "kind": "transfer",
                "target": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "token": "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
                "amount": "5",
                "usd": "0.000005",
                "recipient": "0xa11Ce00000000000000000000000000000000a11",
            }
        ],
        "digest": answer["digest"],
        "policy_cid": bundle(world).cid,
        "skipped": ["day-gas", "drawdown"],
        "micros": answer["micros"],
    }
    assert json.loads(json.dumps(answer)) == answer
    assert answer["micros"] > 0


def test_the_digest_is_the_published_struct_of_the_line(world) -> None:
    call = world.transfer("usdc", "alice", 5)
    (answer,) = run(world, line(world, call))
    expected = Approvable(
        intent_key="0x" + "0" * 64, chain_id=1, account=world.account, calls=(call,), policy_cid=bundle(world).cid
    )
    assert answer["digest"] == expected.digest()


GOOD = '{"to":"0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48","value":"0","data":"0x","operation":0}'
HEAD = '"chain_id":1,"from":"0x1111111111111111111111111111111111111101","at":"2026-11-23T10:00:00Z"'


@pytest.mark.parametrize(
    ("text", "line_id", "words"),
    [
        ("", None, "not JSON"),
        ("null", None, "one JSON object"),
        ("[1]", None, "one JSON object"),
        ('{"id":1}', None, "id is a string"),
        ("{", None, "not JSON"),
        ("{} {}", None, "not JSON"),
        (b"\xff", None, "not JSON"),
        ('{"id":"\\ud800"}', None, "not JSON"),
        ('{"id":NaN}', None, "not JSON"),
        ('{"id":' + "9" * 5000 + "}", None, "not JSON"),
        ('{"id":"a","id":"b"}', None, "stands twice"),
        ('{"id":"a","calls":' + "[" * 100_000, None, "nested deeper"),
        ('{"id":"a","calls":' + "[" * 40 + "]" * 40 + "}", None, "nested deeper"),
        (" " * (1 << 20) + "{}", None, "longer"),
        ('{"id":"a"}', "a", "at is required"),
        ('{"id":"a","at":"2026-11-23"}', "a", "at is required"),
        ('{"id":"a","at":"2026-11-23T10:00:00"}', "a", "with its zone"),
        ('{"id":"a","at":"2026-13-23T10:00:00Z"}', "a", "a time that there is"),
        (f'{{"id":"a",{HEAD}}}', "a", "one must be there"),
        (f'{{"id":"a",{HEAD},"calls":{{}}}}', "a", "calls is a list"),
        (f'{{"id":"a",{HEAD},"calls":[1]}}', "a", "a call is an object"),
        (f'{{"id":"a",{HEAD},"calls":[{{}}]}}', "a", 'a call says "to"'),
        (f'{{"id":"a",{HEAD},"calls":[{{"to":5}}]}}', "a", "an address is a string"),
        (f'{{"id":"a",{HEAD},"calls":[{GOOD.replace(chr(34) + "0" + chr(34), "0")}]}}', "a", "decimal string"),
        (f'{{"id":"a",{HEAD},"calls":[{GOOD.replace("operation", "oper")}]}}', "a", 'did you mean "operation"'),
        (f'{{"id":"a",{HEAD},"calls":[{GOOD.replace(":0}", ":2}")}]}}', "a", "from 0 to 1"),
        (f'{{"id":"a",{HEAD},"calls":[{GOOD.replace(":0}", ":true}")}]}}', "a", "from 0 to 1"),
        (f'{{"id":"a",{HEAD},"calls":[{GOOD}],"call":[]}}', "a", 'did you mean "calls"'),
        (f'{{"id":"a",{HEAD.replace(":1,", ":1.0,")},"calls":[{GOOD}]}}', "a", "chain_id is an integer"),
        (f'{{"id":"a",{HEAD.replace(":1,", ":true,")},"calls":[{GOOD}]}}', "a", "chain_id is an integer"),
        (f'{{"id":"a",{HEAD},"calls":[],"provenance":[]}}', "a", "maps addresses"),
        (f'{{"id":"a",{HEAD},"calls":[],"provenance":{{"0x{"a" * 40}":"friend"}}}}', "a", "one of operator"),
        (f'{{"id":"a",{HEAD},"calls":[],"provenance":{{"0x{"a" * 40}":"user","0x{"A" * 40}":"user"}}}}', "a", "twice"),
        (f'{{"id":"a",{HEAD},"calls":[],"authorization_list":[{{"chain_id":1}}]}}', "a", "has chain_id, address"),
        (f'{{"id":"a",{HEAD},"typed_data":[]}}', "a", "typed_data is an object"),
        (f'{{"id":"a",{HEAD},"typed_data":{{"types":{{}},"primary_type":"X"}}}}', "a", "unknown key"),
        (
            f'{{"id":"a",{HEAD},"typed_data":{{"types":{{"P":[{{"name":"a","type":"b","x":"c"}}]}}}}}}',
            "a",
            "nothing else",
        ),
        (
            f'{{"id":"a",{HEAD},"typed_data":{{"types":{{}},"primaryType":"X","domain":{{}},"message":{{}}}}}}',
            "a",
            "EIP-712",
        ),
    ],
)
def test_a_malformed_line_is_denied_with_the_reason_and_the_next_one_is_judged(
    world, text, line_id, words: str
) -> None:
    bad, good = run(world, text, line(world, world.transfer("usdc", "alice", 5), line_id="good"))
    assert (bad["verdict"], bad["id"], bad["digest"]) == ("deny", line_id, None)
    assert bad["reasons"][0]["rule"] == "malformed"
    assert words in bad["reasons"][0]["message"]
    assert (good["verdict"], good["id"]) == ("allow", "good")


def test_windows_count_what_was_let_through_and_nothing_else(world) -> None:
    pay = world.transfer("usdc", "alice", 1000 * USDC)
    rest = world.transfer("usdc", "alice", 500 * USDC)
    answers = run(
        world, line(world, pay), line(world, pay), line(world, rest), line(world, world.transfer("usdc", "bob", 1))
    )
    assert decisions(answers) == ["allow", "deny", "allow", "deny"]
    assert answers[1]["reasons"][0]["rule"] == "day-out"


def test_an_escalation_waits_with_its_budget_taken(world) -> None:
    answers = run(
        world,
        line(world, world.transfer("usdc", "alice", 1400 * USDC)),
        line(world, world.transfer("usdc", "bob", 101 * USDC)),
    )
    assert decisions(answers) == ["escalate", "deny"]


def test_a_window_is_open_at_its_beginning(world) -> None:
    pay = world.transfer("usdc", "alice", 1000 * USDC)
    ats = ["2026-11-23T00:00:00Z", "2026-11-23T23:59:59.999999Z", "2026-11-24T01:00:00+01:00"]
    assert decisions(run(world, *(line(world, pay, at=at) for at in ats))) == ["allow", "deny", "allow"]


def test_each_account_has_its_own_window_over_all_chains(world) -> None:
    pay = world.transfer("usdc", "alice", 1000 * USDC)
    other = {"from": "0x" + "2" * 40}
    assert decisions(run(world, line(world, pay), line(world, pay, **other), line(world, pay))) == [
        "allow",
        "allow",
        "deny",
    ]


def test_an_open_allowance_counts_for_ever_and_ages_from_its_revocation(world) -> None:
    approve, revoke = world.approve("usdc", "uniswap-v3", 1000 * USDC), world.approve("usdc", "uniswap-v3", 0)
    pay = world.transfer("usdc", "alice", 1000 * USDC)
    answers = run(
        world,
        line(world, approve, at="2026-01-01T00:00:00Z"),
        line(world, pay, at="2026-06-01T00:00:00Z"),
        line(world, revoke, at="2026-06-01T00:00:00Z"),
        line(world, pay, at="2026-06-01T23:59:59Z"),
        line(world, pay, at="2026-06-02T00:00:00Z"),
    )
    assert decisions(answers) == ["allow", "deny", "allow", "deny", "allow"]


def test_time_does_not_run_back_not_even_behind_a_malformed_or_denied_line(world) -> None:
    pay = world.transfer("usdc", "alice", 1)
    for before in (
        line(world, pay, at="2026-11-23T11:00:00Z"),
        line(world, world.transfer("usdc", world.stranger, 1), at="2026-11-23T11:00:00Z"),
        line(world, pay, at="2026-11-23T11:00:00Z", extra=1),
    ):
        last = run(world, before, line(world, pay, at="2026-11-23T10:59:59Z"))[1]
        assert (last["verdict"], last["reasons"][0]["rule"]) == ("deny", "clock")
    again = run(world, line(world, pay), line(world, pay, at="2020-01-01T00:00:00Z"), line(world, pay))
    assert decisions(again) == ["allow", "deny", "allow"], "a line that is refused for its time moves no clock"


def test_two_windows_of_different_lengths_agree_with_counting_one_by_one(world) -> None:
    """The running sums of a batch against a plain recount of every line that was let through."""
    policy = (
        "version: 1\nname: t\nchains: [1]\nlimits:\n"
        "  - {id: h, counts: outflow, asset: usdc, window: 1h, max: 300}\n"
        "  - {id: d, counts: outflow, asset: usdc, window: 5h, max: 700}\n"
        "rules: [{id: pay, allow: transfer}]\n"
    )
    minutes = [0, 10, 20, 59, 60, 70, 80, 119, 120, 121, 200, 250, 260, 299, 300, 301, 310, 360, 400, 700]
    pay = world.transfer("usdc", "alice", 100 * USDC)
    answers = run(
        world,
        *(line(world, pay, at=f"2026-11-23T{minute // 60:02}:{minute % 60:02}:00Z") for minute in minutes),
        policy=policy,
    )
    passed: list[int] = []
    for minute, answer in zip(minutes, answers, strict=True):
        fits = all(
            sum(100 for other in passed if other > minute - window) + 100 <= most
            for window, most in ((60, 300), (300, 700))
        )
        assert answer["verdict"] == ("allow" if fits else "deny"), minute
        if fits:
            passed.append(minute)


def test_prices_and_balances_name_tokens_of_the_book(world) -> None:
    with pytest.raises(PolicyError, match='did you mean "usdc"'):
        check([], bundle(world), prices={"usdd": Decimal(1)}, balances={}, static=True)
    with pytest.raises(PolicyError, match="more than the 6 decimals"):
        check([], bundle(world), prices={}, balances={"usdc": Decimal("0.0000001")}, static=True)


@pytest.mark.parametrize(
    "text", ["x", "[]", '{"usdc": "one"}', '{"usdc": -1}', '{"usdc": "NaN"}', '{"usdc": null}', '{"usdc": "1e99"}']
)
def test_numbers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"prices\.json"):
        read_numbers(text.encode(), "prices.json")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('{"usdc": "1",\n  "usdc": "2"}', "2:3", 'the key "usdc" stands in one object for the second time'),
        ('{"usdc":\n "1_0"}', "2:2", "a number of zero or more is expected"),
        ('{"usdc": " 1"}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": "1 "}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": "+1"}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": "01"}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": "\u0661"}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": "\uff11"}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": true}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": {"a": 1, "a": 2}}', "1:19", 'the key "a"'),
        ('{"usdc": 1e99999999999999999999}', "1:10", "a number of zero or more is expected"),
        ('{"usdc": }', "1:10", "not JSON"),
    ],
)
def test_a_number_that_two_readers_would_read_differently_is_refused_at_its_place(
    text: str, place: str, words: str
) -> None:
    with pytest.raises(PolicyError) as error:
        read_numbers(text.encode(), "prices.json")
    assert str(error.value).startswith(f"prices.json:{place}: ")
    assert words in str(error.value)


def test_numbers_are_exact(world) -> None:
    assert read_numbers(b'{"a": 0.1, "b": "2500.5", "c": 3, "d": 1e3, "e": "1E-2"}', "p") == {
        "a": Decimal("0.1"),
        "b": Decimal("2500.5"),
        "c": 3,
        "d": 1000,
        "e": Decimal("0.01"),
    }


def test_facts_from_a_chain_are_used_and_a_chain_that_does_not_answer_denies(world) -> None:
    def observe(proposal, at) -> Facts:
        outflows = {world.at("usdc"): 5}
        recipients = {f"{world.at('usdc')}:{world.at('alice')}": 5}
        return Facts(at=at, simulation=Simulated(succeeded=True, outflows=outflows, recipients=recipients))

    def silent(proposal, at) -> Facts:
        raise ChainError("no endpoint answers")

    text = line(world, world.transfer("usdc", "alice", 5))
    for look, decision in ((observe, "allow"), (silent, "deny")):
        (answer,) = check([text], bundle(world), prices={}, balances={}, static=False, observe=look)
        assert answer["verdict"] == decision
    assert "no endpoint answers" in answer["reasons"][0]["message"]


def test_what_nobody_foresaw_is_a_deny_with_its_name(world) -> None:
    def broken(proposal, at) -> Facts:
        raise KeyError("surprise")

    text = line(world, world.transfer("usdc", "alice", 5))
    answers = list(check([text, text], bundle(world), prices={}, balances={}, static=False, observe=broken))
    assert [(answer["id"], answer["verdict"]) for answer in answers] == [("x", "deny"), ("x", "deny")]
    assert "KeyError" in answers[0]["reasons"][0]["message"]
