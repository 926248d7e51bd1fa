"""on_list and lookalike: addresses that a deny rule speaks of."""

from __future__ import annotations

import pytest

from treasurer.policies.conditions import Subject
from treasurer.policies.effect import Kind
from treasurer.policies.errors import DocumentError
from treasurer.policies.judgement.judge import judge
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.wallets.values import checksum

LISTED = "0x" + "5" * 40
HEAD = "version: 1\nname: t\nchains: [1]\nrules:\n  - {id: pay, allow: [transfer, approval, supply, swap]}\n"
DENY = HEAD + "  - {id: sanctions, deny: [transfer, approval, supply, swap], when: {on_list: sanctioned}}\n"
POISON = "0xa11c" + "9" * 32 + "0a11"
"""Shares its first and last four digits with alice of the book."""


def bundle(world, text: str, **lists: str) -> PolicyBundle:
    files = {f"lists/{name}.txt": source.encode() for name, source in lists.items()}
    return PolicyBundle.from_bytes(text.encode(), world.book_text.encode(), files)


def decision(world, given: PolicyBundle, *calls) -> str:
    return judge(given.policy, given.book, world.propose(*calls), world.facts()).decision


def test_nobody_on_the_list_is_dealt_with_in_any_part(world) -> None:
    given = bundle(world, DENY, sanctioned=f"# by order\n\n{LISTED}  # a person\n")

    assert decision(world, given, world.transfer("usdc", "alice", 5)) == "allow"
    assert decision(world, given, world.transfer("usdc", LISTED, 5)) == "deny"
    assert decision(world, given, world.pay_native(LISTED, 5)) == "deny"
    assert decision(world, given, world.approve("usdc", LISTED, 5)) == "deny"
    assert decision(world, given, world.supply("usdc", 5, LISTED)) == "deny"
    assert decision(world, given, world.swap("usdc", 5, "weth", 1, LISTED)) == "deny"


@pytest.mark.parametrize("label", ["uniswap-v3", "usdc", "weth"])
def test_contracts_and_tokens_may_be_listed_too(world, label: str) -> None:
    given = bundle(world, DENY, sanctioned=checksum(world.at(label)))

    assert decision(world, given, world.swap("usdc", 5, "weth", 1)) == "deny"


def test_who_keeps_the_allowance_may_be_listed_too(world) -> None:
    rule = bundle(world, DENY, sanctioned=LISTED).policy.rules[-1]
    for keeper, listed in ((LISTED, True), (world.stranger[:-1] + "6", False)):
        effect = world.effect(Kind.APPROVAL, asset=world.at("usdc"), counterparty=world.at("alice"), keeper=keeper)
        assert rule.when[0].judge(Subject(effect, world.propose(), world.book, world.facts(), (effect,), 0)) is listed


def test_a_recipient_that_cannot_be_known_may_be_listed(world) -> None:
    given = bundle(world, DENY, sanctioned=LISTED)
    condition = given.policy.rules[1].when[0]
    effect = world.effect("transfer", asset="native", amount=1)
    from treasurer.policies.conditions import Subject
    from treasurer.policies.worth import Unknown

    assert isinstance(condition.judge(Subject(effect, world.propose(), given.book, world.facts())), Unknown)


def test_several_lists_are_one(world) -> None:
    text = DENY.replace("on_list: sanctioned", "on_list: [sanctioned, own]")
    given = bundle(world, text, sanctioned="0x" + "6" * 40, own=LISTED)

    assert decision(world, given, world.transfer("usdc", LISTED, 5)) == "deny"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("0x12\n", "lists/sanctioned.txt:1: an address is 0x and 40 hex digits"),
        (f"{LISTED}\n# x\n0xA11ce00000000000000000000000000000000a11\n", "lists/sanctioned.txt:3: "),
        ("# nothing\n", "lists/sanctioned.txt holds no address"),
    ],
)
def test_a_list_that_does_not_read_is_a_fault_with_file_and_line(world, source: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        bundle(world, DENY, sanctioned=source)

    assert words in str(caught.value)


def test_a_list_that_is_not_there_is_a_fault_with_the_nearest(world) -> None:
    with pytest.raises(DocumentError, match=r'lists/sanctioned\.txt in the bundle; did you mean "sanction"'):
        bundle(world, DENY, sanction=LISTED)


def lookalike(of: str = "[book, peers]", ends: str = "first: 4, last: 4, ") -> str:
    return HEAD + f"  - {{id: poison, deny: [transfer, approval], when: {{lookalike: {{{ends}of: {of}}}}}}}\n"


def judged(world, text: str, *calls, **facts):
    given = bundle(world, text)
    return judge(given.policy, given.book, world.propose(*calls), world.facts(**{"static": False} | facts))


def looks(world, text: str, *calls, **facts) -> bool:
    return any(reason.rule == "poison" for reason in judged(world, text, *calls, **facts).reasons)


def test_a_stranger_that_looks_like_a_payee_is_named_with_whom_it_looks_like(world) -> None:
    call = world.transfer("usdc", POISON, 5)

    assert looks(world, lookalike(), call)
    assert looks(world, lookalike(), world.approve("usdc", POISON, 5))
    assert not looks(world, lookalike("[peers]"), call, peers=())


def test_the_payee_itself_is_no_lookalike_whatever_dust_was_sent(world) -> None:
    assert not looks(world, lookalike(), world.transfer("usdc", "alice", 5), peers=(POISON,))


def test_a_stranger_that_looks_like_a_recent_peer(world) -> None:
    peer, like = "0x7777" + "1" * 32 + "8888", "0x7777" + "2" * 32 + "8888"

    assert looks(world, lookalike(), world.transfer("usdc", like, 5), peers=(peer,))
    assert not looks(world, lookalike("book"), world.transfer("usdc", like, 5), peers=(peer,))
    assert not looks(world, lookalike(), world.transfer("usdc", peer, 5), peers=(peer,))


@pytest.mark.parametrize(
    ("ends", "alike"),
    [("first: 4, last: 5, ", False), ("first: 5, last: 4, ", False), ("first: 0, last: 4, ", True), ("", True)],
)
def test_as_many_digits_as_are_asked_for(world, ends: str, alike: bool) -> None:
    assert looks(world, lookalike("book", ends), world.transfer("usdc", POISON, 5)) == alike


def test_peers_that_nobody_could_be_asked_for_are_unknown(world) -> None:
    call = world.transfer("usdc", "0x" + "5" * 40, 5)

    verdict = judged(world, lookalike(), call, static=True)
    assert verdict.decision == "deny"
    assert "whom the account dealt with lately is unknown" in verdict.reasons[0].actual
    assert looks(world, lookalike(), call)
    assert not looks(world, lookalike(), call, peers=())
    assert judged(world, lookalike("book"), call, static=True).decision == "allow"


def test_digits_that_fit_everything_are_a_fault(world) -> None:
    with pytest.raises(DocumentError, match="at least 2 hex digits"):
        bundle(world, lookalike("book", "first: 1, last: 0, "))
    assert bundle(world, lookalike("book", "first: 1, last: 1, "))


@pytest.mark.parametrize("names", ["[]", "[5]", "5"])
def test_what_names_no_list_is_a_fault(world, names: str) -> None:
    with pytest.raises(DocumentError, match="on_list names files of lists/"):
        bundle(world, DENY.replace("on_list: sanctioned", f"on_list: {names}"), sanctioned=LISTED)
