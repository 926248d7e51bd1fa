"""The operator holds every key and signs a false log: what does not agree with policy, people or bytes is refuted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from treasurer.policies.facts import Spent
from treasurer.policies.language.bundle import PolicyBundle
from treasurer.policies.proposal import Provenance
from treasurer.policies.verdict import Verdict
from treasurer.runtime.audit import export
from treasurer.runtime.audit.plain import to_plain
from treasurer.runtime.audit.verify import Report, verify
from treasurer.wallets.cid import RAW, cid_bytes, cid_link
from treasurer.wallets.keys import PrivateKey
from treasurer.wallets.values import hash_words

from . import story
from .story import ALICE, CAROL, CLEARANCE_KEY, Guard

Body = dict[str, Any]
STRANGER = PrivateKey(b"\x66" * 32)


def told(tmp_path: Path, bend: Callable[[str, Body], Body], tell: Callable[[Guard], None] = Guard.tell) -> Report:
    guard = Guard(tmp_path / "bot", bend=lambda kind, body: bend(kind, to_plain(body)))
    tell(guard)
    export(guard.log, tmp_path / "out.car")
    return verify(tmp_path / "out.car")


def only(kind: str, number: int, change: Callable[[Body], Body]) -> Callable[[str, Body], Body]:
    """Change the ``number``-th record of a kind."""
    seen = 0

    def bend(found: str, body: Body) -> Body:
        nonlocal seen
        if found != kind:
            return body
        seen += 1
        return change(body) if seen == number else body

    return bend


def inside(part: str, **fields: Any) -> Callable[[Body], Body]:
    return lambda body: {**body, part: {**body[part], **fields}}


def resigned(**fields: Any) -> Callable[[Body], Body]:
    """Another clearance, signed by the guard's own key."""
    from treasurer.wallets.clearance import Clearance

    def change(body: Body) -> Body:
        lie = Clearance.model_validate({**body["clearance"], **fields, "signature": "0x"}).sign(CLEARANCE_KEY)
        return {**body, "clearance": to_plain(lie)}

    return change


def by_stranger(body: Body) -> Body:
    from treasurer.wallets.clearance import Clearance

    return {**body, "clearance": to_plain(Clearance.model_validate(body["clearance"]).sign(STRANGER))}


def other_call(body: Body) -> Body:
    call = body["proposal"]["calls"][0]
    return {**body, "proposal": {**body["proposal"], "calls": [{**call, "data": call["data"][:-2] + "ff"}]}}


def other_policy(body: Body) -> Body:
    return {**body, "policy": cid_bytes(story.POLICY, RAW)}


def another_row(body: Body) -> Body:
    return {**body, "intent": body["intent"].replace(".0", ".1")}


def other_bytes(body: Body) -> Body:
    return {**body, "signing_hash": hash_words("x")}


