"""policy.yaml: what loads, and what each fault says."""

from __future__ import annotations

import pytest

from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.cid import RAW, cid_of, decode_block

HEAD = "version: 1\nname: t\nchains: [1]\n"
EXAMPLE = (
    HEAD
    + """
limits:
  - {id: day-out, counts: outflow, asset: usd, window: 24h, max: 25000}
  - {id: day-count, counts: count, window: 24h, max: 5}
rules:
  - id: pay-known-people
    allow: transfer
    when: {to: {book: payees}, asset: [usdc, dai], usd: {max: 1000}, provenance: [operator, user]}
  - id: large-payment
    escalate: transfer
    when: {to: {book: payees}, usd: {above: 1000, max: 20000}}
    approvals: {quorum: 2, of: [ann, ben], expires: 1h}
  - id: never
    deny: [delegatecall, set_code]
breakers:
  - {id: drawdown, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}
"""
)


def faults(world, text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        PolicyBundle.from_bytes((HEAD + text).encode(), world.book_text.encode())
    return list(caught.value.faults)


def test_a_policy_is_read_as_it_is_written(world) -> None:
    policy = PolicyBundle.from_bytes(EXAMPLE.encode(), world.book_text.encode()).policy
    assert [rule.decision for rule in policy.rules] == ["allow", "escalate", "deny"]
    assert policy.rules_for(Kind.SET_CODE) == (policy.rules[2],)
    assert policy.limits[0].window == 86400
    assert policy.longest_window() == 86400
    assert policy.breakers[0].when.portfolio_usd.drop_pct == 10


def test_the_cid_holds_policy_and_book(world) -> None:
    policy, book = EXAMPLE.encode(), world.book_text.encode()
    bundle = PolicyBundle.from_bytes(policy, book)
    blocks = bundle.blocks()
    assert set(blocks) == {bundle.cid, cid_of(policy, RAW), cid_of(book, RAW)}
    assert set(decode_block(blocks[bundle.cid])) == {"policy", "book"}
    assert PolicyBundle.from_bytes(policy, book + b"# ").cid != bundle.cid
    assert PolicyBundle.from_bytes(policy + b"# ", book).cid != bundle.cid


def test_the_loader_names_the_files(world, tmp_path) -> None:
    (tmp_path / "p.yaml").write_text("version: 1\nname: x\nchains: [1]\nruels: []\n")
    with pytest.raises(DocumentError) as caught:
        PolicyBundle.read(tmp_path / "p.yaml", None)
    assert str(caught.value).startswith(f"{tmp_path}/p.yaml:4:1: ")
    assert 'did you mean "rules"?' in str(caught.value)


@pytest.mark.parametrize("condition", ["{book: payees}", "payees.alice"])
def test_a_section_that_the_book_misspells_is_told_as_the_books(world, condition: str) -> None:
    book = world.book_text.replace("payees:", "payes:").encode()
    with pytest.raises(DocumentError) as caught:
        PolicyBundle.from_bytes((HEAD + rule(f"allow: transfer, when: {{to: {condition}}}")).encode(), book)
    assert 'the book has a section "payes" and the policy says "payees"' in str(caught.value)
    assert "did you mean" not in str(caught.value)


def rule(text: str) -> str:
    return f"rules:\n  - {{id: a, {text}}}\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (rule("allow: transfr"), 'did you mean "transfer"?'),
        (rule("alow: transfer"), 'did you mean "allow"?'),
        (rule("allow: transfer, deny: transfer"), "exactly one of allow, escalate, deny"),
        (rule("when: {}"), "exactly one of allow, escalate, deny"),
        (rule("allow: []"), "at least 1 item"),
        (rule("allow: unknown"), "can only be denied"),
        (rule("escalate: set_code, approvals: {quorum: 1, of: [ann], expires: 1h}"), "can only be denied"),
        (rule("escalate: transfer"), "whose approvals"),
        (rule("allow: transfer, approvals: {quorum: 1, of: [ann], expires: 1h}"), "only an escalate rule"),
        (
            rule("escalate: transfer, approvals: {quorum: 3, of: [ann, ben], expires: 1h}"),
            "can never come from 2 people",
        ),
        (rule("escalate: transfer, approvals: {quorum: 1, of: [ann, ann], expires: 1h}"), "named twice"),
        (rule("escalate: transfer, approvals: {quorum: 1, of: [anne], expires: 1h}"), 'did you mean "ann"?'),
        (rule("escalate: transfer, approvals: {quorum: 1, of: [guest], expires: 1h}"), "guest may not approve"),
        (rule("escalate: transfer, approvals: {quorum: 0, of: [ann], expires: 1h}"), "greater than or equal to 1"),
        (rule("allow: transfer, when: {two: self}"), 'did you mean "to"?'),
        (rule("allow: transfer, when: {to: {book: payes}}"), 'did you mean "payees"?'),
        (rule("allow: transfer, when: {to: alcie}"), 'did you mean "alice"?'),
        (rule("allow: transfer, when: {to: 0x1234}"), "quote it in the book"),
        (rule('allow: transfer, when: {to: "0x1234"}'), "is not a label: write the address into the book"),
        (
            rule('allow: transfer, when: {to: "0xa11Ce00000000000000000000000000000000a11"}'),
            "write the address into the book",
        ),
        (rule("allow: transfer, when: {to: []}"), "name at least one"),
        (rule("allow: transfer, when: {to: {section: payees}}"), 'unknown key "section"'),
        (rule("allow: transfer, when: {to: people.zoe}"), 'section people of the book has no label "zoe"'),
        (rule("allow: transfer, when: {asset: [usdd]}"), 'did you mean "usdc"?'),
        (rule("allow: transfer, when: {asset: {book: payees}}"), "assets are tokens"),
        (rule("allow: swap, when: {venue: aave}"), 'did you mean "aave-v3"?'),
        (
            rule("allow: transfer, when: {usd: 1000}"),
            "of: max, min, above, below; not 1000",
        ),
        (rule("allow: transfer, when: {usd: {}}"), "at least one of"),
        (rule("allow: transfer, when: {usd: {max: -1}}"), "zero or more"),
        (rule('allow: transfer, when: {usd: {max: "10"}}'), "a number is expected"),
        (rule("allow: transfer, when: {usd: {max: 10, above: 10}}"), "no number lies within"),
        (rule("allow: transfer, when: {usd: {max: 10, min: 11}}"), "no number lies within"),
        (rule("allow: transfer, when: {usd: {below: 0}}"), "no number lies within"),
        (rule("allow: transfer, when: {usd: {max: 10, below: 10}}"), "give one"),
        (rule("allow: swap, when: {slippage_bps: {max: 50}}"), '"against" is missing'),
        (
            rule("allow: swap, when: {slippage_bps: {max: 50, against: model}}"),
            "not known here; write oracle",
        ),
        (rule("allow: swap, when: {slippage_bps: {max: 10001, against: oracle}}"), "less than or equal to 10000"),
        (rule("allow: permit, when: {deadline: {max: 3600}}"), "as in 24h"),
        (rule("allow: transfer, when: {provenance: [model]}"), "one or more of operator, user, chain, untrusted"),
        (rule("allow: transfer, when: {chain: one}"), "as in 1"),
        (rule("allow: transfer") + "  - {id: a, deny: transfer}\n", "already taken by rules[0]"),
        (rule("allow: transfer") + "limits: [{id: a, counts: count, window: 1h, max: 1}]\n", "already taken"),
        ("rules: [{id: no-rule, allow: transfer}]\n", "give it another id"),
        ("rules: [{id: wallet, allow: transfer}]\n", "give it another id"),
        ("limits: [{id: a, counts: outflow, window: 1h, max: 1}]\n", "asset is missing"),
        ("limits: [{id: a, counts: outflow, asset: usdd, window: 1h, max: 1}]\n", 'did you mean "usd'),
        (
            "limits: [{id: a, counts: outflows, asset: usd, window: 1h, max: 1}]\n",
            'did you mean "outflow"?',
        ),
        ("limits: [{id: a, counts: outflow, asset: usd, window: 24, max: 1}]\n", "as in 24h"),
        ("limits: [{id: a, counts: outflow, asset: usd, window: 24h, max: -1}]\n", "zero or more"),
        ("limits: [{id: a, counts: count, asset: usdc, window: 24h, max: 1}]\n", "leave asset out"),
        ("limits: [{id: a, counts: count, window: 24h, max: 1.5}]\n", "whole"),
        ("limits: [{id: a, counts: gas, asset: usdc, window: 24h, max: 1}]\n", "usd or native"),
        ("breakers: [{id: a, when: {portfolio_usd: {drop_pct: 0, window: 24h}}, then: stop}]\n", "greater than 0"),
        (
            "breakers: [{id: a, when: {portfolio_usd: {drop_pct: 5, window: 24h}}, then: wait}]\n",
            "write stop or deny",
        ),
    ],
)
def test_a_wrong_policy_is_a_fault_that_says_what_was_expected(world, text: str, words: str) -> None:
    found = faults(world, text)
    assert any(words in fault for fault in found), found
    assert all(fault.startswith("policy.yaml:") for fault in found)
    assert all(int(fault.split(":")[1]) >= 4 for fault in found), "the line of the fault, not of the file"


@pytest.mark.parametrize("version", ["2", "true", '"1"', "1.0", "null"])
def test_another_version_does_not_load(world, version: str) -> None:
    with pytest.raises(DocumentError, match="expected version: 1"):
        PolicyBundle.from_bytes(f"version: {version}\nname: t\nchains: [1]\n".encode(), world.book_text.encode())


def test_two_sections_with_one_label_must_be_told_apart(world) -> None:
    book = (
        world.book_text + 'partners:\n  alice: {address: "0x0b50000000000000000000000000000000000b50", chains: [1]}\n'
    )
    text = HEAD + rule("allow: transfer, when: {to: alice}")
    with pytest.raises(DocumentError, match=r"write payees\.alice or partners\.alice"):
        PolicyBundle.from_bytes(text.encode(), book.encode())
    told = text.replace("to: alice", "to: partners.alice")
    assert PolicyBundle.from_bytes(told.encode(), book.encode()).policy.rules
