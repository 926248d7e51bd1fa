"""Each finding has a policy that produces it and one that does not, a line to look at, and a place in docs/lint.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from treasurer.policies.analysis.lint.finding import FINDINGS
from treasurer.policies.analysis.lint.lint import lint
from treasurer.policies.language.bundle import PolicyBundle

PAGE = Path(__file__).parents[4] / "docs" / "lint.md"
OUT = "limits: [{id: day-out, counts: outflow, asset: usd, window: 24h, max: 10000}]\n"
ALL = (
    "limits:\n  - {id: day-out, counts: outflow, asset: usd, window: 24h, max: 10000}\n"
    "  - {id: turn, counts: turnover, asset: usd, window: 24h, max: 10000}\n"
    "  - {id: gas-day, counts: gas, asset: usd, window: 24h, max: 10}\n"
)
WETH_OUT = "limits:\n  - {id: day-out, counts: outflow, asset: weth, window: 24h, max: 1}\n"
ASK = "approvals: {quorum: 1, of: [owner], expires: 1h}"
NEVER = (
    "- {id: never, deny: [delegatecall, set_code, ownership_change, module_change, unlimited_approval, raw_signature]}"
)


def rules(*lines: str) -> str:
    return "rules:\n" + "\n".join(f"  - {{{line}}}" for line in lines) + "\n"


PAY = "id: pay, allow: transfer, when: {to: {book: payees}, usd: {max: 100}}"
SWAP = "id: trade, allow: swap, when: {recipient: self, slippage_bps: {max: 50, against: oracle}}"
BY_POLICY: dict[str, tuple[str, str]] = {
    "unreachable-rule": (
        rules("id: x, allow: swap, when: {sell: usdc, buy: usdc}"),
        rules(PAY),
    ),
    "overruled-rule": (rules(PAY, "id: stop, deny: transfer"), rules(PAY, "id: stop, deny: approval")),
    "denied-approvals": (rules(SWAP, "id: stop, deny: [approval, permit]"), rules(SWAP, "id: stop, deny: permit")),
    "always-escalated": (
        rules(PAY, f"id: ask, escalate: transfer, when: {{usd: {{max: 5000}}}}, {ASK}"),
        rules(PAY, f"id: ask, escalate: transfer, when: {{usd: {{above: 50, max: 5000}}}}, {ASK}"),
    ),
    "shadowed-rule": (
        rules(PAY, "id: less, allow: transfer, when: {to: alice, usd: {max: 50}}"),
        rules(PAY, "id: more, allow: transfer, when: {to: alice, usd: {max: 150}}"),
    ),
    "allow-all": (rules("id: x, allow: transfer"), rules("id: x, allow: transfer, when: {to: alice}")),
    "no-recipient": (rules("id: x, allow: transfer, when: {usd: {max: 5}}"), rules(PAY)),
    "provenance-alone": (
        rules("id: x, allow: transfer, when: {usd: {max: 5}, provenance: [user]}"),
        rules("id: x, allow: transfer, when: {to: alice, usd: {max: 5}, provenance: [user]}"),
    ),
    "no-outflow-limit": (rules(PAY), OUT + rules(PAY)),
    "coin-uncounted": (
        WETH_OUT + rules(PAY, "id: un, allow: unwrap"),
        WETH_OUT
        + "  - {id: coin, counts: outflow, asset: native, window: 24h, max: 1}\n"
        + rules(PAY, "id: un, allow: unwrap"),
    ),
    "unlimited-kind": (OUT + rules(SWAP), ALL + rules(SWAP)),
    "impossible-escalation": (
        OUT + rules(f"id: ask, escalate: transfer, when: {{to: alice, usd: {{max: 20000}}}}, {ASK}"),
        OUT + rules(f"id: ask, escalate: transfer, when: {{to: alice, usd: {{max: 10000}}}}, {ASK}"),
    ),
    "spender-outside-venues": (
        rules("id: x, allow: approval, when: {to: {book: payees}, usd: {max: 5}}"),
        rules("id: x, allow: approval, when: {spender: {book: venues}, usd: {max: 5}}"),
    ),
    "deadline-without-cap": (
        rules("id: x, allow: permit, when: {spender: {book: venues}}"),
        rules("id: x, allow: permit, when: {spender: {book: venues}, deadline: {max: 1h}}"),
    ),
    "swap-without-slippage": (rules("id: trade, allow: swap, when: {recipient: self, usd: {max: 5}}"), rules(SWAP)),
    "short-approval": (
        rules(f"id: ask, escalate: transfer, when: {{to: alice}}, {ASK}".replace("1h", "5m")),
        rules(f"id: ask, escalate: transfer, when: {{to: alice}}, {ASK}"),
    ),
    "ids-alike": (
        rules(PAY, "id: pay_1, deny: pull", "id: pay-l, deny: pull"),
        rules(PAY, "id: pay-one, deny: pull"),
    ),
    "no-never-rule": (rules(PAY), rules(PAY) + f"  {NEVER}\n"),
    "no-gas-limit": (rules(PAY), ALL + rules(PAY)),
}
TOKEN = '{address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", chains: [1], decimals: 6}'
PERSON = '{address: "0x' + "6" * 40 + '", may: [approve]}'
BY_BOOK: dict[str, tuple[str, str, str]] = {
    "empty-section": ("payees:\n", "payees: {}\nfriends:\n", rules(PAY)),
    "no-feed": ('feed: "0x' + "f" * 40 + '", heartbeat: 24h, ', "", rules(PAY)),
    "no-heartbeat": ("heartbeat: 24h, ", "", rules(PAY)),
    "no-code-hash": ('code_hash: "0x' + "c" * 64 + '", ', "", rules(PAY)),
    "permit-unsaid": ("permit: true, ", "", rules("id: p, allow: permit, when: {spender: {book: venues}}")),
    "call-with-address": (
        "kind: aave-v3-pool",
        'kind: aave-v3-pool, functions: {"claim(address)": {effect: call}}',
        rules("id: c, allow: call, when: {target: {book: venues}}"),
    ),
    "carries-calls": (
        "kind: aave-v3-pool",
        'kind: aave-v3-pool, functions: {"run(address,bytes)": {effect: call}}',
        rules(PAY),
    ),
    "ens-entry": ("chains: [1, 31337]}", "chains: [1, 31337], ens: alice.eth}", rules(PAY)),
    "quorum-of-one": (
        "people:\n",
        f"people:\n  second: {PERSON}\n",
        rules(f"id: ask, escalate: transfer, when: {{to: alice}}, {ASK}"),
    ),
    "unused-section": (
        "payees:\n",
        'blocked: {m: {address: "0x' + "3" * 40 + '", chains: [1]}}\npayees:\n',
        rules(PAY),
    ),
    "section-nearly": ("payees:\n", 'payee: {m: {address: "0x' + "3" * 40 + '", chains: [1]}}\npayees:\n', rules(PAY)),
    "token-is-payee": (
        "payees:\n",
        'payees:\n  shop: {address: "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", chains: [1]}\n',
        rules(PAY),
    ),
    "symbol-like": ("  dai:", "  eth:", rules(PAY)),
}


def ids(bundle: PolicyBundle) -> set[str]:
    return {finding.id for finding in lint(bundle)}


@pytest.mark.parametrize("name", BY_POLICY)
def test_a_policy_has_the_finding_and_another_does_not(bundle, name: str) -> None:
    bad, good = BY_POLICY[name]
    assert name in ids(bundle(bad))
    assert name not in ids(bundle(good))


@pytest.mark.parametrize("name", BY_BOOK)
def test_a_book_has_the_finding_and_another_does_not(bundle, name: str) -> None:
    old, new, policy = BY_BOOK[name]
    good = bundle(policy)
    text = good.book_bytes.decode()
    assert old in text
    assert name not in ids(good)
    assert name in ids(bundle(policy, text.replace(old, new)))


def test_every_finding_is_tested_and_has_a_line_in_the_page() -> None:
    assert set(BY_POLICY) | set(BY_BOOK) == set(FINDINGS)
    rows = dict(
        re.findall(r"^\| `([a-z-]+)` \| (error|warning|note) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert rows == {name: severity for name, (severity, _) in FINDINGS.items()}


def test_a_finding_says_where_why_and_what_to_do(bundle) -> None:
    found = next(item for item in lint(bundle(rules(PAY, "id: x, allow: transfer"))) if item.id == "allow-all")
    assert (found.file, found.line, found.column, found.severity) == ("policy.yaml", 6, 6, "error")
    assert str(found).startswith("policy.yaml:6:6: error allow-all: x allows transfer")
    assert found.why
    assert "to: {book: payees}" in found.fix


def test_a_condition_that_lint_does_not_know_is_taken_as_one_that_may_hold(bundle) -> None:
    text = rules(
        "id: a, allow: transfer, when: {to: alice, usd: {max: 5}}",
        'id: b, deny: transfer, when: {time: {days: [sat-sun], from: "00:00", to: "23:00", timezone: UTC}}',
    )
    assert not {"overruled-rule", "unreachable-rule", "shadowed-rule"} & ids(bundle(text))
