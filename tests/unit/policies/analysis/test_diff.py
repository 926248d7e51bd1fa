"""diff: what becomes possible, what no longer is, each with an example that both policies judged."""

from __future__ import annotations

from treasurer.policies.analysis.diff.diff import diff
from treasurer.policies.analysis.worlds import World

ONE = "rules:\n  - {id: pay, allow: transfer, when: {to: {book: payees}, usd: {max: 100}}}\n"
ASK = "approvals: {quorum: 1, of: [owner], expires: 1h}"
LIMIT = "limits: [{id: day, counts: outflow, asset: usd, window: 24h, max: 1000}]\n"


def weights(changes) -> list[str]:
    return [change.weight for change in changes]


def test_identical_policies_differ_in_nothing_and_words_are_no_difference(bundle) -> None:
    assert diff(bundle(ONE), bundle(ONE)) == ()
    assert diff(bundle(ONE), bundle("# the same\n" + ONE)) == ()
    same = "rules:\n  - {id: pay, allow: transfer, when: {usd: {max: 100}, to: [{book: payees}]}}\n"
    assert diff(bundle(ONE), bundle(same)) == (), "another way to write it"


def test_a_wider_bound_opens_the_band_between(bundle) -> None:
    before, after = bundle(ONE), bundle(ONE.replace("max: 100", "max: 300"))
    (change,) = diff(before, after)
    assert (change.weight, "worth USD 100.00 to 300.00: deny to allow" in change.what) == ("opened", True)
    assert change.sample is not None
    for world, verdict in ((World(before), "deny"), (World(after), "allow")):
        assert world.judge(change.sample.proposal, change.sample.at)[0].decision == verdict
    (back,) = diff(after, before)
    assert (back.weight, "allow to deny" in back.what) == ("closed", True)
    assert back.sample is not None
    assert (back.sample.before.decision, back.sample.after.decision) == ("allow", "deny")


def test_what_no_longer_needs_people_is_told(bundle) -> None:
    asked = f"rules:\n  - {{id: ask, escalate: transfer, when: {{to: alice}}, {ASK}}}\n"
    alone = "rules:\n  - {id: ask, allow: transfer, when: {to: alice}}\n"
    (change,) = diff(bundle(asked), bundle(alone))
    assert (change.weight, "escalate to allow" in change.what) == ("opened", True)


def test_a_new_recipient_without_a_rule_is_a_danger_and_named_by_the_rule_that_pays_it(bundle, world) -> None:
    book = bundle(ONE).book_bytes.decode()
    more = book.replace("payees:\n", 'payees:\n  carol: {address: "0x' + "3" * 40 + '", chains: [1]}\n')
    changes = diff(bundle(ONE, book), bundle(ONE, more))
    assert weights(changes) == ["danger", "opened"]
    assert changes[0].what.startswith("new in payees: carol is 0x3333")
    assert "to carol" in changes[1].what


def test_a_changed_address_comes_first(bundle, world) -> None:
    book = bundle(ONE).book_bytes.decode()
    moved = book.replace("0xa11Ce00000000000000000000000000000000a11", "0x" + "3" * 40)
    changes = diff(bundle(ONE, book), bundle(LIMIT + ONE, moved))
    assert "payees.alice on chain 1, 31337 is another address" in changes[0].what
    assert "the limit day is new" in " ".join(change.what for change in changes)
    assert weights(changes) == sorted(weights(changes), key=["danger", "opened", "changed", "closed"].index)


def test_limits_breakers_and_quorums_are_compared(bundle) -> None:
    breaker = "breakers: [{id: drop, when: {portfolio_usd: {drop_pct: 10, window: 24h}}, then: stop}]\n"
    asks = f"rules:\n  - {{id: ask, escalate: transfer, when: {{to: alice}}, {ASK}}}\n"
    before, after = bundle(LIMIT + asks + breaker), bundle(LIMIT.replace("1000", "2000") + asks.replace("1h", "2h"))
    words = {change.what: change.weight for change in diff(before, after)}
    assert words["the breaker drop is gone"] == "opened"
    limit = "the limit day is now outflow of at most 2000 usd in 24h, was outflow of at most 1000 usd in 24h"
    assert words[limit] == "opened"
    assert words["ask asks 1 of owner within 2h, was 1 of owner within 1h"] == "changed"


def test_another_slippage_is_found_by_a_swap(bundle) -> None:
    trade = "rules: [{id: trade, allow: swap, when: {recipient: self, slippage_bps: {max: 50, against: oracle}}}]"
    (change,) = diff(bundle(trade), bundle(trade.replace("50", "90")))
    assert change.weight == "opened"
    assert change.what.startswith("swap of")