@pytest.mark.parametrize(
    ("bend", "claim", "why"),
    [
        (only("judged", 2, inside("verdict", decision="allow")), "judgement 10", "the policy answers deny"),
        (only("judged", 1, inside("verdict", reasons=[])), "judgement 4", "with other reasons"),
        (only("judged", 1, inside("facts", stopped=True)), "judgement 4", "the policy answers deny"),
        (only("judged", 2, other_call), "digests", "record 10 is not that of the proposal"),
        (only("judged", 1, lambda body: {**body, "digest": hash_words("x")}), "digests", "record 4"),
        (only("judged", 1, lambda body: {**body, "key": hash_words("x")}), "digests", "another intent key"),
        (only("judged", 1, lambda body: {**body, "proposal": {}}), "judgement 4", "cannot be judged again"),
        (only("judged", 1, lambda body: {**body, "facts": {"at": "now"}}), "judgement 4", "cannot be judged again"),
        (only("judged", 1, other_policy), "judgement 4", "was in force"),
        (only("judged", 3, inside("facts", spent=[])), "windows", "left out what intent"),
        (only("cleared", 2, inside("facts", spent=[])), "windows", "left out what intent"),
        (only("approved", 1, lambda body: {**body, "signature": "0x" + "11" * 65}), "approval 13", "signature is none"),
        (only("approved", 1, lambda body: {**body, "address": CAROL.address}), "approval 13", "not by"),
        (only("approved", 1, lambda body: {**body, "person": "carol"}), "approval 13", "does not let carol approve"),
        (only("cleared", 1, by_stranger), "clearance 5", "not by the guard's key"),
        (only("cleared", 1, resigned(signing_hash=hash_words("x"))), "clearance 5", "another was cleared"),
        (only("cleared", 1, resigned(nonce=9)), "clearance 5", "another chain or nonce"),
        (only("cleared", 1, resigned(judged_block=7)), "clearance 5", "judged facts are of another"),
        (only("cleared", 1, resigned(digest=hash_words("x"))), "clearance 5", "no earlier record judges"),
        (only("cleared", 1, resigned(account=STRANGER.address)), "clearance 5", "another account"),
        (only("cleared", 1, inside("transaction", value="1")), "clearance 5", "not the call that was judged"),
        (only("cleared", 1, another_row), "clearance 5", "another call of the proposal"),
        (only("cleared", 1, inside("transaction", gas_limit=10**9)), "clearance 5", "the ceiling"),
        (only("cleared", 1, inside("facts", static=True)), "clearance 5", "without reading the chain"),
        (only("cleared", 1, inside("verdict", decision="deny")), "clearance 5", "what the policy denies"),
        (only("cleared", 1, resigned(kind="cancel")), "clearance 5", "more than use up the nonce"),
        (only("cleared", 1, resigned(kind="typed_data")), "clearance 5", "not that of the proposal's typed data"),
        (only("cleared", 1, lambda body: {**body, "transaction": None}), "clearance 5", "none is recorded"),
        (only("cleared", 1, lambda body: {**body, "clearance": {}}), "clearance 5", "holds no clearance"),
        (only("cleared", 1, inside("clearance", nonce=-1)), "clearance 5", "negative"),
        (only("broadcast", 1, other_bytes), "order 6", "without a clearance"),
        (only("broadcast", 1, lambda body: {**body, "nonce": 8}), "order 6", "nonce 8"),
        (only("broadcast", 1, lambda body: {**body, "raw_hash": hash_words("x")}), "order 6", "have another hash"),
        (only("included", 1, lambda body: {**body, "hash": hash_words("x")}), "order 7", "without a broadcast"),
        (only("opened", 1, lambda body: {**body, "nonce": 1}), "nonces", "nonce 1 of the wallet has no record"),
        (only("opened", 1, lambda body: {**body, "log_key": STRANGER.address}), "structure", "names the log key"),
    ],
)  # fmt: skip
def test_a_lie_is_refuted(tmp_path: Path, bend: Callable[[str, Body], Body], claim: str, why: str) -> None:
    report = told(tmp_path, bend)
    found = [item.why for item in report.claims if item.result == "refuted" and item.claim == claim]
    assert any(why in item for item in found), [item for item in report.claims if item.result == "refuted"]
    assert report.exit_status == 1


def without_approval(guard: Guard) -> None:
    large = guard.proposal(2000, 1)
    guard.submit(large)
    guard.execute(large)


def approved_by_a_stranger(guard: Guard) -> None:
    large = guard.proposal(2000, 1)
    guard.submit(large)
    guard.approve(large, person="carol", key=CAROL)
    guard.execute(large)


def approved_another(guard: Guard) -> None:
    large, other = guard.proposal(2000, 1), guard.proposal(1100, 2)
    guard.submit(large)
    guard.submit(other)
    guard.approve(other)
    guard.execute(large)


def approved_too_late(guard: Guard) -> None:
    from datetime import timedelta

    large = guard.proposal(2000, 1)
    guard.submit(large)
    guard.clock.time += timedelta(hours=2)
    guard.approve(large)
    guard.execute(large)


def never_judged(guard: Guard) -> None:
    small = guard.proposal(10, 1)
    row = Spent(intent=small.intent_key, counter="count", base_units=1)
    guard.ledger.reserve(story.WALLET.address, small.intent_key, [row])
    guard.execute(small)


@pytest.mark.parametrize(
    ("tell", "claim", "why"),
    [
        (without_approval, "clearance 3", "nobody did in time"),
        (approved_by_a_stranger, "clearance 4", "nobody did in time"),
        (approved_another, "clearance 6", "nobody did in time"),
        (approved_too_late, "clearance 4", "nobody did in time"),
        (never_judged, "clearance 1", "no earlier record judges"),
    ],
)
def test_people_must_have_approved(tmp_path: Path, tell: Callable[[Guard], None], claim: str, why: str) -> None:
    report = told(tmp_path, lambda kind, body: body, tell)
    assert any(item.claim == claim and why in item.why for item in report.claims if item.result == "refuted")


def test_a_checkpoint_must_come_before_the_broadcast(tmp_path: Path) -> None:
    guard = Guard(tmp_path / "bot", checkpoints=False)
    guard.tell()
    export(guard.log, tmp_path / "out.car")
    report = verify(tmp_path / "out.car")
    faults = [item.claim for item in report.claims if item.result == "refuted"]
    assert faults == ["order 6", "order 15"]


def test_a_nonce_that_is_left_out_is_told(tmp_path: Path) -> None:
    def tell(guard: Guard) -> None:
        guard.tell()
        guard.nonce += 2
        last = guard.proposal(1, 9)
        guard.submit(last)
        guard.execute(last)

    report = told(tmp_path, lambda kind, body: body, tell)
    faults = [item.why for item in report.claims if item.result == "refuted"]
    assert faults == ["nonce 5 of the wallet has no record", "nonce 6 of the wallet has no record"]


def test_a_changed_policy_judges_from_its_record_on(tmp_path: Path) -> None:
    stricter = PolicyBundle.from_bytes(story.POLICY.replace(b"usd: {max: 1000}", b"usd: {max: 10}"), story.book())

    def tell(guard: Guard) -> None:
        guard.submit(guard.proposal(100, 1))
        for cid, block in stricter.blocks().items():
            guard.log.put_block(block, cid_link(cid)[1])
        ordered = {"version": 2, **guard.order(stricter.cid, 2)}
        guard.record("policy_changed", {"policy": cid_link(stricter.cid), **ordered})
        guard.bundle = stricter
        assert guard.submit(guard.proposal(101, 2)).decision == "deny"

    assert told(tmp_path / "honest", lambda kind, body: body, tell).count("refuted") == 0

    def unannounced(guard: Guard) -> None:
        guard.submit(guard.proposal(100, 1))
        for cid, block in stricter.blocks().items():
            guard.log.put_block(block, cid_link(cid)[1])
        guard.bundle = stricter
        guard.submit(guard.proposal(101, 2))

    report = told(tmp_path / "lie", lambda kind, body: body, unannounced)
    assert any("was in force" in item.why for item in report.claims if item.claim == "judgement 4")


def test_the_files_of_a_policy_are_part_of_what_the_log_links_to(tmp_path: Path) -> None:
    files = {"abis/vault.json": b"[]", "lists/bad.txt": b""}
    with_files = PolicyBundle.from_bytes(story.POLICY, story.book(), files)

    def tell(blocks: dict[str, bytes]) -> Callable[[Guard], None]:
        def change(guard: Guard) -> None:
            for cid, block in blocks.items():
                guard.log.put_block(block, cid_link(cid)[1])
            ordered = {"version": 2, **guard.order(with_files.cid, 2)}
            guard.record("policy_changed", {"policy": cid_link(with_files.cid), **ordered})
            guard.bundle = with_files
            guard.submit(guard.proposal(100, 1))

        return change

    assert told(tmp_path, lambda kind, body: body, tell(with_files.blocks())).count("refuted") == 0


def test_the_guard_may_deny_for_reasons_of_its_own(tmp_path: Path) -> None:
    def deny(body: Body) -> Body:
        verdict = to_plain(Verdict.model_validate(body["verdict"]))
        own = {"rule": "pending", "condition": "", "actual": "", "limit": "", "message": "16 wait already"}
        return {
            **body,
            "verdict": {**to_plain(verdict), "decision": "deny", "reasons": [*body["verdict"]["reasons"], own]},
        }

    def tell(guard: Guard) -> None:
        guard.submit(guard.proposal(100, 1))

    report = told(tmp_path, only("judged", 1, deny), tell)
    assert report.count("refuted") == 0
    assert any("own reason: pending" in item.why for item in report.claims)


def test_an_amount_counted_for_less_is_told(tmp_path: Path) -> None:
    def less(body: Body) -> Body:
        spent = [{**row, "usd": "1"} if row["counter"] == "outflow" else row for row in body["facts"]["spent"]]
        return {**body, "facts": {**body["facts"], "spent": spent}}

    report = told(tmp_path, only("judged", 3, less))
    assert any(item.claim == "windows" and "counts less" in item.why for item in report.claims)


def test_an_unknown_reservation_is_told(tmp_path: Path) -> None:
    def more(body: Body) -> Body:
        row = {"intent": hash_words("nobody"), "counter": "count", "base_units": "1"}
        return {**body, "facts": {**body["facts"], "spent": [*body["facts"]["spent"], row]}}

    report = told(tmp_path, only("judged", 3, more))
    assert any(item.claim == "windows" and "no earlier record reserved" in item.why for item in report.claims)


def labelled(guard: Guard, label: str) -> None:
    stranger = "0x" + "bb" * 20
    guard.submit(guard.proposal(50, 1, to=stranger).model_copy(update={"provenance": {stranger: Provenance(label)}}))


@pytest.mark.parametrize("label", ["user", "operator"])
def test_a_label_that_nobody_stands_for_is_refuted(tmp_path: Path, label: str) -> None:
    report = told(tmp_path, lambda kind, body: body, lambda guard: labelled(guard, label))
    assert any(item.claim == "provenance" and item.result == "refuted" for item in report.claims)


@pytest.mark.parametrize("label", ["user", "untrusted"])
def test_a_label_that_words_or_caution_stand_for_is_verified(tmp_path: Path, label: str) -> None:
    def tell(guard: Guard) -> None:
        guard.record("said", {"person": "alice", "words": "pay 50 usdc to 0x" + "BB" * 20})
        labelled(guard, label)

    report = told(tmp_path, lambda kind, body: body, tell)
    assert report.count("refuted") == 0


def test_alice_is_who_the_book_says() -> None:
    assert PolicyBundle.from_bytes(story.POLICY, story.book()).book.people["alice"].address == ALICE.address
